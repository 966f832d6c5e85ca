namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A kernel module that is loaded at boot because a list names it.</summary>
public sealed record ModuleLoad(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "module-load";
    /// <summary>Name with underscores, as the kernel knows it.</summary>
    public required string Module { get; init; }
    /// <summary>Parameters behind the name.</summary>
    public string Parameters { get; init; } = "";
    /// <summary>Why the list is not read, as a clause; null when its name does not keep it from that.</summary>
    public string? DormantBecause { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("module", Module);
        fields.Text("parameters", Parameters);
        fields.Text("dormantBecause", DormantBecause);
    }

    /// <summary>The one spelling of a module's name: dashes and underscores are the same to the kernel.</summary>
    public static string Normal(string name) => name.Replace('-', '_');
}

/// <summary>A line of <c>modprobe.d</c>: how a module is loaded.</summary>
public sealed record ModprobeDirective(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "modprobe-directive";
    /// <summary><c>install</c>, <c>remove</c>, <c>options</c>, <c>alias</c>, <c>blacklist</c>, <c>softdep</c>.</summary>
    public required string Directive { get; init; }
    /// <summary>Module, or pattern of an alias.</summary>
    public required string Module { get; init; }
    /// <summary>The rest of the line.</summary>
    public required string Argument { get; init; }
    /// <summary>Why modprobe does not read it, as a clause; null when its name does not keep it from that.</summary>
    public string? DormantBecause { get; init; }

    /// <summary>What is run instead of loading or unloading the module.</summary>
    public IReadOnlyList<StartCommand> Commands => Directive is not ("install" or "remove") || Argument.Length == 0 ? [] : [new StartCommand(Argument)
    {
        ThroughShell = true, Trigger = "modprobe " + Directive, User = "root", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("directive", Directive);
        fields.Text("module", Module);
        fields.Text("argument", Argument);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Which modules a kernel has, as depmod and the build of the kernel wrote it down.</summary>
public sealed record ModuleIndex(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "module-index";
    /// <summary>Kernel release: the name of the directory.</summary>
    public required string Release { get; init; }
    /// <summary>Built into the kernel, rather than files of their own.</summary>
    public required bool IsBuiltIn { get; init; }
    /// <summary>Paths below the directory of the release, without what a compressed name ends in (<c>kernel/fs/fuse/fuse.ko</c>).</summary>
    public required IReadOnlySet<string> Modules { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("release", Release);
        fields.Flag("isBuiltIn", IsBuiltIn);
        fields.Number("modules", Modules.Count);
    }

    /// <summary>The path without <c>.xz</c>, <c>.gz</c>, <c>.zst</c>.</summary>
    public static string WithoutCompression(string path) =>
        path.EndsWith(".ko", StringComparison.Ordinal) ? path : path.LastIndexOf(".ko.", StringComparison.Ordinal) is > 0 and int at ? path[..(at + 3)] : path;
}
