using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.ExecutionTraces;

/// <summary>A program that the Background Activity Moderator or the Desktop Activity Moderator noted.</summary>
/// <param name="Path">Path from the device on, or the name of a package.</param>
/// <param name="LastRun">When it ran last.</param>
public sealed record BackgroundActivityEntry(string Path, Timestamp LastRun);

/// <summary>Values of <c>bam\State\UserSettings\{SID}</c> and <c>dam\...</c> (Windows 10 1709 and later): the name is the program, the data begin with a FILETIME.</summary>
public static class BackgroundActivity
{
    /// <summary>Reads a value; null when it is none (<c>Version</c>, <c>SequenceNumber</c>).</summary>
    public static BackgroundActivityEntry? TryParse(string valueName, ReadOnlySpan<byte> data)
    {
        var view = new FieldView(data, "bam");
        return data.Length >= 8 && valueName.Length > 0 && view.FileTime(0) is { } time ? new BackgroundActivityEntry(valueName, time) : null;
    }
}
