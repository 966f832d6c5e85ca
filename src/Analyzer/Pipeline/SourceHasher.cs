using System.Globalization;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Digests of whole disks and files, in one pass: the next block is read while one is hashed. What a source knows to be a hole is hashed as zeros and never read.
/// </summary>
/// <remarks>Limitations: a digest of a sparse disk still takes the time of hashing its full size.</remarks>
internal static class SourceHasher
{
    private const int BlockBytes = 4 << 20;

    /// <summary>Hashes a source. Throws <see cref="ImageReadException"/> and <see cref="OperationCanceledException"/>.</summary>
    public static FileHashes Hash(IByteSource source, HashKinds kinds, CancellationToken cancellation, Action<long>? advanced = null)
    {
        using var hasher = new ContentHasher(kinds);
        byte[] reading = GC.AllocateUninitializedArray<byte>(BlockBytes);
        byte[] hashing = GC.AllocateUninitializedArray<byte>(BlockBytes);
        Task pending = Task.CompletedTask;
        try
        {
            foreach ((long offset, long length, bool isHole) in Ranges(source))
            {
                for (long done = 0; done < length;)
                {
                    cancellation.ThrowIfCancellationRequested();
                    int count = (int)Math.Min(BlockBytes, length - done);
                    if (!isHole)
                    {
                        int got = source.ReadUpTo(offset + done, reading.AsSpan(0, count));
                        if (got < count)
                        {
                            throw new ImageReadException(offset + done + got, string.Create(CultureInfo.InvariantCulture, $"the disk ends at byte {offset + done + got} of {source.Length}"));
                        }
                    }
                    pending.GetAwaiter().GetResult();
                    (reading, hashing) = (hashing, reading);
                    byte[] block = hashing;
                    pending = isHole ? Task.Run(() => AppendZeros(hasher, count), CancellationToken.None) : Task.Run(() => hasher.Append(block.AsSpan(0, count)), CancellationToken.None);
                    done += count;
                    advanced?.Invoke(count);
                }
            }
        }
        finally
        {
            // The hasher is closed after this, whatever happened.
            ((IAsyncResult)pending).AsyncWaitHandle.WaitOne();
        }
        pending.GetAwaiter().GetResult();
        return hasher.Finish().ToHashes();
    }

    /// <summary>Compares the digests that acquiring tools stored with those of the disks; none when no disk has any.</summary>
    public static IReadOnlyList<DigestCheck> Verify(OpenedImage image, IScanProgress progress, CancellationToken cancellation)
    {
        OpenedDisk[] disks = [.. image.Disks.Where(disk => disk.Image.StoredDigests.Any(digest => KindOf(digest.Algorithm) != HashKinds.None))];
        if (disks.Length == 0)
        {
            return [];
        }
        progress.Begin("verify", null, disks.Sum(disk => disk.Image.Content.Length));
        var checks = new List<DigestCheck>();
        foreach (OpenedDisk disk in disks)
        {
            HashKinds kinds = disk.Image.StoredDigests.Aggregate(HashKinds.None, (all, digest) => all | KindOf(digest.Algorithm));
            FileHashes computed = Hash(disk.Image.Content, kinds, cancellation, bytes => progress.Advance(0, bytes));
            foreach (StoredDigest digest in disk.Image.StoredDigests)
            {
                string? hex = digest.Algorithm switch { "md5" => computed.Md5, "sha1" => computed.Sha1, "sha256" => computed.Sha256, _ => null };
                if (hex is not null)
                {
                    checks.Add(new DigestCheck(disk.FileName, digest.Algorithm, digest.Hex, hex));
                }
            }
        }
        return checks;
    }

    private static HashKinds KindOf(string algorithm) => algorithm switch
    {
        "md5" => HashKinds.Md5,
        "sha1" => HashKinds.Sha1,
        "sha256" => HashKinds.Sha256,
        _ => HashKinds.None,
    };

    private static void AppendZeros(ContentHasher hasher, int count)
    {
        ReadOnlySpan<byte> zeros = Zeros;
        for (int left = count; left > 0; left -= Math.Min(left, zeros.Length))
        {
            hasher.Append(zeros[..Math.Min(left, zeros.Length)]);
        }
    }

    private static ReadOnlySpan<byte> Zeros => s_zeros;

    private static readonly byte[] s_zeros = new byte[128 << 10];

    /// <summary>The source as alternating ranges of data and holes.</summary>
    private static IEnumerable<(long Offset, long Length, bool IsHole)> Ranges(IByteSource source)
    {
        long length = source.Length;
        if (source is not ISparseByteSource sparse)
        {
            yield return (0, length, false);
            yield break;
        }
        for (long position = 0; position < length;)
        {
            bool hasData = sparse.NextData(position, out long start, out long dataLength);
            start = hasData ? Math.Min(length, Math.Max(position, start)) : length;
            if (start > position)
            {
                yield return (position, start - position, true);
            }
            // A source that finds data of no length would never end.
            dataLength = hasData ? Math.Min(length - start, Math.Max(1, dataLength)) : 0;
            if (dataLength > 0)
            {
                yield return (start, dataLength, false);
            }
            position = start + dataLength;
        }
    }
}
