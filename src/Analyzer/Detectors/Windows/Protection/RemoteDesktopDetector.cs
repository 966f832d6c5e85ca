using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Formats.Authenticode;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>Remote Desktop opened further than Windows does: other libraries in place of its own, sessions that are watched without asking, no authentication before the logon screen.</summary>
/// <remarks><b>Limitations:</b> a changed <c>termsrv.dll</c> is told from Microsoft's only where the catalogs of the host are there to vouch for its neighbours.</remarks>
public sealed class RemoteDesktopDetector : IDetector
{
    private static readonly RuleInfo s_open = new("W-RDP.open", "Remote Desktop is on", "access", ["T1021.001"]);
    private static readonly RuleInfo s_level = new("W-RDP.no-network-authentication", "Remote Desktop shows the logon screen to everybody", "access", ["T1021.001"]);
    private static readonly RuleInfo s_port = new("W-RDP.port", "Remote Desktop listens on an odd port", "access", ["T1021.001", "T1571"]);
    private static readonly RuleInfo s_shadow = new("W-RDP.shadow", "Sessions may be watched without asking", "access", ["T1563.002"]);
    private static readonly RuleInfo s_wrapper = new("W-RDP.wrapper", "Another library stands in for Remote Desktop's", "persistence", ["T1021.001", "T1505.005"]);
    private static readonly RuleInfo s_patched = new("W-RDP.patched-library", "Library of Remote Desktop was changed", "persistence", ["T1021.001", "T1505.005"]);

