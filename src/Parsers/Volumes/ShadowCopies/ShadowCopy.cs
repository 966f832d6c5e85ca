using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.ShadowCopies;

/// <summary>A shadow copy: an earlier state of a volume, kept on the volume itself. Times are UTC, sizes in bytes.</summary>
public sealed class ShadowCopy
{
    private readonly Func<ShadowCopy, IByteSource> _open;

    internal ShadowCopy(Func<ShadowCopy, IByteSource> open) => _open = open;

    /// <summary>From 1, from old to new: the number <c>vshadowinfo</c> gives it.</summary>
    public required int Index { get; init; }

    /// <summary><c>vss1</c>: how the user names it.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"vss{Index}");

    /// <summary>Identifier of its store, which is in the name of the file that holds it.</summary>
    public required Guid StoreId { get; init; }

    /// <summary>Its identifier, as <c>vssadmin list shadows</c> shows it; null when the header of the store cannot be read.</summary>
    public Guid? Id { get; init; }

    /// <summary>The set of copies, of several volumes, made together; null when the header of the store cannot be read.</summary>
    public Guid? SetId { get; init; }

    /// <summary>When it was made; null when the stored time is none.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>Size of the volume then.</summary>
    public required long VolumeSize { get; init; }

    /// <summary>VSS_VOLUME_SNAPSHOT_ATTRIBUTES as stored: 1 persistent, 4 client accessible, 0x20000 differential ...</summary>
    public uint Attributes { get; init; }

    /// <summary>What it was made for and by which provider, as the two stored numbers.</summary>
    public (uint Type, uint Provider) Kind { get; init; }

    /// <summary>Name of the machine that made it, in display form; null when it is not stored.</summary>
    public string? OriginatingMachine { get; init; }

    /// <summary>Name of the machine that serves it, in display form; null when it is not stored.</summary>
    public string? ServiceMachine { get; init; }

    /// <summary>Why it cannot be opened; null when, as far as the catalog tells, it can.</summary>
    public string? Problem { get; init; }

    internal StorePlaces? Store { get; init; }

    /// <summary>
    /// The volume as it was. Reads the block lists of this copy and of all newer ones; the data are read where they are asked for. Thread-safe, as the result is.
    /// </summary>
    /// <exception cref="CorruptDataException">Its store cannot be read.</exception>
    /// <exception cref="LimitExceededException">More blocks than are kept in memory: 128 GiB of copied blocks.</exception>
    public IByteSource Open() => _open(this);
}
