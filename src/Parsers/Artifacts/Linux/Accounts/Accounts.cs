namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A line of <c>passwd</c> (or its previous state <c>passwd-</c>).</summary>
public sealed record UserAccount(EvidenceLocation Location) : Artifact(Location), INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "user-account";
    /// <summary>Login name, raw text, blanks kept.</summary>
    public required string Name { get; init; }
    /// <summary>Second field.</summary>
    public required string Password { get; init; }
    /// <summary>Numeric user id; null when the field is not a number.</summary>
    public required uint? UserId { get; init; }
    /// <summary>Numeric primary group.</summary>
    public required uint? GroupId { get; init; }
    /// <summary>Comment field.</summary>
    public required string Comment { get; init; }
    /// <summary>Home directory.</summary>
    public required string Home { get; init; }
    /// <summary>Login shell, trailing blanks kept.</summary>
    public required string Shell { get; init; }
    /// <summary>From <c>passwd-</c>, the state before the last change.</summary>
    public bool IsPrevious { get; init; }

    /// <summary>The shell, which runs when somebody logs in.</summary>
    public IReadOnlyList<string> NamedFiles => !IsPrevious && Shell.Length is > 0 and < 4096 && Shell[0] == '/' ? [PathText.FromText(Shell)] : [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("password", Password);
        fields.Number("userId", UserId);
        fields.Number("groupId", GroupId);
        fields.Text("comment", Comment);
        fields.Text("home", Home);
        fields.Text("shell", Shell);
        fields.Flag("isPrevious", IsPrevious);
    }
}

/// <summary>A line of <c>shadow</c> (or <c>shadow-</c>). The hash itself is kept out of reports.</summary>
public sealed record PasswordEntry(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "password-entry";
    /// <summary>Login name.</summary>
    public required string Name { get; init; }
    /// <summary><c>none</c> (empty), <c>locked</c>, <c>des</c>, <c>bsdi</c>, <c>md5</c>, <c>bcrypt</c>, <c>sha256</c>, <c>sha512</c>, <c>scrypt</c>, <c>yescrypt</c>, <c>gost-yescrypt</c>, <c>sm3</c>, <c>sunmd5</c>, <c>unknown</c>.</summary>
    public required string HashType { get; init; }
    /// <summary>The field begins with <c>!</c>: locked, perhaps with a recoverable hash behind it.</summary>
    public required bool IsLocked { get; init; }
    /// <summary>Field 3: day of the last change.</summary>
    public Timestamp? LastChanged { get; init; }
    /// <summary>Field 8: day the account expires.</summary>
    public Timestamp? Expires { get; init; }
    /// <summary>From <c>shadow-</c>.</summary>
    public bool IsPrevious { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("hashType", HashType);
        fields.Flag("isLocked", IsLocked);
        fields.Time("lastChanged", LastChanged);
        fields.Time("expires", Expires);
        fields.Flag("isPrevious", IsPrevious);
    }
}

/// <summary>A line of <c>group</c> (or <c>group-</c>).</summary>
public sealed record UserGroup(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "user-group";
    /// <summary>Group name.</summary>
    public required string Name { get; init; }
    /// <summary>Numeric id; null when not a number.</summary>
    public required uint? GroupId { get; init; }
    /// <summary>Members named in the fourth field.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];
    /// <summary>From <c>group-</c>.</summary>
    public bool IsPrevious { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Number("groupId", GroupId);
        fields.List("members", Members);
        fields.Flag("isPrevious", IsPrevious);
    }
}
