using System.Buffers.Binary;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>
/// The bytes of one chunk with its templates as they are met, and the work that reading it may cost. One object a file, filled again for each chunk.
/// </summary>
internal sealed class EventLogChunk
{
    public const int Size = 65536;
    private const int NameHeaderSize = 8;
    private const int LongestName = 1024;
    // A real chunk takes some ten thousand steps. Templates that name each other could ask for any number.
    private const int MostSteps = 1 << 19;

    private readonly byte[] _bytes = new byte[Size];
    private readonly Dictionary<int, BinXmlProgram?> _templates = [];
    private readonly List<BinXmlNode> _draft = [];
    private int _length;
    private int _steps;

    public const int DefinitionHeaderSize = 24;

    public TextPool Pool { get; } = new();

    /// <summary>The bytes there are: fewer than <see cref="Size"/> only at the end of a file that was cut.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Where to read the next chunk to, before <see cref="Begin"/>.</summary>
    public Span<byte> Buffer => _bytes;

    /// <summary>The work was too much: what follows of this chunk is read without fields.</summary>
    public bool IsExhausted => _steps <= 0;

    /// <summary>A new chunk of so many bytes is in <see cref="Buffer"/>.</summary>
    public void Begin(int length)
    {
        _length = length;
        _steps = MostSteps;
        _templates.Clear();
    }

    /// <summary>Takes steps of work; false when there are none left.</summary>
    public bool Spend(int steps)
    {
        _steps = Math.Max(0, _steps - steps);
        return _steps > 0;
    }

    public ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset));

    public uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset));

    /// <summary>A name at an offset and its size with header and closing zero; false when there is no name.</summary>
    public bool TryName(uint at, out string name, out int size)
    {
        name = "";
        size = 0;
        if (at < EventLogChunkHeader.Size || at > (uint)(_length - NameHeaderSize - 2))
        {
            return false;
        }
        int offset = (int)at;
        int characters = UInt16(offset + 6);
        size = NameHeaderSize + characters * 2 + 2;
        if (characters is 0 or > LongestName || offset + size > _length || UInt16(offset + size - 2) != 0)
        {
            return false;
        }
        name = Pool.Get(_bytes.AsSpan(offset + NameHeaderSize, characters * 2));
        return true;
    }

    /// <summary>
    /// The template defined at an offset; null when there is none. <paramref name="identifier"/> is the begin of its GUID, which each instance repeats: in the free space of a chunk other
    /// data may lie where the template was.
    /// </summary>
    public BinXmlProgram? Template(int offset, uint identifier)
    {
        if (offset < EventLogChunkHeader.Size || offset > _length - DefinitionHeaderSize || UInt32(offset + 4) != identifier)
        {
            return null;
        }
        if (_templates.TryGetValue(offset, out BinXmlProgram? program))
        {
            return program;
        }
        uint size = UInt32(offset + 20);
        int begin = offset + DefinitionHeaderSize;
        program = size > (uint)(_length - begin) ? null : Compile(begin, begin + (int)size, isTemplate: true);
        _templates.Add(offset, program);
        return program;
    }

    /// <summary>A fragment as steps, from <paramref name="begin"/> up to <paramref name="end"/>.</summary>
    public BinXmlProgram Compile(int begin, int end, bool isTemplate)
    {
        _draft.Clear();
        bool isWhole = new BinXmlCompiler(this, _draft, begin, end, isTemplate).Run();
        return new BinXmlProgram([.. _draft], isWhole);
    }
}
