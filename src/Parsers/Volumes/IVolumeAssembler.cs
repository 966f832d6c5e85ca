namespace Forensics.Parsers.Volumes;

/// <summary>Puts volumes together out of members that lie on one or several disks: LVM2, Linux RAID.</summary>
public interface IVolumeAssembler
{
    /// <summary><c>lvm2</c>, <c>md</c>.</summary>
    string Kind { get; }

    /// <summary>Whether a volume bears the label of a member. Reads a few sectors; throws only what the source throws.</summary>
    bool IsMember(Volume volume);

    /// <summary>
    /// The volumes that the members make, complete and incomplete ones (<see cref="Volume.UnreadableBecause"/>), sorted by name; and the members, marked with what they belong to
    /// (<see cref="Volume.MemberOf"/>). What is damaged is a diagnostic. Throws nothing of its own.
    /// </summary>
    /// <param name="members">All volumes of all disks for which <see cref="IsMember"/> is true.</param>
    /// <param name="context">Limits and diagnostics.</param>
    AssembledVolumes Assemble(IReadOnlyList<Volume> members, ParseContext context);
}

/// <summary>The result of one assembler.</summary>
/// <param name="Volumes">The new volumes.</param>
/// <param name="Members">The members as they were given, with <see cref="Volume.MemberOf"/> set.</param>
public sealed record AssembledVolumes(IReadOnlyList<Volume> Volumes, IReadOnlyList<Volume> Members);
