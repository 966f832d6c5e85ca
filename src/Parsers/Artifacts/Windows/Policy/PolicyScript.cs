using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A script of group policy: started with the machine or a session, or at their end.</summary>
/// <remarks><b>Limitations:</b> whether the policy's extension lists name the extension of scripts, without which nothing is run, is not looked at.</remarks>
public sealed record PolicyScript(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "policy-script";
    /// <summary><c>Startup</c>, <c>Shutdown</c>, <c>Logon</c> or <c>Logoff</c>.</summary>
    public required string Phase { get; init; }
    /// <summary>Its place in the order, from 0.</summary>
    public required int Number { get; init; }
    /// <summary>Program or script as written; a bare name lies beside the list, in a directory named after the phase.</summary>
    public required string Script { get; init; }
    /// <summary>Its parameters; null when there are none.</summary>
    public string? Parameters { get; init; }
    /// <summary>It stands in the list of PowerShell scripts.</summary>
    public bool IsPowerShell { get; init; }
    /// <summary>Where the policy comes from.</summary>
    public PolicyOrigin Origin { get; init; }
    /// <summary>Account it runs as; null for whoever logs on.</summary>
    public string? User { get; init; }

    /// <summary>The command line.</summary>
    public string CommandLine => new TaskAction(TaskActionKind.Exec) { Command = Script, Arguments = Parameters }.CommandLine;

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands =>
    [
        new StartCommand(CommandLine)
        {
            Trigger = "group policy " + Phase, User = User, Line = Location.Line, ByteOffset = Location.ByteOffset, WorkingDirectory = "C:" + Folder.Replace('/', '\\'),
        },
    ];

    /// <summary>Directory of scripts with bare names, path in the image.</summary>
    public string Folder => Location.Path[..(Location.Path.LastIndexOf('/') + 1)] + Phase;

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("phase", Phase);
        fields.Number("number", Number);
        fields.Text("script", Script);
        fields.Text("parameters", Parameters);
        fields.Flag("isPowerShell", IsPowerShell);
        fields.Text("origin", Origin.ToString());
        fields.Text("user", User);
    }
}

/// <summary>Reads <c>scripts.ini</c> and <c>psscripts.ini</c> of group policies. Specification: [MS-GPSCR] 2.2.2 and 2.2.3.</summary>
/// <remarks><b>Limitations:</b> at most 1024 scripts a file; settings of the order in which PowerShell's run are not read.</remarks>
public sealed class PolicyScriptParser : ArtifactParser
{
    private const int MaximumScripts = 1024;
    private const int MaximumText = 32 << 10;
    private static readonly string[] s_phases = ["Startup", "Shutdown", "Logon", "Logoff"];

    /// <inheritdoc/>
    public override string Name => "windows/policy-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = PolicyFolders.Claims("Scripts/{scripts,psscripts}.ini");

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var scripts = new Dictionary<(string Phase, int Number), (string? Script, string? Parameters, int Line)>();
        string? phase = null;
        int line = 0;
        foreach (ReadOnlySpan<char> raw in EncodedText.Decode(input.Content.Span).AsSpan().EnumerateLines())
        {
            line++;
            ReadOnlySpan<char> text = raw.Trim("\0 \t");
            int equals = text.IndexOf('=');
            if (text.StartsWith('['))
            {
                string section = text.Trim("[] ").ToString();
                phase = s_phases.FirstOrDefault(name => name.Equals(section, StringComparison.OrdinalIgnoreCase));
                continue;
            }
            if (phase is null || equals <= 0 || text[0] == ';')
            {
                continue;
            }
            ReadOnlySpan<char> key = text[..equals].Trim();
            int digits = key.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || !int.TryParse(key[..digits], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number))
            {
                continue;
            }
            ReadOnlySpan<char> rest = text[(equals + 1)..].Trim();
            string value = rest[..Math.Min(rest.Length, MaximumText)].ToString();
            (string? Script, string? Parameters, int Line) known = scripts.GetValueOrDefault((phase, number));
            if (key[digits..].Equals("CmdLine", StringComparison.OrdinalIgnoreCase))
            {
                known = (value, known.Parameters, line);
            }
            else if (key[digits..].Equals("Parameters", StringComparison.OrdinalIgnoreCase))
            {
                known = (known.Script, value, known.Line);
            }
            if (scripts.Count >= MaximumScripts && !scripts.ContainsKey((phase, number)))
            {
                sink.Report(new Diagnostic("windows.policy.scripts", "a list of scripts has more entries than the limit") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true });
                break;
            }
            scripts[(phase, number)] = known;
        }
        bool isPowerShell = input.Location.Name.Equals("psscripts.ini", StringComparison.OrdinalIgnoreCase);
        foreach (((string when, int number), (string? script, string? parameters, int at)) in scripts.OrderBy(entry => Array.IndexOf(s_phases, entry.Key.Phase)).ThenBy(entry => entry.Key.Number))
        {
            if (!string.IsNullOrWhiteSpace(script))
            {
                sink.Add(new PolicyScript(input.Location.At(at, 0) with { ByteOffset = null })
                {
                    Phase = when, Number = number, Script = script, Parameters = string.IsNullOrEmpty(parameters) ? null : parameters, IsPowerShell = isPowerShell,
                    Origin = PolicyFolders.OriginOf(input.Location.Path), User = PolicyFolders.RunsAs(input.Location.Path),
                });
            }
        }
    }
}
