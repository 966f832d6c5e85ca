using System.Text.Json;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Reports;

/// <summary>The report for programs, described by <c>docs/report.schema.json</c>. Streams, so memory does not grow with the report.</summary>
/// <remarks>Limitations: a lone surrogate in evidence text is written as the eight characters <c>\u{d800}</c>.</remarks>
public sealed class JsonReport : IReportWriter
{
    /// <inheritdoc/>
    public string Format => "json";

    /// <inheritdoc/>
    public void Write(Report report, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            json.WriteStartObject();
            json.WriteString("schemaVersion", Report.CurrentSchemaVersion);
            WriteTool(json, report.Tool);
            ImageJson.Write(json, report.Image);
            WriteHosts(json, report.Hosts);
            json.WriteStartObject("risk");
            json.WriteNumber("score", report.Risk.Score);
            json.WriteString("verdict", report.Risk.Verdict);
            json.WriteEndObject();
            WriteArray(json, "findings", report.Findings, WriteFinding);
            WriteArray(json, "artifacts", report.Artifacts, WriteArtifact);
            LogJson.Write(json, report.Logs);
            WriteArray(json, "diagnostics", report.Diagnostics, WriteDiagnostic);
            WriteCoverage(json, report.Coverage);
            WriteRun(json, report.Run);
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }

    /// <summary>The <c>hosts</c> array; <c>info</c> writes the same one.</summary>
    internal static void WriteHosts(Utf8JsonWriter json, IReadOnlyList<HostInfo> hosts) => WriteArray(json, "hosts", hosts, static (json, host) =>
    {
        json.Text("volume", host.Volume);
        json.Text("osId", host.OsId);
        json.Texts("osLike", host.OsLike);
        json.Text("osName", host.OsName);
        json.Text("osVersion", host.OsVersion);
        json.Text("hostName", host.HostName);
        json.Text("machineId", host.MachineId);
        json.Text("timeZone", host.TimeZone);
        json.WriteBoolean("usesSystemd", host.UsesSystemd);
        if (host.Container is { } container)
        {
            json.WriteStartObject("container");
            json.Text("engine", container.Engine);
            json.Text("id", container.Id);
            json.Text("name", container.Name);
            json.Text("image", container.Image);
            json.Text("hostVolume", container.HostVolume);
            json.WriteEndObject();
        }
        json.Texts("volumes", host.Volumes);
        if (host.PackageManagers is { } managers)
        {
            json.Counts("packageManagers", managers);
        }
        if (host.Mounts.Count > 0)
        {
            WriteArray(json, "mounts", host.Mounts, static (json, mount) =>
            {
                json.Text("mountPoint", mount.MountPoint);
                json.Text("source", mount.Source);
                json.Text("fileSystemType", mount.FileSystemType);
                json.Text("volume", mount.Volume);
                json.WriteBoolean("isFollowed", mount.IsFollowed);
                json.Text("note", mount.Note);
                json.Text("from", mount.From);
            });
        }
    });

    /// <summary>The <c>diagnostics</c> array; <c>info</c> writes the same one.</summary>
    internal static void WriteDiagnostics(Utf8JsonWriter json, IReadOnlyList<Diagnostic> diagnostics) => WriteArray(json, "diagnostics", diagnostics, WriteDiagnostic);

