using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>Checks the numbers of a volume section and puts them into words.</summary>
internal static class EwfGeometryReader
{
    /// <summary>Largest chunk: the largest of any tool is 32,768 sectors of 512 bytes, and four times that is allowed.</summary>
    private const ulong MaxChunkSize = 64 << 20;

    /// <summary>The geometry. Throws <see cref="CorruptDataException"/> when the numbers cannot be, <see cref="UnsupportedFeatureException"/> for logical evidence.</summary>
    public static EwfGeometry Read(in EwfVolumeData volume, string identifier, long offset)
    {
        if (volume.IsLarge && volume.MediaType == 0x0E)
        {
            throw new UnsupportedFeatureException("EWF logical evidence (media type 14); extract the files with the tool that made it");
        }
        ulong chunkSize = (ulong)volume.SectorsPerChunk * volume.BytesPerSector;
        if (chunkSize is 0 or > MaxChunkSize)
        {
            throw new CorruptDataException("ewf.volume.chunk-size", offset, "1 to " + MaxChunkSize + " bytes",
                string.Create(CultureInfo.InvariantCulture, $"{volume.SectorsPerChunk} sectors of {volume.BytesPerSector} bytes"));
        }
        if (volume.NumberOfSectors > (1UL << 62) / volume.BytesPerSector)
        {
            throw new CorruptDataException("ewf.volume.sectors", offset, "a disk below 2^62 bytes", volume.NumberOfSectors.ToString(CultureInfo.InvariantCulture) + " sectors");
        }
        long size = (long)volume.NumberOfSectors * volume.BytesPerSector;
        return new EwfGeometry((int)chunkSize, size, volume.NumberOfChunks, identifier)
        {
            BytesPerSector = volume.BytesPerSector,
            Facts =
            [
                new("variant", volume.IsSmart ? "EWF-S01 (SMART)" : volume.IsLarge ? "EWF-E01" : "EWF (ASR Data)"),
                new("virtual size", size.ToString(CultureInfo.InvariantCulture)),
                new("chunk size", chunkSize.ToString(CultureInfo.InvariantCulture)),
                new("bytes per sector", volume.BytesPerSector.ToString(CultureInfo.InvariantCulture)),
                .. volume.IsLarge ? Large(volume, identifier) : [],
            ],
        };
    }

    private static List<KeyValuePair<string, string>> Large(in EwfVolumeData volume, string identifier)
    {
        var facts = new List<KeyValuePair<string, string>>
        {
            new("media type", volume.MediaType switch
            {
                0 => "removable",
                1 => "fixed",
                3 => "optical",
                0x10 => "memory",
                byte other => other.ToString(CultureInfo.InvariantCulture),
            }),
            new("physical device", (volume.MediaFlags & 2) != 0 ? "yes" : "no"),
            new("compression level", volume.CompressionLevel switch
            {
                0 => "none",
                1 => "good",
                2 => "best",
                byte other => other.ToString(CultureInfo.InvariantCulture),
            }),
        };
        if ((volume.MediaFlags & 12) != 0)
        {
            facts.Add(new("write blocker", (volume.MediaFlags & 4) != 0 ? "FastBloc" : "Tableau"));
        }
        if (volume.ErrorGranularity != 0)
        {
            facts.Add(new("error granularity", volume.ErrorGranularity.ToString(CultureInfo.InvariantCulture) + " sectors"));
        }
        if (identifier.Length > 0)
        {
            facts.Add(new("set identifier", identifier));
        }
        return facts;
    }
}
