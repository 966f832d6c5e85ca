namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A local account of the Security Account Manager.</summary>
/// <remarks><b>Limitations:</b> password hashes are not read; of groups only those that let somebody in or up are looked at. Domain accounts stand elsewhere.</remarks>
public sealed record WindowsAccount(EvidenceLocation Location) : Artifact(Location)
{
    private const long AccountDisabled = 0x1;

    /// <inheritdoc/>
    public override string Kind => "windows-account";
    /// <summary>Name by the record of the account; by the list of names when there is no record.</summary>
    public required string Name { get; init; }
    /// <summary>Relative identifier: name of its key, or of the list of names when there is none.</summary>
    public required long Rid { get; init; }
    /// <summary>Relative identifier inside its record, by which it gets its rights; differs from <see cref="Rid"/> when the account was given another's.</summary>
    public long? EffectiveRid { get; init; }
    /// <summary>It is in the list of names, by which accounts are listed.</summary>
    public required bool IsListed { get; init; }
    /// <summary>It has a record.</summary>
    public required bool HasRecord { get; init; }
    /// <summary>The name under which it is listed, when that is not <see cref="Name"/>.</summary>
    public string? ListedAs { get; init; }
    /// <summary>Account control bits as stored (ACB: 1 disabled, 4 no password needed, 0x10 normal, 0x200 password does not expire).</summary>
    public long? Flags { get; init; }
    /// <summary>Full name.</summary>
    public string? FullName { get; init; }
    /// <summary>Comment.</summary>
    public string? Comment { get; init; }
    /// <summary>Script that is run when it logs on.</summary>
    public string? LogonScript { get; init; }
    /// <summary>Last logon.</summary>
    public Timestamp? LastLogon { get; init; }
    /// <summary>When the password was set.</summary>
    public Timestamp? PasswordSet { get; init; }
    /// <summary>Last logon that failed.</summary>
    public Timestamp? LastFailedLogon { get; init; }
    /// <summary>Number of logons.</summary>
    public long? LogonCount { get; init; }
    /// <summary>Groups by which it may administrate or come in from afar: <c>Administrators</c>, <c>Remote Desktop Users</c>, <c>Remote Management Users</c>, <c>Backup Operators</c>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
    /// <summary>Last write of the key of its name: when it was made or renamed.</summary>
    public Timestamp? Created { get; init; }
    /// <summary>Last write of its record.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <summary>It may not log on.</summary>
    public bool IsDisabled => Flags is { } flags && (flags & AccountDisabled) != 0;

    /// <summary>It is an administrator.</summary>
    public bool IsAdministrator => Groups.Contains("Administrators");

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Number("rid", Rid);
        fields.Number("effectiveRid", EffectiveRid);
        fields.Flag("isListed", IsListed);
        fields.Flag("hasRecord", HasRecord);
        fields.Text("listedAs", ListedAs);
        fields.Number("flags", Flags);
        fields.Flag("isDisabled", IsDisabled);
        fields.Text("fullName", FullName);
        fields.Text("comment", Comment);
        fields.Text("logonScript", LogonScript);
        fields.Time("lastLogon", LastLogon);
        fields.Time("passwordSet", PasswordSet);
        fields.Time("lastFailedLogon", LastFailedLogon);
        fields.Number("logonCount", LogonCount);
        fields.List("groups", Groups);
        fields.Time("created", Created);
        fields.Time("lastWritten", LastWritten);
    }
}
