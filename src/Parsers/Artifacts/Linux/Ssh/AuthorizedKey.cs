namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>One key line of an <c>authorized_keys</c> file.</summary>
public sealed record AuthorizedKey(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "authorized-key";
    /// <summary>Outer key type.</summary>
    public required string KeyType { get; init; }
    /// <summary><c>SHA256:...</c> as ssh-keygen prints it; null when the base64 does not decode.</summary>
    public string? Fingerprint { get; init; }
    /// <summary>Why sshd would not use the key (inner type differs, bad base64 ...), a clause; null when it would.</summary>
    public string? Defect { get; init; }
    /// <summary>Options as written, one each.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
    /// <summary>Value of <c>command=</c>, unquoted.</summary>
    public string? ForcedCommand { get; init; }
    /// <summary>What follows the key.</summary>
    public string Comment { get; init; } = "";
    /// <summary>Owner of the file.</summary>
    public uint OwnerId { get; init; }
    /// <summary>Inode flags of the file.</summary>
    public uint? FileFlags { get; init; }
    /// <summary>Permission bits of the file.</summary>
    public int FilePermissions { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => ForcedCommand is null ? [] : [new StartCommand(ForcedCommand)
    {
        ThroughShell = true, Trigger = "ssh forced command", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = Defect,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("keyType", KeyType);
        fields.Text("fingerprint", Fingerprint);
        fields.Text("defect", Defect);
        fields.List("options", Options);
        fields.Text("forcedCommand", ForcedCommand);
        fields.Text("comment", Comment);
        fields.Number("ownerId", OwnerId);
        fields.Number("filePermissions", FilePermissions);
    }
}

/// <summary>One keyword of an sshd configuration file.</summary>
public sealed record SshServerOption(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "ssh-server-option";
    /// <summary>Keyword as written.</summary>
    public required string Keyword { get; init; }
    /// <summary>Arguments, unquoted.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }
    /// <summary>Criteria of the enclosing <c>Match</c> block; null outside.</summary>
    public string? Match { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Keyword.ToUpperInvariant() switch
    {
        "AUTHORIZEDKEYSCOMMAND" or "AUTHORIZEDPRINCIPALSCOMMAND" => Command(Arguments, false),
        "FORCECOMMAND" => Command(Arguments, true),
        "SUBSYSTEM" => Command([.. Arguments.Skip(1)], true),
        _ => [],
    };

    private IReadOnlyList<StartCommand> Command(IReadOnlyList<string> words, bool throughShell) => words.Count == 0 || words[0] is "none" or "internal-sftp" ? [] : [new StartCommand(string.Join(' ', words))
    {
        ThroughShell = throughShell, Trigger = "sshd " + Keyword, Line = Location.Line, ByteOffset = Location.ByteOffset,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("keyword", Keyword);
        fields.List("arguments", Arguments);
        fields.Text("match", Match);
    }
}
