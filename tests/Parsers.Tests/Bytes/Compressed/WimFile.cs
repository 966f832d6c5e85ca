using System.Buffers.Binary;
using System.Security.Cryptography;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.FileSystems.Ntfs.Compression;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes.Compressed;

/// <summary>
/// As much of a WIM file as the tests of its codecs need: the resources of its table, each a chunk table and chunks, with the SHA-1 of what they hold. Specification: "Windows Imaging File Format
/// (WIM)", Microsoft 2007: header of 208 bytes, table entries of 50.
/// </summary>
internal sealed class WimFile(byte[] file)
{
    private const int TableEntrySize = 50;
    private const int IsCompressed = 4;

    public int ChunkSize { get; } = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(20));

    public bool IsLzx { get; } = (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(16)) & 0x40000) != 0;

    /// <summary>Compressed resources only.</summary>
    public IReadOnlyList<WimResource> Resources { get; } = [.. Read(file)];

    public static WimFile Fixture(string name) => new(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Bytes", "Compressed", "fixtures", name + ".wim")));

    /// <summary>Decodes every resource and compares its SHA-1; returns how many there were.</summary>
    public int Verify()
    {
        foreach (WimResource resource in Resources)
        {
            var plain = new byte[resource.Size];
            if (Algorithm is { } algorithm)
            {
                Assert.Equal(plain.Length, WofContent.Open(new MemorySource(resource.Stored), resource.Size, algorithm).ReadUpTo(0, plain));
            }
            else
            {
                foreach ((int offset, ReadOnlyMemory<byte> chunk) in Chunks(resource))
                {
                    Span<byte> target = plain.AsSpan(offset, Math.Min(ChunkSize, plain.Length - offset));
                    if (chunk.Length == target.Length)
                    {
                        chunk.Span.CopyTo(target);
                        continue;
                    }
                    XpressHuffman.Decompress(chunk.Span, target);
                }
            }
            Assert.Equal(Convert.ToHexString(resource.Sha1), Convert.ToHexString(SHA1.HashData(plain)));
        }
        return Resources.Count;
    }

    /// <summary>The chunks of a resource with the offset of what they hold.</summary>
    public IEnumerable<(int Offset, ReadOnlyMemory<byte> Chunk)> Chunks(WimResource resource)
    {
        int count = (resource.Size + ChunkSize - 1) / ChunkSize;
        int table = (count - 1) * sizeof(uint);
        for (int i = 0; i < count; i++)
        {
            int start = i == 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(resource.Stored.AsSpan((i - 1) * sizeof(uint)));
            int end = i == count - 1 ? resource.Stored.Length - table : BinaryPrimitives.ReadInt32LittleEndian(resource.Stored.AsSpan(i * sizeof(uint)));
            yield return (i * ChunkSize, resource.Stored.AsMemory(table + start, end - start));
        }
    }

    /// <summary>The algorithm of the Windows overlay filter of the same form; null when it has none.</summary>
    public WofAlgorithm? Algorithm => (IsLzx, ChunkSize) switch
    {
        (true, 32768) => WofAlgorithm.Lzx,
        (false, 4096) => WofAlgorithm.Xpress4K,
        (false, 8192) => WofAlgorithm.Xpress8K,
        (false, 16384) => WofAlgorithm.Xpress16K,
        _ => null,
    };

    private static IEnumerable<WimResource> Read(byte[] file)
    {
        (int offset, int stored, _, int size) = Header(file, 48);
        Assert.Equal(size, stored);
        for (int at = offset; at < offset + size; at += TableEntrySize)
        {
            (int place, int length, int flags, int plain) = Header(file, at);
            if ((flags & IsCompressed) != 0)
            {
                yield return new WimResource(file[place..(place + length)], plain, file[(at + 30)..(at + 50)]);
            }
        }
    }

    private static (int Offset, int Stored, int Flags, int Size) Header(byte[] file, int at)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
        return ((int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at + 8)), (int)(first & 0xFF_FFFF_FFFF_FFFF), (int)(first >> 56), (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at + 16)));
    }
}

/// <summary>A compressed resource.</summary>
/// <param name="Stored">Chunk table and chunks.</param>
/// <param name="Size">Bytes of what it holds.</param>
/// <param name="Sha1">Digest of what it holds.</param>
internal sealed record WimResource(byte[] Stored, int Size, byte[] Sha1);
