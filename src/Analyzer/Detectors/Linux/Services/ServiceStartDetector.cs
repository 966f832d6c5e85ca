using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// What single entries cannot tell: shells that a socket hands to whoever connects, generators from nowhere, accounts of services that keep user units running, drop-ins that switch protection off,
/// libraries that a service's environment file preloads; and lists at jobs.
/// </summary>
public sealed class ServiceStartDetector : IDetector
{
    private static readonly RuleInfo SocketShell = new("L-UNIT-OTHER.socket-shell", "A socket hands a shell to whoever connects", "persistence", ["T1543.002", "T1059.004"]);
    private static readonly RuleInfo Generator = new("L-GENERATOR.unowned", "Generator that no package owns", "persistence", ["T1543.002"]);
    private static readonly RuleInfo Linger = new("L-UNIT-USER.service-account-lingers", "User units of a service account run without a login", "persistence", ["T1543.002"]);
    private static readonly RuleInfo Disabled = new("L-UNIT-DROPIN.empties-security-service", "Drop-in takes the program out of a security service", "evasion", ["T1562.001"]);
    private static readonly RuleInfo EnvironmentPreload = new("L-UNIT.environment-file-preload", "A service's environment file preloads a library", "evasion", ["T1574.006", "T1543.002"]);
    private static readonly RuleInfo AtJobRule = new("L-AT.job", "at has a job", "persistence", ["T1053.002"]);

    private static readonly HashSet<string> Shells = new(StringComparer.Ordinal) { "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "rbash" };
    private static readonly HashSet<string> Nothing = new(StringComparer.Ordinal) { "/bin/true", "/usr/bin/true", "/bin/false", "/usr/bin/false", "true", "/bin/sleep", "/usr/bin/sleep" };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [SocketShell, Generator, Linger, Disabled, EnvironmentPreload, AtJobRule];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var activation = StartChain.Of(evidence).Units;
        return [.. Sockets(evidence, activation), .. Generators(evidence), .. Lingering(evidence), .. DropIns(evidence, activation), .. EnvironmentFiles(evidence, activation), .. AtJobs(evidence)];
    }

    private static IEnumerable<Finding> Sockets(EvidenceIndex evidence, UnitActivation activation)
    {
        foreach (SystemdUnit socket in evidence.OfType<SystemdUnit>().Where(unit => unit is { UnitType: "socket", IsDropIn: false }))
        {
            string stem = socket.Name[..^".socket".Length];
            string host = evidence.TreeOf(socket.Location.Volume);
            bool accepts = socket.Value("Socket", "Accept") is "yes" or "true" or "1" or "on";
            string name = socket.Value("Socket", "Service") ?? (accepts ? stem + "@.service" : stem + ".service");
            if (activation.Find(host, name, socket.IsUserUnit) is not { } service || evidence.File(service.Location)?.Origin is { IsVendor: true }
                || service.Value("Service", "StandardInput") is not ("socket" or null) || (!accepts && service.Value("Service", "StandardInput") is not "socket")
                || service.Commands.FirstOrDefault(IsBareShell) is not { } shell)
            {
                continue;
            }
            string[] listens = [.. socket.Settings.Where(setting => setting.Key is "ListenStream" or "ListenDatagram").Select(setting => setting.Value)];
            bool isNetwork = listens.Any(address => !address.StartsWith('/') && !address.StartsWith('@'));
            string? dormant = activation.DormantBecause(socket);
            Severity severity = isNetwork ? Severity.Critical : Severity.High;
            yield return new Finding(SocketShell, dormant is null ? severity : severity.Lower(), socket.Location)
            {
                Message = $"Whoever connects to {string.Join(", ", listens)} gets {shell.Text} of {service.Name} as {shell.User ?? "root"}." + (dormant is null ? "" : $" Nothing listens at present: {dormant}; one level lower."),
                Evidence = Clip.Evidence(shell.Text),
                Hashes = evidence.HashesOf(socket.Location),
                Related = [new RelatedFile(service.Location.Path, "starts")],
                Remediation = [.. Place.CleanUp(socket, null), .. Place.CleanUp(service, null)],
            };
        }
    }

    /// <summary>A shell without a script or command: it reads what comes in.</summary>
    private static bool IsBareShell(StartCommand command)
    {
        string[] words = command.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 && Shells.Contains(PathTraits.Name(words[0])) && words.Skip(1).All(word => word.StartsWith('-') && !word.Contains('c', StringComparison.Ordinal));
    }

    private static IEnumerable<Finding> Generators(EvidenceIndex evidence)
    {
        var activation = new ScriptActivation(evidence);
        foreach (StartupScript script in evidence.OfType<StartupScript>().Where(script => script.Place == StartupPlace.Generator && (script.IsBinary || script.ActiveLines > 0)))
        {
            FileOrigin? origin = evidence.File(script.Location)?.Origin;
            bool isVendorPlace = PathTraits.StartsWithAny(script.Location.Path, UnitActivation.VendorDirectories);
            if (origin is { IsAlien: false } || (origin is null && isVendorPlace))
            {
                continue;
            }
            string? dormant = activation.DormantBecause(script);
            Severity severity = script.IsBinary && origin is not null ? Severity.High : Severity.Medium;
            yield return new Finding(Generator, dormant is null ? severity : severity.Lower(), script.Location)
            {
                Message = $"systemd runs this {(script.IsBinary ? "program" : "script")} as root before anything else, at each boot and each daemon-reload, and " + (origin is null ? "distributions put nothing into this directory." : "no package owns it.")
                    + (dormant is null ? "" : $" It would not run at present: {dormant}; one level lower."),
                Evidence = Clip.Evidence(script.Commands.Count > 0 ? script.Commands[0].Text : script.Location.Path),
                Hashes = evidence.HashesOf(script.Location),
                Remediation = [.. Remediation.RemoveFile(script.Location.Path), "systemctl daemon-reload"],
            };
        }
    }

