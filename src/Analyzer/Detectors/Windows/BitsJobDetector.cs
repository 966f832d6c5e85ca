using Forensics.Analyzer.Detectors.Linux;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Jobs of BITS that start a command when they end or fail, which runs again after every start of the machine; and jobs that fetch programs from bare addresses.</summary>
/// <remarks><b>Limitations:</b> jobs of Windows 10 and later are carved and may be gone; that is said.</remarks>
public sealed class BitsJobDetector : IDetector
{
    private static readonly RuleInfo s_notify = new("W-BITS.notify-command", "BITS job that starts a command", "persistence", ["T1197"]);
    private static readonly RuleInfo s_address = new("W-BITS.program-from-address", "BITS job that fetches a program from a bare address", "execution", ["T1197", "T1105"]);

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_notify, s_address];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        ILookup<object, CommandLink> links = evidence.Links.Where(link => link.Source is BitsJob).ToLookup<CommandLink, object>(link => link.Source, ReferenceEqualityComparer.Instance);
        foreach (BitsJob job in evidence.OfType<BitsJob>())
        {
            if (job.NotifyCommand is { } command)
            {
                Severity severity = WindowsInterpreters.LeadsToInstalledOnly(links[job]) && !WindowsInterpreters.Runs(command) ? Severity.Medium : Severity.High;
                yield return Of(s_notify, severity, job, $"The job {Name(job)} starts a command when it ends or fails, and again until somebody completes it.", command, evidence);
            }
            if (job.Files.FirstOrDefault(file => IsBareAddress(file.RemoteName) && WindowsNames.IsProgram(file.LocalName.Replace('\\', '/'))) is { } fetched)
            {
                yield return Of(s_address, Severity.Medium, job, $"The job {Name(job)} fetches a program from an address without a name to {fetched.LocalName}.", fetched.RemoteName, evidence);
            }
        }
    }

    private static string Name(BitsJob job) => job.Job is { } known ? known.DisplayName.Length == 0 ? known.Id.ToString("B") : known.DisplayName : "of an unknown name";

    private static Finding Of(RuleInfo rule, Severity severity, BitsJob job, string message, string text, EvidenceIndex evidence) => new(rule, severity, job.Location)
    {
        Message = message + (job.IsCarved ? " The record was carved out of the service's database: the job may be gone." : ""),
        Evidence = Clip.Evidence(text),
        Hashes = evidence.HashesOf(job.Location),
        Remediation = Place.CleanUp(job, null),
    };

    /// <summary>An address of the internet without a name: update servers in the house are reached by theirs, or lie in networks of their own.</summary>
    private static bool IsBareAddress(string address) => Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 && LogText.IsPublic(uri.Host.Trim('[', ']'));
}
