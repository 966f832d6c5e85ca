using System.Text.RegularExpressions;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Settings of git that start something beside what they are for: a pager or editor that leaves a process in the background, hooks from an odd directory.</summary>
/// <remarks><b>Limitations:</b> what commands and hooks say otherwise is judged by the data rules and by what they start.</remarks>
public sealed class GitDetector : IDetector
{
    private static readonly RuleInfo Background = LoginPlaces.Git.Rule("background-command", "A setting of git leaves a process in the background", "persistence", "T1059.004");
    private static readonly RuleInfo Hooks = LoginPlaces.Git.Rule("hooks-directory", "git takes its hooks from an odd directory", "persistence", "T1546");

    private static readonly Regex s_background = new(@"(?:^|[\s;(])(?:nohup|setsid|disown)\s|[^&>0-9]&\s*(?:$|[^&>1-9])", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Background, Hooks];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var judge = new LibraryJudge(evidence, source => source is ToolSetting { Tool: "git" });
        foreach (ToolSetting setting in evidence.OfType<ToolSetting>())
        {
            if (setting.Tool != "git")
            {
                continue;
            }
            string text = setting.Key + " = " + setting.Value;
            bool isShown = setting.Key.StartsWith("alias.", StringComparison.Ordinal) || setting.Key.StartsWith("difftool.", StringComparison.Ordinal) || setting.Key.StartsWith("mergetool.", StringComparison.Ordinal) || setting.Key.StartsWith("browser.", StringComparison.Ordinal);
            if (setting.Command is not null && !isShown && s_background.IsMatch(setting.Command))
            {
                yield return LoginFinding.Of(Background, Severity.High, setting, $"git starts this for {setting.Key}, and something of it goes on in the background.", text, setting.DormantBecause);
            }
            else if (setting.Key == "core.hookspath")
            {
                StartedFile[] hooks = [.. judge.Present(setting)];
                string directory = hooks.Length > 0 ? EvidenceQueries.PathOf(hooks[0]) : setting.Value + "/";
                bool isOdd = PathTraits.IsTemporary(directory) || (PathTraits.IsHidden(directory) && !PathTraits.StartsWithAny(directory, ["/home/", "/root/", "/srv/", "/opt/", "/var/"]));
                FileFacts? alien = hooks.Select(judge.Facts).FirstOrDefault(facts => facts?.Origin is { IsAlien: true } && facts.Location.Path.StartsWith("/usr/", StringComparison.Ordinal) && !facts.Location.Path.StartsWith("/usr/local/", StringComparison.Ordinal));
                if (isOdd || alien is not null)
                {
                    yield return LoginFinding.Of(Hooks, isOdd ? Severity.High : Severity.Medium, setting, $"git takes the hooks of repositories from {setting.Value}" + (alien is null ? "." : ", where a file lies that no package owns."), text, setting.DormantBecause, alien?.Hashes, hooks.Select(EvidenceQueries.PathOf),
                        hooks.Take(4).SelectMany(file => Remediation.RemoveFile(EvidenceQueries.PathOf(file))));
                }
            }
        }
    }
}
