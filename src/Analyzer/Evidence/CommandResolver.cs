using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Evidence;

/// <summary>
/// Finds out what a command of an artefact really runs: takes off wrappers (<c>sh -c</c>, <c>nohup</c>, <c>env</c>, <c>flock</c> ...), decodes inline base64, hex and gzip
/// layers, follows <c>cd</c>, PATH and environment, and names the files that are started, interpreted, loaded or used. Pure and static; nothing is executed.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> values that only a running shell knows (command output, arguments of functions) stay unresolved, and a word that depends on them names no file.
/// Bounds for one command: 64 texts of 64 KiB, 12 nested shells, 4 decoded layers, 64 files.
/// </remarks>
public static class CommandResolver
{
    private const int MaxLines = 20_000;

    /// <summary>The link of one command on its own.</summary>
    public static CommandLink Resolve(Artifact source, StartCommand command, IPathLookup lookup, IReadOnlyDictionary<string, string>? homes = null) =>
        Resolve(source, command, lookup, new ShellState(command, homes));

    /// <summary>The link of an artefact that names files outright.</summary>
    /// <param name="source">The artefact.</param>
    /// <param name="named">The same artefact as <see cref="INamesFiles"/>.</param>
    /// <param name="lookup">Finds paths inside the image.</param>
    public static CommandLink Resolve(Artifact source, INamesFiles named, IPathLookup lookup)
    {
        var files = new FileCollector(lookup);
        var script = source as ScriptFacts;
        string relation = source switch
        {
            PreloadedLibrary or SystemdUnit or PreloadingEnvironment => "loads",
            WindowsService or AutorunEntry => "loads",
            PamRule or NssService or SudoPlugin => "loads",
            EnvironmentSetting { Role: EnvironmentRole.LoadsLibrary } => "loads",
            EnvironmentSetting { Role: EnvironmentRole.StartsFile } => "interprets",
            // What may be there, or what somebody may start: looked at, but not started by the host.
            EnvironmentSetting or LibraryDirectory or LibraryCache or SudoRule or ToolSetting or PythonStartup or SshKeyPair => "uses",
            SystemdLink => "enables",
            // What runs only when somebody logs in is not started by the host.
            UserAccount or LoginShell => "uses",
            ScriptFacts => "interprets",
            _ => "starts",
        };
        foreach (string path in named.NamedFiles)
        {
            if (script is not null && lookup.Resolve(path) is null)
            {
                // A module is looked for in several places; only where it is counts.
                continue;
            }
            if (path.StartsWith('/') && Forensics.Parsers.PathText.TryToBytes(path, out byte[] bytes))
            {
                // The collector takes decoded text; a name that is no text at all is kept in its display form.
                files.Add(System.Text.Unicode.Utf8.IsValid(bytes) ? System.Text.Encoding.UTF8.GetString(bytes) : path, relation, script?.RunsWith);
            }
        }
        return new CommandLink(source, null, [], files.Files);
    }

    /// <summary>
    /// All links of an artefact: one for each command, one for the files it names. The lines of a script share working directory and variables, as they do when it runs.
    /// </summary>
    /// <param name="source">The artefact.</param>
    /// <param name="lookup">Finds paths inside the image.</param>
    /// <param name="homes">Home directories by account; null when they are not known.</param>
    public static IReadOnlyList<CommandLink> ResolveAll(Artifact source, IPathLookup lookup, IReadOnlyDictionary<string, string>? homes = null)
    {
        var links = new List<CommandLink>();
        if (lookup.IsWindows && source is IStartsCommands { Commands: { Count: > 0 } lines })
        {
            links.AddRange(WindowsCommandResolver.ResolveAll(source, lines, lookup, homes));
        }
        else if (source is IStartsCommands { Commands: { Count: > 0 } commands })
        {
            bool isScript = source is StartupScript or ScriptFacts;
            ShellState? shared = isScript ? ShellState.OfScript(commands[0], source.Location.Path, source is ScriptFacts, homes) : null;
            foreach (StartCommand command in commands.Take(MaxLines))
            {
                links.Add(Resolve(source, command, lookup, shared ?? new ShellState(command, homes)));
            }
        }
        if (source is INamesFiles { NamedFiles.Count: > 0 } named)
        {
            links.Add(Resolve(source, named, lookup));
        }
        return links;
    }

    private static CommandLink Resolve(Artifact source, StartCommand command, IPathLookup lookup, ShellState state)
    {
        var files = new FileCollector(lookup);
        var unwrapper = new CommandUnwrapper(state, files);
        unwrapper.Run(command);
        return new CommandLink(source, command, unwrapper.Texts, files.Files) { IsCut = unwrapper.IsCut || files.IsCut };
    }
}
