namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>One row, or part of a row, of the matrix of hostile NTFS volumes.</summary>
/// <param name="Id">Row and what is wrong.</param>
/// <param name="Damage">Does it to a copy of the sound volume.</param>
internal sealed record NtfsCase(string Id, Action<NtfsPatch> Damage)
{
    /// <summary>How the code of the diagnostic begins that must name the damage; null where a sound reader never looks at what is damaged.</summary>
    public string? Code { get; init; }

    /// <summary>The file that lost its name by it is listed as an orphan.</summary>
    public bool IsOrphaned { get; init; }

    /// <summary>The volume cannot be read, and this is in the sentence that says so; null when it can.</summary>
    public string? Refusal { get; init; }

    /// <summary>Columns that a row of the listing must have, by path.</summary>
    public IReadOnlyList<(string Path, string Column, string Value)> Rows { get; init; } = [];

    /// <summary>All entries of <c>/dir</c> are still listed; false where the damage is in what leads to them.</summary>
    public bool KeepsDirectory { get; init; } = true;

    /// <inheritdoc/>
    public override string ToString() => Id;
}