    /// <summary>The <c>journal</c> object of a volume; <c>info</c> writes the same one. Nothing without a journal.</summary>
    internal static void WriteJournal(Utf8JsonWriter json, JournalInfo? journal)
    {
        if (journal is null)
        {
            return;
        }
        json.WriteStartObject("journal");
        json.Text("view", journal.View);
        json.WriteNumber("transactions", journal.Transactions);
        json.WriteNumber("blocks", journal.Blocks);
        json.WriteNumber("revokedBlocks", journal.RevokedBlocks);
        json.WriteNumber("fastCommits", journal.FastCommits);
        json.Text("firstCommit", journal.FirstCommit?.ToString());
        json.Text("lastCommit", journal.LastCommit?.ToString());
        json.Text("problem", journal.Problem);
        json.WriteEndObject();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> writeProperties)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            writeProperties(json, item);
            json.WriteEndObject();
            json.FlushWhenFull();
        }
        json.WriteEndArray();
    }

    private static void WriteTool(Utf8JsonWriter json, ToolInfo tool)
    {
        json.WriteStartObject("tool");
        json.Text("name", tool.Name);
        json.Text("version", tool.Version);
        json.Text("profile", tool.Profile);
        json.Text("yaraVersion", tool.YaraVersion);
        WriteArray(json, "ruleSets", tool.RuleSets, static (json, file) =>
        {
            json.Text("name", file.Key);
            json.Text("sha256", file.Value);
        });
        json.WriteEndObject();
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding)
    {
        json.Text("ruleId", finding.Rule.Id);
        json.Text("title", finding.Rule.Title);
        json.WriteString("severity", SeverityName(finding.Severity));
        json.Text("category", finding.Rule.Category);
        WritePlace(json, finding.Location);
        json.Texts("techniques", finding.Techniques.Count > 0 ? finding.Techniques : finding.Rule.Techniques);
        json.Text("message", finding.Message);
        json.Text("evidence", finding.Evidence);
        if (finding.Hashes is FileHashes hashes)
        {
            json.WriteStartObject("hashes");
            json.Text("md5", hashes.Md5);
            json.Text("sha1", hashes.Sha1);
            json.Text("sha256", hashes.Sha256);
            json.WriteEndObject();
        }
        WriteArray(json, "related", finding.Related, static (json, file) =>
        {
            json.Text("path", file.Path);
            json.Text("relation", file.Relation);
        });
        json.Texts("remediation", finding.Remediation);
    }

    private static string SeverityName(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.High => "high",
        Severity.Medium => "medium",
        Severity.Low => "low",
        _ => "info",
    };

    private static void WritePlace(Utf8JsonWriter json, EvidenceLocation place)
    {
        json.Text("path", place.Path);
        json.Text("volume", place.Volume);
        json.WriteNumber("volumeOffset", place.VolumeOffset);
        json.WriteNumber("inode", place.MetadataAddress);
        json.Text("stream", place.Stream);
        json.Number("line", place.Line);
        json.Number("byteOffset", place.ByteOffset);
        if (place.Allocation != Parsers.Allocation.Allocated)
        {
            json.Text("allocation", StateNames.Of(place.Allocation));
        }
        json.Text("certainty", place.Certainty is { } certainty ? StateNames.Of(certainty) : null);
        json.Number("journalCopy", place.JournalCopy);
        if (place.JournalState != Parsers.JournalState.Unchanged)
        {
            json.Text("journalState", StateNames.Of(place.JournalState));
        }
        json.Text("shadowedBy", place.ShadowedBy);
        json.Text("outerPath", place.OuterPath);
    }

    /// <summary>The properties of an artefact.</summary>
    internal static void WriteArtifact(Utf8JsonWriter json, Artifact artifact)
    {
        json.Text("kind", artifact.Kind);
        WritePlace(json, artifact.Location);
        json.WriteStartObject("fields");
        artifact.Visit(new FieldWriter(json));
        json.WriteEndObject();
    }

    private static void WriteDiagnostic(Utf8JsonWriter json, Diagnostic diagnostic)
    {
        json.Text("code", diagnostic.Code);
        json.Text("message", diagnostic.Message);
        json.Text("volume", diagnostic.Volume);
        json.Text("path", diagnostic.Path);
        if (diagnostic.MetadataAddress is ulong inode)
        {
            json.WriteNumber("inode", inode);
        }
        json.Number("offset", diagnostic.Offset);
        json.Text("expected", diagnostic.Expected);
        json.Text("actual", diagnostic.Actual);
        json.WriteBoolean("losesContent", diagnostic.LosesContent);
    }

    private static void WriteCoverage(Utf8JsonWriter json, CoverageSummary coverage)
    {
        json.WriteStartObject("coverage");
        json.WriteNumber("seen", coverage.Seen);
        json.WriteNumber("examined", coverage.Examined);
        json.Counts("skipped", coverage.Skipped);
        json.WriteNumber("volumesSeen", coverage.VolumesSeen);
        json.WriteNumber("volumesExamined", coverage.VolumesExamined);
        json.Counts("volumesSkipped", coverage.VolumesSkipped);
        json.WriteBoolean("isIncomplete", coverage.IsIncomplete);
        json.Texts("incompleteBecause", coverage.IncompleteBecause);
        json.Counts("notes", coverage.Notes);
        json.Counts("origins", coverage.Origins);
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, RunInfo run)
    {
        json.WriteStartObject("run");
        json.WriteString("started", run.Started.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteNumber("seconds", double.IsFinite(run.Seconds) ? Math.Round(run.Seconds, 3) : 0);
        json.WriteNumber("threads", run.Threads);
        json.WriteNumber("bytesRead", run.BytesRead);
        json.Text("imagePath", run.ImagePaths.Count > 0 ? run.ImagePaths[0] : null);
        if (run.ImagePaths.Count > 1)
        {
            json.Texts("imagePaths", run.ImagePaths);
        }
        json.WriteEndObject();
    }

    /// <summary>Fields of an artefact as properties.</summary>
    private sealed class FieldWriter(Utf8JsonWriter json) : IFieldVisitor
    {
        public void Text(string name, string? value) => json.Text(name, value);

        public void Number(string name, long? value) => json.Number(name, value);

        public void Flag(string name, bool? value)
        {
            if (value is bool flag)
            {
                json.WriteBoolean(name, flag);
            }
        }

        public void Time(string name, Parsers.Timestamp? value) => json.Text(name, value?.ToString());

        public void List(string name, IReadOnlyList<string> values) => json.Texts(name, values);
    }
}
