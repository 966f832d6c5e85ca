using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Forensics.Parsers.Tests.Formats.EventLog;

/// <summary>An event to be written. Values may be text, int, uint, long, ulong (hexadecimal), bool, Guid, DateTimeOffset, byte[], string[] and security identifiers (text that begins with S-1-).</summary>
public sealed record WrittenEvent(string Provider, int EventId, DateTimeOffset Time, params (string Name, object? Value)[] Data)
{
    public string Channel { get; init; } = "Security";
    public string Computer { get; init; } = "WS1";
    public int Level { get; init; }
    public string? UserSid { get; init; }
    /// <summary>Name of the element in UserData that holds the data; null: they are in EventData.</summary>
    public string? UserData { get; init; }
    /// <summary>The data are in a nested fragment with a template of its own, as most of those of Windows are.</summary>
    public bool IsNested { get; init; }
    /// <summary>Number of the record; one more than that before when not set.</summary>
    public ulong? RecordId { get; init; }
}

/// <summary>Writes small event logs that Windows' own reader and libevtx accept: chunks, inline templates with references to them, names, checksums.</summary>
public sealed class EvtxWriter
{
    private const int ChunkSize = 65536;
    private const int ChunkHeaderSize = 512;
    private const int FileHeaderSize = 4096;

    private readonly List<byte[]> _chunks = [];
    private Chunk _chunk = new();
    private ulong _next = 1;

    /// <summary>The file is marked as not closed.</summary>
    public bool IsDirty { get; init; }

    /// <summary>A file of these events.</summary>
    public static byte[] Write(params IEnumerable<WrittenEvent> events)
    {
        var writer = new EvtxWriter();
        foreach (WrittenEvent one in events)
        {
            writer.Add(one);
        }
        return writer.ToArray();
    }

    public void Add(WrittenEvent one)
    {
        ulong number = one.RecordId ?? _next;
        Chunk before = _chunk.Copy();
        _chunk.Add(one, number);
        if (_chunk.Length > ChunkSize)
        {
            _chunks.Add(before.Finish());
            _chunk = new Chunk();
            _chunk.Add(one, number);
        }
        _next = number + 1;
    }

