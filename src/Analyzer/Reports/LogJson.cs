using System.Text.Json;
using Forensics.Parsers.Artifacts.Linux.Logs;

namespace Forensics.Analyzer.Reports;

/// <summary>The <c>logs</c> array of the JSON report.</summary>
internal static class LogJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<LogSummary> logs)
    {
        json.WriteStartArray("logs");
        foreach (LogSummary host in logs)
        {
            json.WriteStartObject();
            json.Text("volume", host.Volume);
            json.WriteNumber("filesRead", host.FilesRead);
            json.Text("firstTime", host.First?.ToString());
            json.Text("lastTime", host.Last?.ToString());
            json.Counts("events", host.Counts);
            json.WriteStartArray("notRead");
            foreach ((string path, string reason) in host.NotRead)
            {
                json.WriteStartObject();
                json.Text("path", path);
                json.Text("reason", reason);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("logins");
            foreach (LoginSummary login in host.Logins)
            {
                json.WriteStartObject();
                json.Text("user", login.User);
                json.Number("userId", login.UserId);
                json.Text("method", login.Method);
                json.Text("remoteAddress", login.RemoteAddress);
                json.Text("keyFingerprint", login.KeyFingerprint);
                json.WriteNumber("count", login.Count);
                json.Text("firstTime", login.First?.ToString());
                json.Text("lastTime", login.Last?.ToString());
                json.Text("timeBasis", login.TimeBasis);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteEvents(json, "gaps", host.Gaps);
            WriteEvents(json, "cited", host.Cited);
            json.WriteEndObject();
            json.FlushWhenFull();
        }
        json.WriteEndArray();
    }

    private static void WriteEvents(Utf8JsonWriter json, string name, IReadOnlyList<LogEvent> events)
    {
        json.WriteStartArray(name);
        foreach (LogEvent found in events)
        {
            json.WriteStartObject();
            JsonReport.WriteArtifact(json, found);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