    private static IEnumerable<Finding> Lingering(EvidenceIndex evidence)
    {
        ILookup<string, UserAccount> accounts = evidence.Accounts();
        foreach (LingeringUser linger in evidence.OfType<LingeringUser>())
        {
            UserAccount? account = accounts[evidence.TreeOf(linger.Location.Volume)].FirstOrDefault(account => account.Name == linger.User);
            bool isService = account is { UserId: > 0 and < 1000 } && (account.Shell.EndsWith("nologin", StringComparison.Ordinal) || account.Shell.EndsWith("false", StringComparison.Ordinal));
            if (isService)
            {
                yield return new Finding(Linger, Severity.Medium, linger.Location)
                {
                    Message = $"{linger.User} is the account of a service and cannot log in, yet its user units are started at each boot.",
                    Evidence = linger.User,
                    Remediation = ShellQuote.TryText(linger.User, out string word) ? ["loginctl disable-linger -- " + word] : Remediation.RemoveFile(linger.Location.Path),
                };
            }
        }
    }

    private static IEnumerable<Finding> DropIns(EvidenceIndex evidence, UnitActivation activation)
    {
        foreach (SystemdUnit dropIn in evidence.OfType<SystemdUnit>().Where(unit => unit is { IsDropIn: true, UnitType: "service" } && unit.Name.Length > ".service".Length && MaskedUnitDetector.IsSecurity(unit.Name[..^".service".Length])))
        {
            StartCommand? replaced = dropIn.Commands.FirstOrDefault(command => command.Trigger == "systemd ExecStart" && Nothing.Contains(command.Text.Split(' ')[0]));
            UnitSetting? condition = dropIn.Settings.FirstOrDefault(setting => setting is { Section: "Unit", Key: "ConditionPathExists" or "AssertPathExists", Value: ['/', ..] } && evidence.File(dropIn.Location.Volume, setting.Value) is null
                && PathTraits.StartsWithAny(setting.Value, ["/nonexist", "/dev/null/", "/no/", "/tmp/", "/none"]));
            if ((replaced is null && condition is null) || evidence.File(dropIn.Location)?.Origin is { IsVendor: true })
            {
                continue;
            }
            string? dormant = activation.DormantBecause(dropIn);
            yield return new Finding(Disabled, dormant is null ? Severity.Medium : Severity.Low, dropIn.Location)
            {
                Message = $"The drop-in leaves {dropIn.Name} looking enabled while nothing of it runs." + (dormant is null ? "" : $" It is not used at present: {dormant}; one level lower."),
                Evidence = Clip.Evidence(replaced?.Text ?? $"{condition!.Key}={condition.Value}"),
                Hashes = evidence.HashesOf(dropIn.Location),
                Remediation = Place.CleanUp(dropIn, null),
            };
        }
    }

    private static IEnumerable<Finding> EnvironmentFiles(EvidenceIndex evidence, UnitActivation activation)
    {
        var units = new Dictionary<(string Host, string Path), SystemdUnit>();
        foreach (SystemdUnit unit in evidence.OfType<SystemdUnit>())
        {
            foreach (UnitSetting setting in unit.Settings)
            {
                if (setting is { Key: "EnvironmentFile", Value.Length: > 0 })
                {
                    units.TryAdd((evidence.TreeOf(unit.Location.Volume), setting.Value.TrimStart('-')), unit);
                }
            }
        }
        foreach (PreloadingEnvironment file in evidence.OfType<PreloadingEnvironment>())
        {
            if (!units.TryGetValue((evidence.TreeOf(file.Location.Volume), file.Location.Path), out SystemdUnit? unit) || file.NamedFiles.All(path => InterposerDetector.IsKnownProduct(PathTraits.Name(path))))
            {
                continue;
            }
            string? dormant = activation.DormantBecause(unit);
            yield return new Finding(EnvironmentPreload, dormant is null ? Severity.High : Severity.Medium, file.Location)
            {
                Message = $"{unit.Name} takes its environment from this file, so its program loads the library before all others." + (dormant is null ? "" : $" It would not be started at present: {dormant}; one level lower."),
                Evidence = Clip.Evidence($"{file.Variable}={file.Value}"),
                Hashes = evidence.HashesOf(file.Location),
                Related = [new RelatedFile(unit.Location.Path, "read-by"), .. file.NamedFiles.Select(path => new RelatedFile(path, "loads"))],
                Remediation = [.. Remediation.RemoveLine(file.Location.Path, file.Location.Line), .. file.NamedFiles.Where(path => evidence.File(file.Location.Volume, path)?.Origin is { IsAlien: true }).SelectMany(Remediation.RemoveFile)],
            };
        }
    }

    private static IEnumerable<Finding> AtJobs(EvidenceIndex evidence)
    {
        foreach (AtJob job in evidence.OfType<AtJob>())
        {
            yield return new Finding(AtJobRule, Severity.Info, job.Location)
            {
                Message = $"at runs this once as user {job.UserId ?? job.OwnerId}" + (job.Due is { } due ? $", due {due}" : "") + "." + (job.DormantBecause is null ? "" : $" It would not run at present: {job.DormantBecause}."),
                Evidence = Clip.Evidence(job.Payload),
                Hashes = evidence.HashesOf(job.Location),
            };
        }
    }
}
