using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Writes rpm's database in its "ndb" form (<c>Packages.db</c>): headers with names, scripts and files, as rpm's <c>lib/backend/ndb/rpmpkg.c</c> and the format of headers describe them.</summary>
internal static class PlantedRpm
{
    private const int PageSize = 4096;

    public static byte[] Database(PlantTree tree)
    {
        ILookup<string, PlantedFile> files = tree.Files.Where(file => file.Package is not null).ToLookup(file => file.Package!);
        string[] names = [.. files.Select(group => group.Key).Concat(tree.Packages.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var page = new byte[PageSize];
        "RpmP"u8.CopyTo(page);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(12), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(16), (uint)names.Length + 1);
        for (int slot = 32; slot < PageSize; slot += 16)
        {
            "Slot"u8.CopyTo(page.AsSpan(slot));
        }
        var blobs = new List<byte>();
        for (int i = 0; i < names.Length; i++)
        {
            byte[] blob = Blob((uint)i + 1, Header(tree.Packages.GetValueOrDefault(names[i]) ?? new PlantedPackage(names[i]) { Maker = "AlmaLinux" }, [.. files[names[i]]]));
            Span<byte> slot = page.AsSpan(32 + (16 * i));
            BinaryPrimitives.WriteUInt32LittleEndian(slot[4..], (uint)i + 1);
            BinaryPrimitives.WriteUInt32LittleEndian(slot[8..], (uint)(PageSize + blobs.Count) / 16);
            BinaryPrimitives.WriteUInt32LittleEndian(slot[12..], (uint)blob.Length / 16);
            blobs.AddRange(blob);
        }
        return [.. page, .. blobs];
    }

    private static byte[] Blob(uint number, byte[] header)
    {
        int length = (16 + header.Length + 12 + 15) / 16 * 16;
        var blob = new byte[length];
        "BlbS"u8.CopyTo(blob);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(4), number);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(12), (uint)header.Length);
        header.CopyTo(blob, 16);
        uint a = 1;
        uint b = 0;
        foreach (byte value in blob.AsSpan(0, length - 12))
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(length - 12), (b << 16) | a);
        BinaryPrimitives.WriteUInt32LittleEndian(blob.AsSpan(length - 8), (uint)header.Length);
        "BlbE"u8.CopyTo(blob.AsSpan(length - 4));
        return blob;
    }

    private static byte[] Header(PlantedPackage package, PlantedFile[] files)
    {
        var entries = new List<(int Tag, int Type, int Count, byte[] Data)>();
        void Strings(int tag, int type, params IEnumerable<string> values)
        {
            string[] all = [.. values];
            entries.Add((tag, type, all.Length, Encoding.UTF8.GetBytes(string.Concat(all.Select(value => value + "\0")))));
        }
        void Numbers(int tag, int type, IEnumerable<long> values)
        {
            long[] all = [.. values];
            byte[] data = new byte[all.Length * (type == 3 ? 2 : 4)];
            for (int i = 0; i < all.Length; i++)
            {
                if (type == 3)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(i * 2), (ushort)all[i]);
                }
                else
                {
                    BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(i * 4), (uint)all[i]);
                }
            }
            entries.Add((tag, type, all.Length, data));
        }
        Strings(1000, 6, package.Name);
        Strings(1001, 6, package.Version);
        Strings(1002, 6, "1.el9");
        Numbers(1008, 4, [PlantTree.Installed]);
        if (package.Maker.Length > 0)
        {
            Strings(1011, 6, package.Maker);
        }
        Strings(1022, 6, "x86_64");
        foreach ((string kind, string text) in package.Scripts)
        {
            (int script, int program) = kind switch { "prein" => (1023, 1085), "postin" => (1024, 1086), "preun" => (1025, 1087), _ => (1026, 1088) };
            Strings(script, 6, text);
            Strings(program, 6, "/bin/sh");
        }
        PlantedFile[] kept = [.. files.Where(file => file.Type != FileType.Directory)];
        if (kept.Length > 0)
        {
            string[] folders = [.. kept.Select(file => file.Path[..(file.Path.LastIndexOf('/') + 1)]).Distinct(StringComparer.Ordinal)];
            Numbers(1028, 4, kept.Select(file => (long)(file.Shipped ?? file.Content).Length));
            Numbers(1030, 3, kept.Select(file => (long)(file.Mode | (file.Type == FileType.SymbolicLink ? 0xA000 : 0x8000))));
            Strings(1035, 8, kept.Select(file => file.Type == FileType.Regular && package.HasDigests ? Convert.ToHexStringLower(SHA256.HashData(file.Shipped ?? file.Content)) : ""));
            Strings(1036, 8, kept.Select(file => file.Type == FileType.SymbolicLink ? file.LinkTarget : ""));
            Numbers(1037, 4, kept.Select(file => file.IsConfig ? 1L : 0L));
            Strings(1039, 8, kept.Select(_ => "root"));
            Strings(1040, 8, kept.Select(_ => "root"));
            Numbers(1116, 4, kept.Select(file => (long)Array.IndexOf(folders, file.Path[..(file.Path.LastIndexOf('/') + 1)])));
            Strings(1117, 8, kept.Select(file => file.Path[(file.Path.LastIndexOf('/') + 1)..]));
            Strings(1118, 8, folders);
            Numbers(5011, 4, [8]);
        }
        var data = new List<byte>();
        byte[] index = new byte[8 + (16 * entries.Count)];
        int position = 8;
        foreach ((int tag, int type, int count, byte[] value) in entries)
        {
            while (data.Count % 4 != 0)
            {
                data.Add(0);
            }
            BinaryPrimitives.WriteInt32BigEndian(index.AsSpan(position), tag);
            BinaryPrimitives.WriteInt32BigEndian(index.AsSpan(position + 4), type);
            BinaryPrimitives.WriteInt32BigEndian(index.AsSpan(position + 8), data.Count);
            BinaryPrimitives.WriteInt32BigEndian(index.AsSpan(position + 12), count);
            position += 16;
            data.AddRange(value);
        }
        BinaryPrimitives.WriteInt32BigEndian(index, entries.Count);
        BinaryPrimitives.WriteInt32BigEndian(index.AsSpan(4), data.Count);
        return [.. index, .. data];
    }
}
