using System.Diagnostics;
using System.Text;
using System.Xml.Linq;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.EventLog;

/// <summary>A record as <c>evtxexport</c> of libevtx reads it: the oracle.</summary>
/// <param name="System">Properties of the system part: element, or element@attribute, and value.</param>
/// <param name="Data">Names and values of the data in order.</param>
public sealed record ExportedEvent(IReadOnlyDictionary<string, string> System, IReadOnlyList<(string Name, string Value)> Data);

/// <summary>Runs <c>evtxexport</c> and reads the XML it writes.</summary>
internal static class EvtxExport
{
    private const string Tool = "evtxexport";

    /// <summary>Skips the running test when the tool is not installed.</summary>
    public static void Require()
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, Tool))))
        {
            Assert.Skip(Tool + " (libevtx-utils) absent");
        }
    }

    /// <summary>Events of a file: mode <c>items</c> or <c>recovered</c>.</summary>
    public static List<ExportedEvent> Read(string path, string mode)
    {
        var start = new ProcessStartInfo(Tool, ["-f", "xml", "-m", mode, path]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var found = new List<ExportedEvent>();
        var text = new StringBuilder();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("<Event", StringComparison.Ordinal))
            {
                text.Clear();
            }
            text.Append(line).Append('\n');
            if (line == "</Event>")
            {
                found.Add(Parse(text.ToString()));
            }
        }
        process.WaitForExit();
        _ = errors.GetAwaiter().GetResult();
        return found;
    }

    private static ExportedEvent Parse(string xml)
    {
        XElement root = XElement.Parse(xml, LoadOptions.PreserveWhitespace);
        var system = new Dictionary<string, string>(StringComparer.Ordinal);
        var data = new List<(string, string)>();
        foreach (XElement part in root.Elements())
        {
            foreach (XElement element in part.Elements())
            {
                if (part.Name.LocalName == "System")
                {
                    system.TryAdd(element.Name.LocalName, element.Value);
                    foreach (XAttribute attribute in element.Attributes())
                    {
                        system.TryAdd(element.Name.LocalName + "@" + attribute.Name.LocalName, attribute.Value);
                    }
                }
                else if (part.Name.LocalName == "UserData")
                {
                    data.AddRange(element.Descendants().Where(leaf => !leaf.HasElements).Select(leaf => (leaf.Name.LocalName, leaf.Value)));
                }
                else
                {
                    data.Add((element.Attribute("Name")?.Value ?? (element.Name.LocalName == "Data" ? "" : element.Name.LocalName), element.Value));
                }
            }
        }
        return new ExportedEvent(system, data);
    }
}
