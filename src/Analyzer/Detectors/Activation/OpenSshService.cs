using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Detectors;

/// <summary>The service of OpenSSH on Windows, without which its keys and settings open nothing.</summary>
internal static class OpenSshService
{
    /// <summary>Why keys and settings do not count, as a clause; null when they do, or when the services of the host are not known.</summary>
    public static string? DormantBecause(EvidenceIndex evidence, string volume)
    {
        string tree = evidence.TreeOf(volume);
        WindowsService[] services = [.. evidence.OfType<WindowsService>().Where(service => evidence.TreeOf(service.Location.Volume) == tree)];
        return services.Length == 0 ? null
            : Array.Find(services, service => service.Name.Equals("sshd", StringComparison.OrdinalIgnoreCase)) is not { } server ? "no server of OpenSSH is set up as a service"
            : server.Start == 4 ? "the service of OpenSSH is disabled" : null;
    }
}
