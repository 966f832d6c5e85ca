using Forensics.Parsers.Artifacts;

namespace Forensics.Analyzer.Evidence;

/// <summary>
/// Finds out what a command of Windows really runs: takes off <c>cmd /c</c>, <c>start</c>, <c>powershell</c> with what it encodes, <c>rundll32</c>, <c>regsvr32</c>, <c>mshta</c>, <c>wscript</c>, <c>msiexec</c> and their kin, and
/// names the files that are started, interpreted, loaded or used. Pure; nothing is executed.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> values that only a running shell knows stay unresolved; COM classes and file associations stand in the registry. Bounds for one command: 64 texts of 64 KiB, 12 nested readers, 64 files.
/// </remarks>
internal static class WindowsCommandResolver
{
    private const int MaxLines = 20_000;

    /// <summary>The links of all commands of an artefact; lines of a batch file share variables and directory.</summary>
    public static IEnumerable<CommandLink> ResolveAll(Artifact source, IReadOnlyList<StartCommand> commands, IPathLookup lookup, IReadOnlyDictionary<string, string>? homes)
    {
        WindowsFiles? shared = null;
        foreach (StartCommand command in commands.Take(MaxLines))
        {
            // Each line has files of its own, and goes on where the one before it left the shell.
            WindowsFiles files = new(lookup, command, HomeAround(source.Location.Path), homes, source is ScriptFacts ? shared : null);
            shared = files;
            if (source is ScriptFacts && command == commands[0])
            {
                files.Set("~dp0", WindowsPathOf(source.Location.Path[..(source.Location.Path.LastIndexOf('/') + 1)]));
                files.ChangeDirectory(WindowsPathOf(source.Location.Path[..Math.Max(1, source.Location.Path.LastIndexOf('/'))]));
            }
            var unwrapper = new WindowsUnwrapper(files);
            WindowsReader reader = source is not ScriptFacts script ? WindowsReader.Process : script.RunsWith == "powershell" ? WindowsReader.PowerShell : WindowsReader.Cmd;
            unwrapper.Run(command.Text.Replace("%~dp0", "%~dp0%", StringComparison.OrdinalIgnoreCase), reader);
            yield return new CommandLink(source, command, unwrapper.Texts, files.Found) { IsCut = unwrapper.IsCut || files.IsCut };
        }
    }

    private static string WindowsPathOf(string path) => "C:" + path.Replace('/', '\\');

    /// <summary>The profile directory that a path lies in.</summary>
    private static string? HomeAround(string path)
    {
        string[] parts = path.Split('/', 4);
        return parts.Length == 4 && parts[1].ToUpperInvariant() is "USERS" or "DOCUMENTS AND SETTINGS" && parts[2].ToUpperInvariant() is not ("PUBLIC" or "DEFAULT" or "ALL USERS") ? "/" + parts[1] + "/" + parts[2] : null;
    }
}