    private const int UsualPort = 3389;
    private const string Library = "/Windows/System32/termsrv.dll";
    private const int Neighbours = 20;

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [s_open, s_level, s_port, s_shadow, s_wrapper, s_patched];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence) =>
        evidence.OfType<RemoteDesktopSetting>().GroupBy(setting => evidence.TreeOf(setting.Location.Volume)).SelectMany(host => Settings([.. host], evidence)).Concat(Wrappers(evidence)).Concat(Patched(evidence));

    private static IEnumerable<Finding> Settings(RemoteDesktopSetting[] all, EvidenceIndex evidence)
    {
        RemoteDesktopSetting? policy = all.FirstOrDefault(setting => setting.IsPolicy);
        RemoteDesktopSetting? own = all.FirstOrDefault(setting => !setting.IsPolicy);
        RemoteDesktopSetting first = own ?? policy!;
        bool isRefused = policy?.DeniesConnections ?? own?.DeniesConnections ?? true;
        string key = @"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp";
        string dormant = isRefused ? " Remote Desktop is off at present; one level lower." : "";
        if (!isRefused)
        {
            yield return new Finding(s_open, Severity.Info, first.Location) { Message = $"Remote Desktop is on, at port {own?.Port ?? UsualPort}, as on most servers.", Evidence = "fDenyTSConnections = 0" };
        }
        if ((policy?.NeedsNetworkAuthentication ?? own?.NeedsNetworkAuthentication) == false)
        {
            bool isPlain = (policy?.SecurityLayer ?? own?.SecurityLayer) == 0;
            Severity severity = isPlain ? Severity.Medium : Severity.Low;
            yield return new Finding(s_level, isRefused ? severity.Lower() : severity, first.Location)
            {
                Message = "Whoever connects sees the logon screen before giving a password, so that what was put there (sticky keys) can be used" + (isPlain ? ", and the connection has no certificate (SecurityLayer 0)." : ". Old releases ship it so.") + dormant,
                Evidence = "UserAuthentication = 0" + (isPlain ? ", SecurityLayer = 0" : ""),
                Remediation = isPlain ? [.. WindowsRemediation.SetNumber(key, "UserAuthentication", 1), .. WindowsRemediation.SetNumber(key, "SecurityLayer", 2)] : [],
                BesideOthers = isRefused ? null : Severity.Medium,
            };
        }
        if (own?.Port is { } port && port != UsualPort)
        {
            yield return new Finding(s_port, Severity.Low, own.Location) { Message = $"Remote Desktop listens on port {port}. Administrators do that against guessing, intruders to pass firewalls." + (isRefused ? " It is off at present." : ""), Evidence = $"PortNumber = {port}" };
        }
        if ((policy?.Shadow ?? own?.Shadow) is (2 or 4) and var shadow)
        {
            yield return new Finding(s_shadow, isRefused ? Severity.Low : Severity.Medium, (policy?.Shadow is null ? own! : policy).Location)
            {
                Message = $"Sessions may be {(shadow == 2 ? "watched and steered" : "watched")} without asking the user." + dormant,
                Evidence = $"Shadow = {shadow}",
                Remediation = policy?.Shadow is null ? WindowsRemediation.SetNumber(key, "Shadow", 1) : WindowsRemediation.DeleteValue(@"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services", "Shadow"),
            };
        }
    }

    private static IEnumerable<Finding> Wrappers(EvidenceIndex evidence)
    {
        var served = new HashSet<string>(StringComparer.Ordinal);
        foreach (WindowsService service in evidence.OfType<WindowsService>().Where(service => service.Name.Equals("TermService", StringComparison.OrdinalIgnoreCase)))
        {
            if (service.ServiceDll is not { Length: > 0 } dll || (WindowsLogEvents.ImagePath(dll) is { } path && path.Equals(Library, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }
            served.Add(evidence.TreeOf(service.Location.Volume));
            bool isDisabled = service.Start == 4;
            yield return new Finding(s_wrapper, isDisabled ? Severity.Medium : Severity.High, service.Location)
            {
                Message = $"Remote Desktop loads {dll} in place of its own library" + (dll.Contains("rdpwrap", StringComparison.OrdinalIgnoreCase) ? ": RDP Wrapper, which lets several users in at once beside the one who sits there." : ".") + (isDisabled ? " The service is disabled at present; one level lower." : ""),
                Evidence = Clip.Evidence(service.KeyPath + @"\Parameters\ServiceDll = " + dll),
                Related = WindowsLogEvents.ImagePath(dll) is { } file ? [new RelatedFile(file, "loads")] : [],
                Remediation = WindowsRemediation.SetExpandable(service.KeyPath + @"\Parameters", "ServiceDll", @"C:\Windows\System32\termsrv.dll"),
            };
        }
        foreach (WindowsProgramFacts program in evidence.OfType<WindowsProgramFacts>().Where(program => WindowsPlaces.Name(program.Location.Path).ToUpperInvariant() is "RDPWRAP.DLL" or "RDPWINST.EXE"
            && !served.Contains(evidence.TreeOf(program.Location.Volume))).DistinctBy(program => evidence.TreeOf(program.Location.Volume)))
        {
            yield return new Finding(s_wrapper, Severity.Medium, program.Location)
            {
                Message = "RDP Wrapper lies here, which lets several users in at once; it is not in use at present, one level lower.",
                Evidence = Clip.Evidence(program.Location.Path),
                Hashes = evidence.File(program.Location)?.Hashes,
                Remediation = WindowsRemediation.RemoveFile(program.Location.Path),
            };
        }
    }

    // Windows signs its library by a catalog. A catalog may be missing for one file after an update that was not finished, but not for one alone of hundreds.
    private static IEnumerable<Finding> Patched(EvidenceIndex evidence)
    {
        foreach (WindowsProgramFacts library in evidence.OfType<WindowsProgramFacts>().Where(program => program.Location.Path.Equals(Library, StringComparison.OrdinalIgnoreCase)))
        {
            if (!library.AreCatalogsKnown || library.Signature.State != SignatureState.Unsigned)
            {
                continue;
            }
            string tree = evidence.TreeOf(library.Location.Volume);
            WindowsProgramFacts[] beside = [.. evidence.OfType<WindowsProgramFacts>().Where(program => program.Location.Path.StartsWith("/Windows/System32/", StringComparison.OrdinalIgnoreCase) && program.Location.Path.IndexOf('/', 18) < 0 && program != library && evidence.TreeOf(program.Location.Volume) == tree)];
            int vouched = beside.Count(program => program.Signature is { IsGood: true, Catalog: not null });
            int unsigned = beside.Count(program => program.Signature.State == SignatureState.Unsigned);
            if (vouched >= Neighbours && unsigned * 4 < vouched)
            {
                yield return new Finding(s_patched, Severity.High, library.Location)
                {
                    Message = "No catalog of Windows vouches for termsrv.dll, though catalogs vouch for the programs beside it: it was changed, as is done to let several users in at once.",
                    Evidence = Clip.Evidence(library.Location.Path),
                    Hashes = evidence.File(library.Location)?.Hashes,
                    Remediation = [@"sfc /scanfile=""C:\Windows\System32\termsrv.dll"""],
                };
            }
        }
    }
}
