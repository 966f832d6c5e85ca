using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Options that sshd is given on its command line (<c>-o Keyword=value</c>, <c>-p port</c>) by units and by <c>/etc/default/ssh</c>; they come before every file.</summary>
internal static class SshServerArguments
{
    private const int MostOptions = 100;

    public static IEnumerable<SshServerOption> Of(EvidenceIndex evidence, string tree)
    {
        var found = new List<SshServerOption>();
        foreach (EnvironmentSetting setting in evidence.OfType<EnvironmentSetting>())
        {
            if (setting.Role == EnvironmentRole.ServerOptions && evidence.TreeOf(setting.Location.Volume) == tree)
            {
                Read(setting.Value, setting.Location, found);
            }
        }
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            if (unit.Name is not ("ssh.service" or "sshd.service" or "sshd@.service" or "ssh@.service") || evidence.TreeOf(unit.Location.Volume) != tree)
            {
                continue;
            }
            foreach (StartCommand command in unit.Commands.Where(command => command.Text.Contains("sshd", StringComparison.Ordinal)))
            {
                Read(command.Text, command.Line is int line ? unit.Location.At(line, command.ByteOffset ?? 0) : unit.Location, found);
            }
        }
        return found.Take(MostOptions);
    }

    private static void Read(string text, EvidenceLocation place, List<SshServerOption> found)
    {
        string[] words = [.. ShellWords.Parse("sshd " + text).SelectMany(command => command.Words).Select(word => word.Text).Take(1000)];
        for (int i = 0; i < words.Length && found.Count < MostOptions; i++)
        {
            string? option = words[i] == "-o" ? (i + 1 < words.Length ? words[i + 1] : null) : words[i].StartsWith("-o", StringComparison.Ordinal) ? words[i][2..] : null;
            string[] parts = option?.Split(['=', ' '], 2, StringSplitOptions.RemoveEmptyEntries) ?? [];
            if (parts.Length == 2)
            {
                found.Add(new SshServerOption(place) { Keyword = parts[0], Arguments = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries) });
            }
        }
    }
}
