using System.Globalization;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// One text file while it is parsed: hands out its lines, counts artefacts and diagnostics so that a hostile file cannot flood the report,
/// and says out loud what was not read.
/// </summary>
internal sealed class ArtifactFile(ArtifactInput input, IArtifactSink sink, string code)
{
    private const int MostDiagnostics = 20;

    private int _artifacts;
    private int _diagnostics;

    /// <summary>The file.</summary>
    public ArtifactInput Input => input;

    /// <summary>False once the file has yielded as many artefacts as it may.</summary>
    public bool HasRoom => _artifacts < input.Limits.ArtifactsPerFile;

    /// <summary>The lines; a line or file that was cut gives a diagnostic.</summary>
    public IEnumerable<TextLine> Lines()
    {
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits))
        {
            if (line.IsCut)
            {
                Report("line-cut", "a line is longer than the limit, its end was not read", line, losesContent: true);
            }
            yield return line;
        }
        ReportTruncation();
    }

    /// <summary>Says so when the content was cut.</summary>
    public void ReportTruncation()
    {
        if (input.IsTruncated)
        {
            sink.Report(new Diagnostic(code + ".truncated", "the file is larger than the limit, its end was not read")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Offset = input.Content.Length, LosesContent = true,
            });
        }
    }

    /// <summary>Hands an artefact on; false when the limit is reached, which ends the parsing of this file.</summary>
    public bool Add(Artifact artifact)
    {
        if (!HasRoom)
        {
            return false;
        }
        sink.Add(artifact);
        _artifacts++;
        if (!HasRoom)
        {
            sink.Report(new Diagnostic(code + ".limit", "the file holds more entries than the limit, the rest was not read")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true,
                Actual = _artifacts.ToString(CultureInfo.InvariantCulture),
            });
        }
        return HasRoom;
    }

    /// <summary>Reports a defect of a line, or of the file when the line is the default one; after the twentieth of a file the others are dropped.</summary>
    public void Report(string what, string message, TextLine line, bool losesContent = false, string? expected = null, string? actual = null)
    {
        _diagnostics++;
        if (_diagnostics > MostDiagnostics)
        {
            return;
        }
        sink.Report(new Diagnostic(code + "." + what, line.Number == 0 ? message : string.Create(CultureInfo.InvariantCulture, $"line {line.Number}: {message}"))
        {
            Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Offset = line.ByteOffset, LosesContent = losesContent,
            Expected = expected, Actual = actual,
        });
    }
}
