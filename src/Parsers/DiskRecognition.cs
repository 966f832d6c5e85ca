using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Volumes;

namespace Forensics.Parsers;

/// <summary>Whether bytes look like the beginning of a disk: for the members of archives, where most files are something else.</summary>
/// <remarks>Limitations: what only the end of a disk shows (a backup GPT, RAID metadata 0.90 and 1.0) is not seen.</remarks>
public static class DiskRecognition
{
    private const int LargestHeader = 68 << 10;

    /// <summary>What the disk holds (<c>gpt</c>, <c>mbr</c>, a file system, a volume manager); null when nothing is known.</summary>
    /// <param name="beginning">The first 68 KiB or more of the disk.</param>
    public static string? Identify(IByteSource beginning)
    {
        byte[] head = beginning.ReadArray(0, LargestHeader);
        foreach (IFormat<IVolumeSystem> format in Catalog.VolumeSystems)
        {
            if (format is not NoTable && format.Matches(head))
            {
                return format.Name;
            }
        }
        foreach (IFormat<IFileSystem> format in Catalog.FileSystems)
        {
            if (format.Matches(head))
            {
                return format.Name;
            }
        }
        // Two bytes are the whole magic of ext; its reader, which asked above, looks at more.
        return KnownSignatures.Identify(beginning) is { } known and not KnownSignatures.Empty and not "ext" ? known : null;
    }
}
