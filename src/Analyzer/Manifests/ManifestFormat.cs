namespace Forensics.Analyzer.Manifests;

/// <summary>
/// The text form of a manifest: JSON lines. The first is the header (<c>format</c>, <c>version</c>, <c>tool</c>, <c>image</c>, <c>host</c>), then one object a file sorted by path
/// (<c>path</c>, <c>type</c> <c>f</c> or <c>l</c>, <c>size</c>, <c>mode</c>, <c>uid</c>, <c>gid</c>, <c>sha256</c>, <c>package</c>; of a link <c>target</c>), and last <c>end</c> with the
/// number of files, so that a cut file shows. Described in <c>docs/formats/manifest.md</c>.
/// </summary>
internal static class ManifestFormat
{
    public const string Name = "deadbox-manifest";
    /// <summary>Readers take this version only; optional properties may be added without changing it.</summary>
    public const int Version = 1;
    public const int LineBytes = 64 << 10;
    public const long FileBytes = 4L << 30;
    public const int Entries = 10_000_000;
}