    public byte[] ToArray()
    {
        List<byte[]> chunks = [.. _chunks];
        if (_chunk.Records > 0)
        {
            chunks.Add(_chunk.Copy().Finish());
        }
        var file = new byte[FileHeaderSize + chunks.Count * ChunkSize];
        "ElfFile\0"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), (ulong)Math.Max(0, chunks.Count - 1));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), _next);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(32), 128);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(36), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(38), 3);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(40), FileHeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(42), (ushort)chunks.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(120), IsDirty ? 1u : 0u);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(124), Crc32(file.AsSpan(0, 120)));
        for (int i = 0; i < chunks.Count; i++)
        {
            chunks[i].CopyTo(file, FileHeaderSize + i * ChunkSize);
        }
        return file;
    }

    /// <summary>CRC-32 of IEEE 802.3, bit by bit.</summary>
    public static uint Crc32(ReadOnlySpan<byte> bytes, uint before = 0)
    {
        uint state = ~before;
        foreach (byte value in bytes)
        {
            state ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                state = (state & 1) != 0 ? (state >> 1) ^ 0xEDB88320 : state >> 1;
            }
        }
        return ~state;
    }

    /// <summary>Puts the checksums of a chunk right after it was changed.</summary>
    public static void Seal(Span<byte> chunk)
    {
        int end = (int)Math.Clamp(BinaryPrimitives.ReadUInt32LittleEndian(chunk[48..]), ChunkHeaderSize, (uint)chunk.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[52..], Crc32(chunk[ChunkHeaderSize..end]));
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[124..], Crc32(chunk[128..ChunkHeaderSize], Crc32(chunk[..120])));
    }

    /// <summary>An element: attributes and content are literal text, or the number of a value.</summary>
    private sealed record Node(string Name, (string Name, object Value)[] Attributes, object[] Content);

    private sealed class Chunk
    {
        private readonly List<byte> _bytes;
        private readonly Dictionary<string, int> _names;
        private readonly Dictionary<string, (int Offset, uint Identifier)> _templates;
        private ulong _first;
        private ulong _last;
        private int _lastOffset;

        public Chunk() : this([.. new byte[ChunkHeaderSize]], [], [])
        {
        }

        private Chunk(List<byte> bytes, Dictionary<string, int> names, Dictionary<string, (int, uint)> templates)
        {
            _bytes = bytes;
            _names = names;
            _templates = templates;
        }

        public int Length => _bytes.Count;
        public int Records { get; private set; }

        public Chunk Copy() => new([.. _bytes], new(_names), new(_templates)) { _first = _first, _last = _last, _lastOffset = _lastOffset, Records = Records };

        public void Add(WrittenEvent one, ulong number)
        {
            _first = Records == 0 ? number : _first;
            _last = number;
            _lastOffset = _bytes.Count;
            Records++;
            int start = _bytes.Count;
            UInt32(0x00002A2A);
            UInt32(0);
            UInt64(number);
            UInt64((ulong)one.Time.UtcDateTime.ToFileTimeUtc());
            List<(byte Type, byte[] Bytes)> values =
            [
                Value(one.EventId), Value((byte)one.Level), (0x15, BitConverter.GetBytes(0x8020000000000000UL)), Value(one.Time), (0x0A, BitConverter.GetBytes(number)), Value(4u), Value(8u), Value(one.UserSid),
            ];
            values[0] = (0x06, BitConverter.GetBytes((ushort)one.EventId));
            Node data = DataOf(one, one.IsNested ? 0 : values.Count);
            List<(byte, byte[])> ofData = [.. one.Data.Select(datum => Value(datum.Value))];
            string shape = string.Join('|', one.Provider, one.Channel, one.Computer, one.UserData, string.Join('|', one.Data.Select(datum => datum.Name)));
            if (!one.IsNested)
            {
                values.AddRange(ofData);
            }
            var root = new Node("Event", [("xmlns", "http://schemas.microsoft.com/win/2004/08/events/event")],
            [
                new Node("System", [],
                [
                    new Node("Provider", [("Name", one.Provider)], []), new Node("EventID", [], [0]), new Node("Version", [], ["0"]), new Node("Level", [], [1]), new Node("Task", [], ["0"]), new Node("Opcode", [], ["0"]),
                    new Node("Keywords", [], [2]), new Node("TimeCreated", [("SystemTime", 3)], []), new Node("EventRecordID", [], [4]), new Node("Execution", [("ProcessID", 5), ("ThreadID", 6)], []),
                    new Node("Channel", [], [one.Channel]), new Node("Computer", [], [one.Computer]), new Node("Security", [("UserID", 7)], []),
                ]),
                one.IsNested ? values.Count : data,
            ]);
            Fragment();
            if (!one.IsNested)
            {
                Instance(root, "r" + shape, values);
            }
            else
            {
                // The size of the nested fragment is known when it is written; its offsets count from the begin of the chunk.
                int descriptors = Instance(root, "n" + shape, [.. values, (0x21, [])]);
                int begin = _bytes.Count;
                Fragment();
                Instance(data, "d" + shape, ofData);
                _bytes.Add(0);
                Patch16(descriptors + values.Count * 4, (ushort)(_bytes.Count - begin));
            }
            _bytes.Add(0);
            while ((_bytes.Count - start + 4) % 8 != 0)
            {
                _bytes.Add(0);
            }
            uint size = (uint)(_bytes.Count - start + 4);
            UInt32(size);
            Patch(start + 4, size);
        }

        public byte[] Finish()
        {
            var chunk = new byte[ChunkSize];
            _bytes.CopyTo(chunk);
            "ElfChnk\0"u8.CopyTo(chunk);
            ulong[] numbers = [1, (ulong)Records, _first, _last];
            for (int i = 0; i < numbers.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(chunk.AsSpan(8 + i * 8), numbers[i]);
            }
            BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(40), 128);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(44), (uint)_lastOffset);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(48), (uint)_bytes.Count);
            BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(120), 1);
            Seal(chunk);
            return chunk;
        }

        private static Node DataOf(WrittenEvent one, int first)
        {
            if (one.UserData is { } name)
            {
                return new Node("UserData", [], [new Node(name, [("xmlns", "urn:x")], [.. one.Data.Select((datum, i) => new Node(datum.Name, [], [first + i]))])]);
            }
            return new Node("EventData", [], [.. one.Data.Select((datum, i) => new Node("Data", datum.Name.Length == 0 ? [] : [("Name", datum.Name)], [first + i]))]);
        }

        /// <summary>An instance with its values; where their descriptors are.</summary>
        private int Instance(Node root, string shape, List<(byte Type, byte[] Bytes)> values)
        {
            uint identifier = _templates.TryGetValue(shape, out (int Offset, uint Identifier) known) ? known.Identifier : Crc32(Encoding.UTF8.GetBytes(shape));
            _bytes.AddRange([0x0C, 1]);
            UInt32(identifier);
            if (known.Offset > 0)
            {
                UInt32((uint)known.Offset);
            }
            else
            {
                UInt32((uint)_bytes.Count + 4);
                _templates.Add(shape, (_bytes.Count, identifier));
                UInt32(0);
                UInt32(identifier);
                _bytes.AddRange(new byte[12]);
                int size = _bytes.Count;
                UInt32(0);
                Fragment();
                Element(root);
                _bytes.Add(0);
                Patch(size, (uint)(_bytes.Count - size - 4));
            }
            UInt32((uint)values.Count);
            int descriptors = _bytes.Count;
            foreach ((byte type, byte[] bytes) in values)
            {
                UInt16((ushort)bytes.Length);
                _bytes.AddRange([type, 0]);
            }
            foreach ((_, byte[] bytes) in values)
            {
                _bytes.AddRange(bytes);
            }
            return descriptors;
        }

        private void Element(Node node)
        {
            _bytes.Add((byte)(node.Attributes.Length > 0 ? 0x41 : 0x01));
            UInt16(0xFFFF);
            int size = _bytes.Count;
            UInt32(0);
            Name(node.Name);
            if (node.Attributes.Length > 0)
            {
                int list = _bytes.Count;
                UInt32(0);
                for (int i = 0; i < node.Attributes.Length; i++)
                {
                    _bytes.Add((byte)(i + 1 < node.Attributes.Length ? 0x46 : 0x06));
                    Name(node.Attributes[i].Name);
                    Content(node.Attributes[i].Value, isOptional: node.Name == "Security");
                }
                Patch(list, (uint)(_bytes.Count - list - 4));
            }
            if (node.Content.Length == 0)
            {
                _bytes.Add(3);
            }
            else
            {
                _bytes.Add(2);
                foreach (object content in node.Content)
                {
                    Content(content, isOptional: false);
                }
                _bytes.Add(4);
            }
            Patch(size, (uint)(_bytes.Count - size - 4));
        }

        private void Content(object content, bool isOptional)
        {
            switch (content)
            {
                case Node node:
                    Element(node);
                    break;
                case string text:
                    _bytes.AddRange([5, 1]);
                    UInt16((ushort)text.Length);
                    _bytes.AddRange(Encoding.Unicode.GetBytes(text));
                    break;
                case int number:
                    _bytes.Add((byte)(isOptional ? 0x0E : 0x0D));
                    UInt16((ushort)number);
                    // libevtx takes the type of the value from its descriptor.
                    _bytes.Add(1);
                    break;
            }
        }

        private void Name(string name)
        {
            if (_names.TryGetValue(name, out int known))
            {
                UInt32((uint)known);
                return;
            }
            UInt32((uint)_bytes.Count + 4);
            _names.Add(name, _bytes.Count);
            UInt32(0);
            uint hash = 0;
            foreach (char letter in name)
            {
                hash = unchecked(hash * 65599 + letter);
            }
            UInt16((ushort)hash);
            UInt16((ushort)name.Length);
            _bytes.AddRange(Encoding.Unicode.GetBytes(name));
            UInt16(0);
        }

        private static (byte Type, byte[] Bytes) Value(object? value) => value switch
        {
            null => (0x00, []),
            string text when Regex.IsMatch(text, "^S-1-[0-9]+(-[0-9]+)+$") => (0x13, Sid(text)),
            string text => (0x01, Encoding.Unicode.GetBytes(text)),
            byte number => (0x04, [number]),
            int number => (0x07, BitConverter.GetBytes(number)),
            uint number => (0x08, BitConverter.GetBytes(number)),
            long number => (0x09, BitConverter.GetBytes(number)),
            ulong number => (0x15, BitConverter.GetBytes(number)),
            bool flag => (0x0D, BitConverter.GetBytes(flag ? 1 : 0)),
            Guid guid => (0x0F, guid.ToByteArray()),
            DateTimeOffset time => (0x11, BitConverter.GetBytes(time.UtcDateTime.ToFileTimeUtc())),
            byte[] bytes => (0x0E, bytes),
            string[] texts => (0x81, Encoding.Unicode.GetBytes(string.Concat(texts.Select(text => text + "\0")))),
            _ => throw new ArgumentOutOfRangeException(nameof(value)),
        };

        private static byte[] Sid(string text)
        {
            string[] parts = text.Split('-');
            var sid = new List<byte> { 1, (byte)(parts.Length - 3), 0, 0 };
            var authority = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(authority, uint.Parse(parts[2], CultureInfo.InvariantCulture));
            sid.AddRange(authority);
            foreach (string part in parts.Skip(3))
            {
                sid.AddRange(BitConverter.GetBytes(uint.Parse(part, CultureInfo.InvariantCulture)));
            }
            return [.. sid];
        }

        private void Fragment() => _bytes.AddRange([0x0F, 1, 1, 0]);

        private void UInt16(ushort value) => _bytes.AddRange(BitConverter.GetBytes(value));

        private void UInt32(uint value) => _bytes.AddRange(BitConverter.GetBytes(value));

        private void UInt64(ulong value) => _bytes.AddRange(BitConverter.GetBytes(value));

        private void Patch(int at, uint value)
        {
            byte[] bytes = BitConverter.GetBytes(value);
            for (int i = 0; i < bytes.Length; i++)
            {
                _bytes[at + i] = bytes[i];
            }
        }

        private void Patch16(int at, ushort value)
        {
            _bytes[at] = (byte)value;
            _bytes[at + 1] = (byte)(value >> 8);
        }
    }
}
