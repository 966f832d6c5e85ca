using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes.DeviceMapper;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>What a logical volume turned out to be: bytes, a pool that other volumes use, or a reason why it is neither.</summary>
/// <param name="Kind">Segment type for users: <c>linear</c>, <c>raid5_ls</c>, <c>thin volume</c>.</param>
/// <param name="Length">Bytes.</param>
internal sealed record LvmDevice(string Kind, long Length)
{
    /// <summary>The content; null when there is none.</summary>
    public IByteSource? Source { get; init; }

    /// <summary>The thin pool that the volume is.</summary>
    public ThinPool? Pool { get; init; }

    /// <summary>The cache pool that the volume is.</summary>
    public LvmCachePool? Cache { get; init; }

    /// <summary>Why there is no content.</summary>
    public string? Failure { get; init; }

    /// <summary>A volume that cannot be read.</summary>
    public static LvmDevice Failed(string kind, long length, string reason) => new(kind, length) { Failure = reason };
}

/// <summary>Metadata and data of a cache.</summary>
internal sealed record LvmCachePool(IByteSource Metadata, IByteSource Data);

/// <summary>A physical volume of a group.</summary>
/// <param name="Text">What the text says.</param>
/// <param name="Content">Its bytes; null when it is missing.</param>
internal sealed record LvmPhysicalVolume(PhysicalVolumeText Text, IByteSource? Content);

/// <summary>A logical volume cannot be read because something that it is built on is not there.</summary>
internal sealed class LvmUnavailableException(string message) : ForensicException(message)
{
    /// <inheritdoc/>
    public override string Code => "lvm.unavailable";

    /// <summary>For a volume that is built on another one, which cannot be read. The first cause is kept, not the whole chain.</summary>
    public static LvmUnavailableException Because(string name, string failure) =>
        new(failure.Contains(" is missing", StringComparison.Ordinal) || failure.StartsWith("hidden volume ", StringComparison.Ordinal) ? failure
            : "hidden volume " + VolumeGroupText.Display(name) + ": " + failure);
}
