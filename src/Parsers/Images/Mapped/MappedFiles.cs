using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Mapped;

/// <summary>The files a mapped disk is read from.</summary>
/// <param name="Image">The image file, with the tables.</param>
/// <param name="Data">The file with the data: the image itself unless it keeps them elsewhere.</param>
/// <param name="Backing">What shows through where nothing is stored; null when there is none.</param>
/// <param name="CacheBytes">Room for cached tables, and as much again for decompressed clusters.</param>
internal sealed record MappedFiles(IByteSource Image, IByteSource Data, IByteSource? Backing, int CacheBytes);

/// <summary>
/// Divides <see cref="ScanLimits.TableBytes"/> among the images of a backing chain, so that a chain of many images with the largest tables there can be stays within the bound
/// of one.
/// </summary>
internal static class TableBudget
{
    private const int LargestCache = 16 << 20;
    private const int SmallestCache = 256 << 10;

    /// <summary>Room for the cache of an image that is opened with these limits.</summary>
    public static int CacheBytes(ScanLimits limits) => Math.Clamp(limits.TableBytes / 4, SmallestCache, LargestCache);

    /// <summary>What is left for the images behind this one. Throws <see cref="LimitExceededException"/> when its own table is too large.</summary>
    /// <param name="limits">The limits the image was opened with.</param>
    /// <param name="tableBytes">Bytes of the table that stays in memory.</param>
    public static ScanLimits Rest(ScanLimits limits, long tableBytes)
    {
        long left = limits.TableBytes - CacheBytes(limits) - tableBytes;
        if (tableBytes > limits.TableBytes)
        {
            throw new LimitExceededException("tables of a chain of images", tableBytes);
        }
        return limits with { TableBytes = (int)Math.Max(0, left) };
    }
}
