using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>What runs or opens at an SSH login beside keys: <c>~/.ssh/rc</c>, <c>sshrc</c>, files of trusted hosts, <c>.k5login</c>. Distributions ship none of them.</summary>
/// <remarks><b>Limitations:</b> whether a server that honours trusted hosts runs is not known; an rc file that only hands the display's cookie to xauth is taken for the manual page's.</remarks>
public sealed class SshLoginDetector : IDetector
{
    private static readonly RuleInfo Script = LoginPlaces.SshRc.Rule("login-script", "A script runs at every SSH login", "persistence", "T1546.004");
    private static readonly RuleInfo Anybody = LoginPlaces.SshRc.Rule("trusts-anybody", "Every host may log in without password", "access", "T1098");
    private static readonly RuleInfo Trusted = LoginPlaces.SshRc.Rule("trusted-host", "A host may log in without password", "access", "T1098");
    private static readonly RuleInfo Principal = LoginPlaces.SshRc.Rule("kerberos-principal", "A Kerberos principal opens an account", "access", "T1098");

    private static readonly string[] s_harmless = ["xauth", "mkdir", "hostname", "date", "tty", "cat", "logname", "id", "test", "ln", "chmod", "tmux", "uname"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Script, Anybody, Trusted, Principal];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<StartupScript, CommandLink> links = evidence.Links.Where(link => link.Source is StartupScript { Place: StartupPlace.SshLogin }).ToLookup(link => (StartupScript)link.Source);
        foreach (StartupScript script in evidence.OfType<StartupScript>())
        {
            if (script.Place != StartupPlace.SshLogin || script.ActiveLines == 0)
            {
                continue;
            }
            StartedFile[] started = [.. links[script].SelectMany(link => link.Files).Where(file => file.Relation is "starts" or "interprets")];
            bool isHarmless = !script.IsBinary && evidence.File(script.Location)?.Origin is { IsVendor: true } || (!script.IsBinary && started.All(file => s_harmless.Contains(PathTraits.Name(file.Requested)) && !PathTraits.IsTemporary(file.Requested) && !PathTraits.IsHidden(file.Requested)));
            if (script.DormantBecause is not null && isHarmless)
            {
                continue;
            }
            yield return LoginFinding.Of(Script, isHarmless ? Severity.Low : Severity.Medium, script, "sshd runs the file at every login" + (script.Location.Name == "sshrc" ? " of every account without one of its own" : "") + "; no distribution ships it.",
                script.Commands.Count > 0 ? script.Commands[0].Text : script.Location.Path, script.DormantBecause, evidence.HashesOf(script.Location), started.Select(EvidenceQueries.PathOf));
        }
        foreach (TrustedHost host in evidence.OfType<TrustedHost>())
        {
            string whom = host.Account is null ? "every account" : "the account " + host.Account;
            string text = host.Host + (host.User is null ? "" : " " + host.User);
            if (host.IsPrincipal)
            {
                yield return LoginFinding.Of(Principal, host.Account is "root" ? Severity.Medium : Severity.Low, host, $"The Kerberos principal {host.Host} opens {whom}.", text, null);
            }
            else if (host.Host == "+")
            {
                yield return LoginFinding.Of(Anybody, Severity.Critical, host, $"Every host opens {whom} without password{(host.User == "+" ? ", for every user" : "")}.", text, null);
            }
            else
            {
                yield return LoginFinding.Of(Trusted, host.User == "+" ? Severity.High : Severity.Medium, host, $"The host {host.Host} opens {whom} without password.", text, null);
            }
        }
    }
}
