namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Makes compound files of version 3 after [MS-CFB]: streams in the root storage, small ones in the mini stream. Checked by <c>olecfexport</c>.</summary>
internal static class CompoundFileWriter
{
    private const int Sector = 512;
    private const uint End = 0xFFFFFFFE;
    private const uint Free = 0xFFFFFFFF;

    public static byte[] Make(params (string Name, byte[] Content)[] streams)
    {
        // The tree of siblings must be in order: shorter names first, then by upper case.
        (string Name, byte[] Content)[] sorted = [.. streams.OrderBy(stream => stream.Name.Length).ThenBy(stream => stream.Name.ToUpperInvariant(), StringComparer.Ordinal)];
        var mini = new ByteWriter();
        var miniFat = new List<uint>();
        var starts = new List<uint>();
        var large = new List<byte[]>();
        foreach ((_, byte[] content) in sorted)
        {
            if (content.Length >= 4096)
            {
                large.Add(content);
                starts.Add(0);
                continue;
            }
            starts.Add(content.Length == 0 ? End : (uint)miniFat.Count);
            int sectors = (content.Length + 63) / 64;
            for (int i = 0; i < sectors; i++)
            {
                miniFat.Add(i == sectors - 1 ? End : (uint)miniFat.Count + 1);
            }
            mini.Raw(content).Zeros(sectors * 64 - content.Length);
        }
        int Sectors(int bytes) => (bytes + Sector - 1) / Sector;
        int directorySectors = Sectors((sorted.Length + 1) * 128);
        int miniFatSectors = Sectors(miniFat.Count * 4);
        int miniSectors = Sectors(mini.Length);
        int[] largeSectors = [.. large.Select(content => Sectors(content.Length))];
        int used = directorySectors + miniFatSectors + miniSectors + largeSectors.Sum();
        int fatSectors = 1;
        while (fatSectors * 128 < used + fatSectors)
        {
            fatSectors++;
        }
        var fat = new List<uint>();
        fat.AddRange(Enumerable.Repeat(0xFFFFFFFDu, fatSectors));
        uint Chain(int count)
        {
            uint first = (uint)fat.Count;
            for (int i = 0; i < count; i++)
            {
                fat.Add(i == count - 1 ? End : (uint)fat.Count + 1);
            }
            return count == 0 ? End : first;
        }
        uint directoryStart = Chain(directorySectors);
        uint miniFatStart = Chain(miniFatSectors);
        uint miniStart = Chain(miniSectors);
        uint[] largeStarts = [.. largeSectors.Select(Chain)];
        fat.AddRange(Enumerable.Repeat(Free, fatSectors * 128 - fat.Count));

        ByteWriter file = new ByteWriter().Raw(0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1).Zeros(16).U16(0x3E).U16(3).U16(0xFFFE).U16(9).U16(6).Zeros(6).U32(0).U32((uint)fatSectors).U32(directoryStart).U32(0).U32(4096)
            .U32(miniFatStart).U32((uint)miniFatSectors).U32(End).U32(0);
        for (int i = 0; i < 109; i++)
        {
            file.U32(i < fatSectors ? (uint)i : Free);
        }
        fat.ForEach(value => file.U32(value));
        int at = file.Length;
        // All siblings hang to the right of the one before: in order, if not balanced.
        Entry(file, "Root Entry", 5, Free, sorted.Length > 0 ? 1 : Free, miniStart, mini.Length);
        for (int i = 0, l = 0; i < sorted.Length; i++)
        {
            uint start = sorted[i].Content.Length >= 4096 ? largeStarts[l++] : starts[i];
            Entry(file, sorted[i].Name, 2, i + 1 < sorted.Length ? (uint)i + 2 : Free, Free, start, sorted[i].Content.Length);
        }
        file.To(at + directorySectors * Sector);
        at = file.Length;
        miniFat.ForEach(value => file.U32(value));
        while (file.Length < at + miniFatSectors * Sector)
        {
            file.U32(Free);
        }
        at = file.Length;
        file.Raw(mini.ToArray()).To(at + miniSectors * Sector);
        foreach (byte[] content in large)
        {
            file.Raw(content).Zeros(Sectors(content.Length) * Sector - content.Length);
        }
        return file.ToArray();
    }

    private static void Entry(ByteWriter file, string name, byte type, uint right, uint child, uint start, int size) =>
        file.Utf16(name, 64).U16((name.Length + 1) * 2).U8(type).U8(1).U32(Free).U32(right).U32(child).Zeros(16).U32(0).U64(0).U64(0).U32(start).U64((ulong)size);
}
