using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Reads the boot sector, or the backup of it behind the last sector of the volume when it is gone or makes no sense.</summary>
/// <remarks>Limitations: the copy in the middle of volumes that NT 3.51 made is not looked for.</remarks>
internal static class BootSectorLocator
{
    // A partition is made a little larger than the volume in it, so the backup need not be its last sector.
    private const int SearchedTail = 1 << 20;

    /// <summary>The geometry, and the sector it was read from.</summary>
    /// <exception cref="UnknownFormatException">There is no boot sector and no backup of one.</exception>
    /// <exception cref="CorruptDataException">Both are unusable; the message names what is wrong with the first.</exception>
    public static (NtfsGeometry Geometry, byte[] Sector, long Offset) Find(IByteSource volume, NtfsDiagnostics diagnostics)
    {
        byte[] primary = volume.ReadArray(0, NtfsBootSector.Size);
        CorruptDataException? problem = null;
        bool isNamed = NtfsBootSector.HasSignature(primary);
        if (isNamed)
        {
            problem = TryRead(primary, 0, out NtfsGeometry? geometry);
            if (geometry is not null)
            {
                return (geometry, primary, 0);
            }
        }
        (NtfsGeometry Geometry, byte[] Sector, long Offset)? backup = FindBackup(volume);
        if (backup is null)
        {
            throw problem ?? (ForensicException)new UnknownFormatException("no NTFS boot sector and no backup of one");
        }
        string place = backup.Value.Offset.ToString(CultureInfo.InvariantCulture);
        diagnostics.Report("ntfs.boot.backup", $"the boot sector is damaged; its backup at byte {place} is used",
            problem?.Expected ?? "NTFS at byte 3", problem?.Actual ?? "something else", 0);
        return backup.Value;
    }

    private static CorruptDataException? TryRead(byte[] sector, long offset, out NtfsGeometry? geometry)
    {
        try
        {
            geometry = new NtfsBootSector(sector).ToGeometry(offset);
            return null;
        }
        catch (CorruptDataException exception)
        {
            geometry = null;
            return exception;
        }
    }

    /// <summary>The last sector that names itself one and stands where the volume it describes ends.</summary>
    private static (NtfsGeometry Geometry, byte[] Sector, long Offset)? FindBackup(IByteSource volume)
    {
        long from = Math.Max(NtfsBootSector.Size, volume.Length - SearchedTail) / NtfsBootSector.Size * NtfsBootSector.Size;
        byte[] tail = volume.ReadArray(from, SearchedTail + NtfsBootSector.Size);
        for (int at = (tail.Length / NtfsBootSector.Size - 1) * NtfsBootSector.Size; at >= 0; at -= NtfsBootSector.Size)
        {
            byte[] sector = tail[at..(at + NtfsBootSector.Size)];
            if (NtfsBootSector.HasSignature(sector) && new NtfsBootSector(sector).VolumeSize == from + at && TryRead(sector, from + at, out NtfsGeometry? geometry) is null)
            {
                return (geometry!, sector, from + at);
            }
        }
        return null;
    }
}
