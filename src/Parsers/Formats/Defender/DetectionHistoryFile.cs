using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Defender;

/// <summary>
/// A file below <c>Scans\History\Service\DetectionHistory</c>: values one after the other, each with its length, its type and padding to eight bytes; three groups that begin with a text
/// <c>Magic.Version:...</c>. Layout: libyal, "Windows Defender scan DetectionHistory file format".
/// </summary>
/// <remarks><b>Limitations:</b> of the tracking data of a threat nothing is read; values whose meaning nobody knows are passed over.</remarks>
public static class DetectionHistoryFile
{
    private const int HeaderSize = 8;
    private const int Alignment = 8;
    private const uint Text = 0x15;
    private const uint FileTime = 0x0A;
    private const int MostValues = 100_000;
    private const int MostResources = 256;
    private const int LongestText = 64 << 10;
    private const string Magic = "Magic.Version:";

    // Numbers of the values within a group.
    private const int ThreatName = 1;
    private const int ResourceType = 1;
    private const int ResourceName = 2;
    private const int ChangeTime = 6;
    private const int User = 12;
    private const int Process = 14;
    private const int DetectionTime = 18;

    /// <summary>Reads the file.</summary>
    /// <param name="data">The file.</param>
    /// <param name="diagnostics">Takes word of local damage.</param>
    /// <exception cref="CorruptDataException">No value names a threat.</exception>
    public static DefenderRecord Parse(ReadOnlySpan<byte> data, IDiagnosticSink diagnostics)
    {
        string? threat = null, process = null, user = null, type = null;
        Timestamp? detected = null, changed = null;
        var resources = new List<DefenderResource>();
        int group = 0, number = 0, at = 0;
        for (int count = 0; count < MostValues && at <= data.Length - HeaderSize; count++)
        {
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);
            uint kind = BinaryPrimitives.ReadUInt32LittleEndian(data[(at + 4)..]);
            if (size > data.Length - at - HeaderSize)
            {
                diagnostics.Report(new Diagnostic("defender.history.value", "a value is longer than what is left of the file") { Offset = at, Expected = $"at most {data.Length - at - HeaderSize} bytes", Actual = $"{size} bytes" });
                break;
            }
            ReadOnlySpan<byte> content = data.Slice(at + HeaderSize, (int)size);
            string? text = kind == Text ? Decode(content) : null;
            Timestamp? time = kind == FileTime && content.Length >= 8 && BinaryPrimitives.ReadUInt64LittleEndian(content) is > 0 and var ticks ? Timestamp.FromFileTime(ticks) : null;
            if (text?.StartsWith(Magic, StringComparison.Ordinal) == true)
            {
                // A third group may be repeated, one for each resource.
                group = Math.Min(group + 1, 2);
                number = 0;
            }
            switch (group, number)
            {
                case (1, ThreatName): threat ??= text; break;
                case (2, ResourceType): type = text; break;
                case (2, ResourceName) when text is { Length: > 0 } && resources.Count < MostResources: resources.Add(new DefenderResource(type ?? "", text)); break;
                case (2, ChangeTime): changed ??= time; break;
                case (2, User): user ??= text; break;
                case (2, Process): process ??= text; break;
                case (2, DetectionTime): detected ??= time; break;
                default: break;
            }
            number++;
            // The length from the disk is within the file, so this ends.
            at = checked(at + HeaderSize + (int)size);
            at += (Alignment - at % Alignment) % Alignment;
        }
        return threat is { Length: > 0 } name ? new DefenderRecord(name, resources) { Time = detected ?? changed, Process = NullIfEmpty(process), User = NullIfEmpty(user) }
            : throw new CorruptDataException("defender.history", 0, "a value with the name of a threat", "none");
    }

    private static string Decode(ReadOnlySpan<byte> content) => Encoding.Unicode.GetString(content.Length > LongestText ? content[..LongestText] : content).TrimEnd('\0');

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
