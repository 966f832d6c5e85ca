namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// How much content one volume may make the program read. A hostile file system can claim far more than it stores: holes of many TiB, or the same blocks in
/// thousands of files. Four times the volume and 4 GiB leave room for every sound one but those with very large sparse files.
/// </summary>
internal sealed class ContentAllowance
{
    private const long Always = 4L << 30;
    private const long Times = 4;
    // A container can claim any size of disk as well.
    private const long MostExpansion = 16;

    private long _left;

    /// <summary>The allowance of a volume of an image file of <paramref name="fileBytes"/>.</summary>
    public ContentAllowance(OpenedVolume volume, long fileBytes)
    {
        // Saturating: both lengths come from the image.
        long stored = Math.Min(volume.Volume.Length, fileBytes > long.MaxValue / MostExpansion ? long.MaxValue : fileBytes * MostExpansion);
        _left = stored > (long.MaxValue - Always) / Times ? long.MaxValue : stored * Times + Always;
    }

    /// <summary>Takes a content of so many bytes out of the allowance; false when it does not fit, and then nothing is taken.</summary>
    public bool TryTake(long size)
    {
        if (size > _left)
        {
            return false;
        }
        _left -= size;
        return true;
    }
}
