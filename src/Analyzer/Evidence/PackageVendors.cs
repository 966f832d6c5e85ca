using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Evidence;

/// <summary>Who stands behind a package, as the database on the examined disk says: anybody can write these words, so they may lead to a closer look and never to trust.</summary>
public static class PackageVendors
{
    private static readonly string[] s_maintainers = ["debian.org", "ubuntu.com", "canonical.com", "launchpad.net", "raspberrypi.", "kali.org", "archlinux.org", "alpinelinux.org", "manjaro.org", "freexian.com"];

    private static readonly string[] s_vendors =
    [
        "red hat", "fedora project", "centos", "almalinux", "rocky", "oracle", "amazon", "suse", "alibaba", "anolis", "openeuler", "tencent", "cloudlinux", "euler", "kylin", "scientific linux", "mageia", "springdale", "cern",
    ];

    /// <summary>The words name a distribution.</summary>
    public static bool ClaimsDistribution(Package package) => package.Manager switch
    {
        "rpm" => s_vendors.Any(vendor => package.Vendor.Contains(vendor, StringComparison.OrdinalIgnoreCase)),
        // apk keeps the commit of the distribution's repository that it was built from.
        "apk" => package.Origin.Length > 0 || s_maintainers.Any(name => package.Vendor.Contains(name, StringComparison.OrdinalIgnoreCase)),
        _ => s_maintainers.Any(name => package.Vendor.Contains(name, StringComparison.OrdinalIgnoreCase)),
    };

    /// <summary>No name and address of a person or company but a web address or a word.</summary>
    public static bool IsNameless(Package package) =>
        package.Manager == "dpkg" && package.Vendor.Length > 0 && (package.Vendor.Contains("://", StringComparison.Ordinal) || !package.Vendor.Contains('@', StringComparison.Ordinal));
}
