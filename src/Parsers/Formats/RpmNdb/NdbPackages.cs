using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.RpmNdb;

/// <summary>One package of an ndb database.</summary>
/// <param name="Number">The package's number in the database.</param>
/// <param name="Blob">Its rpm header.</param>
public readonly record struct NdbPackage(uint Number, ReadOnlyMemory<byte> Blob);

/// <summary>
/// Reads <c>Packages.db</c>, rpm's own database format "ndb" (SUSE and others): pages of slots that point to blobs in units of 16 bytes. Little endian.
/// Specification: rpm's <c>lib/backend/ndb/rpmpkg.c</c>, which describes the layout.
/// </summary>
/// <remarks>
/// Bounds: slots are read as far as the file goes, blobs may not overlap, so that all of them together are no longer than the file; a blob is at most 256 MiB.
/// Limitations: blobs that no slot points to (deleted packages) are not searched for; rpm zeroes them.
/// </remarks>
public static class NdbPackages
{
    private const int HeaderSize = 32;
    private const int SlotSize = 16;
    private const int BlockSize = 16;
    private const int PageSize = 4096;
    private const int BlobHeadSize = 16;
    private const int BlobTailSize = 12;
    private const int MaxBlob = 256 << 20;
    private const int MaxSlotPages = 16_384;

    private static ReadOnlySpan<byte> HeaderMagic => "RpmP"u8;
    private static ReadOnlySpan<byte> SlotMagic => "Slot"u8;
    private static ReadOnlySpan<byte> BlobHeadMagic => "BlbS"u8;
    private static ReadOnlySpan<byte> BlobTailMagic => "BlbE"u8;

    /// <summary>Whether bytes begin like such a database.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => header.StartsWith(HeaderMagic);

    /// <summary>The packages in order of their place in the file. Throws a <see cref="ForensicException"/> when the header is unusable.</summary>
    public static IEnumerable<NdbPackage> Read(IByteSource source, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(context);
        byte[] header = source.ReadArray(0, HeaderSize);
        if (header.Length < HeaderSize || !Matches(header))
        {
            throw new UnknownFormatException("not an rpm ndb database");
        }
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
        if (version != 0)
        {
            throw new UnsupportedFeatureException("rpm ndb database of version " + version);
        }
        uint pages = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(12));
        return ReadBlobs(source, ReadSlots(source, pages, context), context);
    }

    private static List<(uint Number, long Offset, long Length)> ReadSlots(IByteSource source, uint pages, ParseContext context)
    {
        long there = source.Length / PageSize;
        if (pages > there || pages > MaxSlotPages)
        {
            Report(context, "ndb.slots.cut", "the database has fewer pages of slots than its header says", 12);
        }
        var slots = new List<(uint, long, long)>();
        var page = new byte[PageSize];
        bool isDamaged = false;
        for (long number = 0; number < Math.Min(pages, MaxSlotPages); number++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            int read = source.ReadUpTo(number * PageSize, page);
            for (int offset = number == 0 ? HeaderSize : 0; offset + SlotSize <= read; offset += SlotSize)
            {
                ReadOnlySpan<byte> slot = page.AsSpan(offset, SlotSize);
                uint package = BinaryPrimitives.ReadUInt32LittleEndian(slot[4..]);
                uint start = BinaryPrimitives.ReadUInt32LittleEndian(slot[8..]);
                uint blocks = BinaryPrimitives.ReadUInt32LittleEndian(slot[12..]);
                if (!slot.StartsWith(SlotMagic) || (start != 0 && (package == 0 || blocks < 2)))
                {
                    isDamaged = true;
                }
                else if (start != 0)
                {
                    slots.Add((package, (long)start * BlockSize, (long)blocks * BlockSize));
                }
            }
            if (read < PageSize)
            {
                break;
            }
        }
        if (isDamaged)
        {
            Report(context, "ndb.slot.damaged", "slots are damaged; their packages are lost", 0);
        }
        slots.Sort((a, b) => a.Item2 != b.Item2 ? a.Item2.CompareTo(b.Item2) : a.Item1.CompareTo(b.Item1));
        return slots;
    }

    private static IEnumerable<NdbPackage> ReadBlobs(IByteSource source, List<(uint Number, long Offset, long Length)> slots, ParseContext context)
    {
        long end = 0;
        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach ((uint number, long offset, long length) in slots)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            (ReadOnlyMemory<byte> blob, string? problem, bool isLost) = offset < end
                ? (default, "ndb.blob.overlap", true)
                : ReadBlob(source, number, offset, length);
            if (problem is not null && reported.Add(problem))
            {
                Report(context, problem, isLost ? "the place of a package does not hold it, or holds another; it is lost" : "the checksum of a package is wrong; it is used as it is", offset, isLost);
            }
            if (!isLost)
            {
                end = offset + length;
                yield return new NdbPackage(number, blob);
            }
        }
    }

    private static (ReadOnlyMemory<byte> Blob, string? Problem, bool IsLost) ReadBlob(IByteSource source, uint number, long offset, long length)
    {
        if (offset + length > source.Length)
        {
            return (default, "ndb.blob.past-end", true);
        }
        if (length > MaxBlob)
        {
            return (default, "ndb.blob.too-long", true);
        }
        // The head first: many slots may claim the same long range, and only one of them can be right.
        byte[] head = source.ReadArray(offset, BlobHeadSize);
        if (head.Length < BlobHeadSize || !head.AsSpan().StartsWith(BlobHeadMagic) || BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)) != number)
        {
            return (default, "ndb.blob.head", true);
        }
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(12));
        byte[] bytes = size > length - BlobHeadSize - BlobTailSize ? [] : source.ReadArray(offset, (int)length);
        if (bytes.Length != length)
        {
            return (default, "ndb.blob.size", true);
        }
        ReadOnlySpan<byte> tail = bytes.AsSpan(bytes.Length - BlobTailSize);
        bool isRight = BinaryPrimitives.ReadUInt32LittleEndian(tail) == Adler32(bytes.AsSpan(0, bytes.Length - BlobTailSize))
            && BinaryPrimitives.ReadUInt32LittleEndian(tail[4..]) == size && tail[8..].SequenceEqual(BlobTailMagic);
        return (bytes.AsMemory(BlobHeadSize, (int)size), isRight ? null : "ndb.blob.checksum", false);
    }

    /// <summary>Adler-32 of RFC 1950.</summary>
    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        // As many bytes as the sums hold without overflow.
        const int Run = 5552;
        const uint Modulus = 65521;
        uint a = 1;
        uint b = 0;
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(Run, bytes.Length);
            foreach (byte value in bytes[..count])
            {
                a += value;
                b += a;
            }
            a %= Modulus;
            b %= Modulus;
            bytes = bytes[count..];
        }
        return b << 16 | a;
    }

    private static void Report(ParseContext context, string code, string message, long offset, bool losesContent = true) =>
        context.Diagnostics.Report(new Diagnostic(code, message) { Offset = offset, LosesContent = losesContent });
}
