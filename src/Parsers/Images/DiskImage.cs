using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Images;

/// <summary>An opened image container: the logical disk it holds and what the container says about itself.</summary>
/// <param name="Format">Container name: <c>raw</c>, <c>qcow2</c>.</param>
/// <param name="Content">The logical disk, in bytes as the guest saw it.</param>
public sealed record DiskImage(string Format, IByteSource Content)
{
    /// <summary>Facts for <c>info</c>: name and value, in the container's own terms (version, cluster size, compression ...).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Facts { get; init; } = [];
}
