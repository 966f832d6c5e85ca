using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Detectors;

/// <summary>Rights that make a file a way to become root: who may change what root runs, and what runs as root for everybody.</summary>
internal static class RightsSigns
{
    /// <summary>Reason part for a way to root that needs no malice to exist.</summary>
    public const string Suffix = "target-open-to-others";

    private const int SetUser = 0x800;
    private const int SetGroup = 0x400;
    private const int Sticky = 0x200;
    private const int OthersMayWrite = 0b000_000_010;
    private const uint FirstLoginAccount = 1000;

    public static IEnumerable<TargetSign> Of(TargetFile file)
    {
        FileEntry entry = file.Facts.Entry;
        if ((entry.Permissions & (SetUser | SetGroup)) != 0 && file.Facts.Origin is { IsAlien: false } origin && (origin.Differences & FileDifferences.Permissions) != 0)
        {
            yield return new("target-gained-setuid", 60, "it runs with its owner's rights for everybody, which its package does not ask for");
        }
        if (file.RunsAs is not ("root" or "0") || file.Zone == TargetZone.Temporary)
        {
            yield break;
        }
        if ((entry.Permissions & OthersMayWrite) != 0)
        {
            yield return new(Suffix, 40, "everybody may change it, and root runs it");
        }
        else if (file.Directory?.Entry is { } directory && (directory.Permissions & OthersMayWrite) != 0 && (directory.Permissions & Sticky) == 0)
        {
            yield return new(Suffix, 40, "everybody may replace it in its directory, and root runs it");
        }
        if (entry.UserId != 0)
        {
            // Archives unpacked by root keep the number of whoever packed them; a person's own script in root's crontab is common, a service's is not.
            bool isService = file.Owner is not null && entry.UserId < FirstLoginAccount;
            int weight = isService || file.Zone == TargetZone.Distribution ? 40 : file.Owner is not null ? 20 : 10;
            string owner = file.Owner?.Name ?? "user " + entry.UserId.ToString(CultureInfo.InvariantCulture);
            yield return new(Suffix, weight, $"it belongs to {owner}, who may change what root runs");
        }
    }
}
