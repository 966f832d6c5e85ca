namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a path is good for that a line of tmpfiles.d makes.</summary>
public enum TmpfilesTarget
{
    /// <summary>Nothing that runs or grants access.</summary>
    Other,
    /// <summary>A cron table.</summary>
    CronTable,
    /// <summary>A systemd unit, drop-in or the link that enables one.</summary>
    Unit,
    /// <summary>A script or program that the host or a login starts.</summary>
    StartupScript,
    /// <summary><c>/etc/ld.so.preload</c> and the search path of the loader.</summary>
    Loader,
    /// <summary>Keys that let somebody log in.</summary>
    AuthorizedKeys,
    /// <summary>Accounts, sudo and PAM.</summary>
    Access,
}

/// <summary>One line of <c>tmpfiles.d</c>: a file, directory or link that is made, written or cleaned at boot.</summary>
public sealed record TmpfilesEntry(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "tmpfiles-entry";
    /// <summary>Type with its modifiers, as written: <c>f+</c>, <c>L</c>, <c>w!</c>.</summary>
    public required string Type { get; init; }
    /// <summary>The path that is made.</summary>
    public required string Path { get; init; }
    /// <summary>Permission bits; null when not stated.</summary>
    public int? Mode { get; init; }
    /// <summary>Owner as written; null when not stated.</summary>
    public string? User { get; init; }
    /// <summary>Content, link target or source, escapes and base64 decoded; null when not stated.</summary>
    public string? Argument { get; init; }
    /// <summary>What the path is good for.</summary>
    public TmpfilesTarget Target { get; init; }
    /// <summary>Why systemd-tmpfiles would not read it, as a clause; null when it would.</summary>
    public string? DormantBecause { get; init; }
    /// <summary>What the written text would make the host start.</summary>
    public IReadOnlyList<StartCommand> Commands { get; init; } = [];

    /// <summary>The letter of the type, <c>\0</c> without one.</summary>
    public char Letter => Type.Length > 0 ? Type[0] : '\0';

    /// <summary>The content comes from a credential that the host is given, not from the line.</summary>
    public bool IsFromCredential => Type.Contains('^');

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles => Target is not TmpfilesTarget.Other && Letter is 'L' or 'C' && Argument is { Length: > 0 } source && source[0] == '/' ? [source] : [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("type", Type);
        fields.Text("path", Path);
        fields.Text("mode", Mode is int mode ? Convert.ToString(mode, 8).PadLeft(4, '0') : null);
        fields.Text("user", User);
        fields.Text("argument", Argument);
        fields.Text("target", Target.ToString());
        fields.Text("dormantBecause", DormantBecause);
    }
}
