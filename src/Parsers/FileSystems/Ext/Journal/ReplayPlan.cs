namespace Forensics.Parsers.FileSystems.Ext.Journal;

/// <summary>What replaying a journal does to its volume: which block comes from where, and what was found on the way. Immutable.</summary>
internal sealed class ReplayPlan
{
    /// <summary>Numbers of the replaced file system blocks, ascending, each once.</summary>
    public long[] Blocks { get; init; } = [];

    /// <summary>For each of <see cref="Blocks"/>: the journal block that holds its content, plus <see cref="EscapedBit"/>.</summary>
    public ulong[] Places { get; init; } = [];

    /// <summary>Set in a place when the first four bytes have to be restored.</summary>
    public const ulong EscapedBit = 1UL << 63;

    /// <summary>Committed transactions.</summary>
    public int Transactions { get; init; }

    /// <summary>Distinct blocks of which a copy was left alone because it was revoked.</summary>
    public long RevokedBlocks { get; init; }

    public Timestamp? FirstCommit { get; init; }

    public Timestamp? LastCommit { get; init; }

    /// <summary>Number of the transaction after the last one that is replayed: fast commits on top of it carry this number.</summary>
    public uint EndSequence { get; init; }

    /// <summary>Why replay ends early, or leaves something out, or is not possible at all; null when the journal is sound.</summary>
    public JournalProblem? Problem { get; init; }

    /// <summary>The journal cannot be replayed: nothing of it is applied.</summary>
    public bool IsUnusable { get; init; }
}
