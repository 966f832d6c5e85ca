using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Tests.Images;

/// <summary>Writes dynamic and differencing VHDs after Microsoft's specification: no tool at hand writes the latter.</summary>
internal sealed class VhdBuilder(long size, int blockSize = 2 << 20)
{
    public const int HeaderOffset = 512;
    public const int TableOffset = 1536;
    private const int Sector = 512;

    private readonly SortedDictionary<int, (byte[] Bitmap, byte[] Data)> _blocks = [];
    private readonly List<(string Platform, byte[] Data)> _locators = [];
    private Guid _parentId;
    private uint _parentTime;
    private string _parentName = "";
    private bool _isChild;

    public Guid UniqueId { get; set; } = Guid.NewGuid();
    public uint TimeStamp { get; set; } = 700_000_000;
    public string Creator { get; set; } = "win ";
    public int Entries { get; } = (int)((size + blockSize - 1) / blockSize);

    private int BitmapSize => ((blockSize / Sector + 7) / 8 + Sector - 1) / Sector * Sector;

    /// <summary>Stores whole sectors.</summary>
    public VhdBuilder Write(long offset, byte[] data)
    {
        for (int done = 0; done < data.Length; done += Sector)
        {
            long position = offset + done;
            int block = (int)(position / blockSize);
            int sector = (int)(position % blockSize / Sector);
            if (!_blocks.TryGetValue(block, out (byte[] Bitmap, byte[] Data) stored))
            {
                _blocks[block] = stored = (new byte[BitmapSize], new byte[blockSize]);
            }
            stored.Bitmap[sector / 8] |= (byte)(0x80 >> sector % 8);
            data.AsSpan(done, Math.Min(Sector, data.Length - done)).CopyTo(stored.Data.AsSpan(sector * Sector));
        }
        return this;
    }

    /// <summary>Makes this a differencing disk.</summary>
    public VhdBuilder ChildOf(Guid parent, string unicodeName, uint time = 700_000_000)
    {
        _isChild = true;
        _parentId = parent;
        _parentTime = time;
        _parentName = unicodeName;
        return this;
    }

    /// <summary>Adds a parent locator, in the encoding of its platform.</summary>
    public VhdBuilder Locator(string platform, string path)
    {
        _locators.Add((platform, platform is "W2ru" or "W2ku" ? Encoding.Unicode.GetBytes(path) : Encoding.UTF8.GetBytes(path)));
        return this;
    }

    public byte[] Build()
    {
        var file = new MemoryStream();
        byte[] footer = Footer();
        file.Write(footer);
        int tableSize = (Entries * 4 + Sector - 1) / Sector * Sector;
        long locator = TableOffset + tableSize;
        long next = locator + _locators.Count * 1024;
        file.Write(Header(locator));
        byte[] table = new byte[tableSize];
        table.AsSpan().Fill(0xFF);
        foreach ((int block, _) in _blocks)
        {
            BinaryPrimitives.WriteUInt32BigEndian(table.AsSpan(block * 4), (uint)(next / Sector));
            next += BitmapSize + blockSize;
        }
        file.Write(table);
        foreach ((_, byte[] data) in _locators)
        {
            byte[] space = new byte[1024];
            data.CopyTo(space, 0);
            file.Write(space);
        }
        foreach ((byte[] bitmap, byte[] data) in _blocks.Values)
        {
            file.Write(bitmap);
            file.Write(data);
        }
        file.Write(footer);
        return file.ToArray();
    }

    /// <summary>The checksum of both footers and the header put right after a change.</summary>
    public static byte[] Seal(byte[] image)
    {
        Sum(image.AsSpan(0, Sector), 64);
        Sum(image.AsSpan(image.Length - Sector), 64);
        Sum(image.AsSpan(HeaderOffset, 1024), 36);
        return image;
    }

    public static void Sum(Span<byte> structure, int at)
    {
        structure.Slice(at, 4).Clear();
        uint sum = 0;
        foreach (byte value in structure)
        {
            sum += value;
        }
        BinaryPrimitives.WriteUInt32BigEndian(structure[at..], ~sum);
    }

    /// <summary>The footer of a fixed disk.</summary>
    public static byte[] FixedFooter(long size) => new VhdBuilder(size).Footer(2);

    private byte[] Footer(uint? type = null)
    {
        byte[] footer = new byte[Sector];
        "conectix"u8.CopyTo(footer);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(8), 2);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(12), 0x10000);
        BinaryPrimitives.WriteUInt64BigEndian(footer.AsSpan(16), type == 2 ? ulong.MaxValue : HeaderOffset);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(24), TimeStamp);
        Encoding.ASCII.GetBytes(Creator, footer.AsSpan(28));
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(32), 0x000A0000);
        "Wi2k"u8.CopyTo(footer.AsSpan(36));
        BinaryPrimitives.WriteInt64BigEndian(footer.AsSpan(40), size);
        BinaryPrimitives.WriteInt64BigEndian(footer.AsSpan(48), size);
        BinaryPrimitives.WriteUInt16BigEndian(footer.AsSpan(56), 0xFFFF);
        footer[58] = 16;
        footer[59] = 255;
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(60), type ?? (_isChild ? 4u : 3u));
        UniqueId.TryWriteBytes(footer.AsSpan(68), bigEndian: true, out _);
        Sum(footer, 64);
        return footer;
    }

    private byte[] Header(long locatorOffset)
    {
        byte[] header = new byte[1024];
        "cxsparse"u8.CopyTo(header);
        header.AsSpan(8, 8).Fill(0xFF);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(16), TableOffset);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(24), 0x10000);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(28), Entries);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(32), blockSize);
        if (_isChild)
        {
            _parentId.TryWriteBytes(header.AsSpan(40), bigEndian: true, out _);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(56), _parentTime);
            Encoding.BigEndianUnicode.GetBytes(_parentName, header.AsSpan(64, 512));
        }
        for (int i = 0; i < _locators.Count; i++)
        {
            Span<byte> entry = header.AsSpan(576 + i * 24);
            Encoding.ASCII.GetBytes(_locators[i].Platform, entry);
            BinaryPrimitives.WriteUInt32BigEndian(entry[4..], 1024);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], _locators[i].Data.Length);
            BinaryPrimitives.WriteInt64BigEndian(entry[16..], locatorOffset + i * 1024);
        }
        Sum(header, 36);
        return header;
    }
}
