namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Which kind of file sets a variable.</summary>
public enum EnvironmentSource
{
    /// <summary><c>/etc/environment</c>, <c>pam_env.conf</c>, <c>~/.pam_environment</c>: every login.</summary>
    Login,
    /// <summary><c>environment.d</c>, <c>system.conf</c>, <c>/etc/default</c>, <c>/etc/sysconfig</c>: services.</summary>
    Service,
    /// <summary>Start-up files of shells.</summary>
    Shell,
    /// <summary><c>~/.ssh/environment</c>.</summary>
    Ssh,
}

/// <summary>What a variable makes programs do.</summary>
public enum EnvironmentRole
{
    /// <summary>Nothing that this program knows of.</summary>
    Other,
    /// <summary><c>LD_PRELOAD</c>, <c>LD_AUDIT</c>: libraries for every program.</summary>
    LoadsLibrary,
    /// <summary><c>LD_LIBRARY_PATH</c>.</summary>
    SearchesLibraries,
    /// <summary><c>BASH_ENV</c>, <c>ENV</c>, <c>PYTHONSTARTUP</c>: a file that an interpreter reads first.</summary>
    StartsFile,
    /// <summary><c>PROMPT_COMMAND</c>, <c>LESSOPEN</c>, <c>GIT_SSH_COMMAND</c>: a command.</summary>
    Command,
    /// <summary><c>NODE_OPTIONS</c>, <c>RUBYOPT</c>, <c>PERL5OPT</c>, <c>JAVA_TOOL_OPTIONS</c>: options of an interpreter.</summary>
    LanguageOptions,
    /// <summary><c>PYTHONPATH</c>, <c>PERL5LIB</c>, <c>RUBYLIB</c>, <c>NODE_PATH</c>: where an interpreter looks for modules.</summary>
    LanguagePath,
    /// <summary><c>PATH</c>.</summary>
    SearchesPrograms,
    /// <summary><c>SSHD_OPTS</c>: arguments of a server.</summary>
    ServerOptions,
}

/// <summary>A variable that a file puts into the environment of programs.</summary>
public sealed record EnvironmentSetting(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "environment-setting";
    /// <summary>Variable.</summary>
    public required string Name { get; init; }
    /// <summary>Value, unquoted.</summary>
    public required string Value { get; init; }
    /// <summary>Kind of file.</summary>
    public required EnvironmentSource Source { get; init; }
    /// <summary>What the variable makes programs do.</summary>
    public EnvironmentRole Role { get; init; }
    /// <summary>Account whose programs get it; null for all.</summary>
    public string? User { get; init; }
    /// <summary>Why nobody gets it, as a clause; null when somebody does.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Role != EnvironmentRole.Command || Value.Length == 0 ? [] : [new StartCommand(Value.TrimStart('|', '-', '@'))
    {
        ThroughShell = true, Trigger = Name, User = User, Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("value", Value);
        fields.Text("source", Source.ToString());
        fields.Text("role", Role.ToString());
        fields.Text("user", User);
        fields.Text("dormantBecause", DormantBecause);
        fields.List("namedFiles", NamedFiles);
    }
}
