using Forensics.Analyzer.Evidence;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>How old a host is: what was made much later than it needs a reason.</summary>
internal static class HostAge
{
    // What is set up in the first days belongs to the installation.
    private const long Settling = 7 * 86400;

    /// <summary>When the host first ran: the file system was made, or, of a copied image, the machine id.</summary>
    public static Timestamp? InstalledAt(EvidenceIndex evidence, string host)
    {
        Timestamp? made = evidence.OfType<FileSystemState>().FirstOrDefault(state => state.Location.Volume == host)?.Facts.Created;
        Timestamp? first = evidence.File(host, "/etc/machine-id")?.Entry.Created;
        return first is { } later && (made is not { } earlier || later.CompareTo(earlier) > 0) ? later : made;
    }

    /// <summary>Whether a time is later than the days in which a host is set up; false when either is not known.</summary>
    public static bool IsAfter(Timestamp? installed, Timestamp? time) => installed is { } begin && time is { } when && when.Seconds > begin.Seconds + Settling;
}
