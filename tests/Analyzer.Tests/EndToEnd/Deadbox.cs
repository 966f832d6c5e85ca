using System.Text;
using System.Text.Json.Nodes;
using Forensics.Analyzer.Commands;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Runs the program in this process as a user would: arguments in, streams and exit code out.</summary>
internal static class Deadbox
{
    public static (int Code, byte[] Output, string Error) Run(params string[] arguments)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        int code = CommandLine.Run(arguments, output, error);
        return (code, output.ToArray(), error.ToString());
    }

    public static string Text(params string[] arguments)
    {
        (int code, byte[] output, string error) = Run(arguments);
        return code == 0 ? Encoding.UTF8.GetString(output) : throw new InvalidOperationException($"exit {code}: {error}");
    }

    /// <summary>A JSON report without the block that may differ between runs.</summary>
    public static (JsonObject Report, string Canonical) Scan(string image, params string[] options)
    {
        string text = Text(["scan", image, "--format", "json", "-q", .. options]);
        JsonObject report = JsonNode.Parse(text)!.AsObject();
        JsonObject copy = report.DeepClone().AsObject();
        copy.Remove("run");
        return (report, copy.ToJsonString());
    }
}
