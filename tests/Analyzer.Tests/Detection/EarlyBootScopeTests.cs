using System.IO.Compression;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What of kernels and early-boot images each profile reads, and what is made of it.</summary>
public sealed class EarlyBootScopeTests
{
    private const string Module = "/usr/lib/modules/" + PlantedModule.Release + "/kernel/net/bridge/stp.ko.gz";

    [Fact]
    public void A_changed_module_of_a_package_is_found_where_all_programs_are_read()
    {
        var tree = new PlantTree(PlantHost.Debian);
        tree.Kernel().Owned("linux-image", Module, Gzip(PlantedModule.Build("stp"))).Replace(Module, Gzip(PlantedModule.Build("stp", "Linux Kernel Team", "more")));

        Finding finding = Assert.Single(Scan(tree, ScanProfile.Standard).Findings, finding => finding.Rule.Id.StartsWith("L-KMOD", StringComparison.Ordinal));
        Assert.Equal(("L-KMOD.modified-module", Severity.High, Module), (finding.Rule.Id, finding.Severity, finding.Location.Path));
        Report triage = Scan(tree, ScanProfile.Triage);
        Assert.DoesNotContain(triage.Findings, finding => finding.Rule.Id.StartsWith("L-KMOD", StringComparison.Ordinal));
        Assert.DoesNotContain(triage.Artifacts, artifact => artifact is KernelModule);
    }

    [Fact]
    public void Modules_as_they_were_shipped_leave_no_facts()
    {
        var tree = new PlantTree(PlantHost.Debian);
        tree.Kernel();
        Assert.DoesNotContain(Scan(tree, ScanProfile.Standard).Artifacts, artifact => artifact is KernelModule);
    }

    [Fact]
    public void A_kernel_built_on_the_host_is_one_low_finding()
    {
        var tree = new PlantTree(PlantHost.Debian);
        tree.Kernel();
        foreach (string name in (string[])["fs/a", "fs/b", "net/c", "drivers/d"])
        {
            tree.Add(new PlantedFile($"/usr/lib/modules/6.9.0-own/kernel/{name}.ko", FileType.Regular) { Content = PlantedModule.Build(name[^1..]) });
        }
        Finding finding = Assert.Single(Scan(tree, ScanProfile.Standard).Findings, finding => finding.Rule.Id.StartsWith("L-KMOD", StringComparison.Ordinal));
        Assert.Equal(("L-KMOD.unowned-module", Severity.Low), (finding.Rule.Id, finding.Severity));
    }

    [Fact]
    public void Triage_reads_the_newest_large_image_only_and_counts_the_others_as_not_in_the_profile()
    {
        // Small ones are read beside the walk; these are larger than that.
        byte[] noise = new byte[9 << 20];
        new Random(5).NextBytes(noise);
        var tree = new PlantTree(PlantHost.Debian);
        foreach ((string release, long time) in (ReadOnlySpan<(string, long)>)[("5.10", PlantTree.Installed), ("6.1", PlantTree.Planted)])
        {
            tree.Add(new PlantedFile("/boot/initrd.img-" + release, FileType.Regular) { Content = new PlantedInitramfs().Add("init", "#!/bin/sh\n").Add("firmware.bin", noise).Build(), Modified = time });
        }
        Report triage = Scan(tree, ScanProfile.Triage);
        InitramfsImage image = Assert.Single(triage.Artifacts.OfType<InitramfsImage>());
        Assert.Equal("/boot/initrd.img-6.1", image.Location.Path);
        Assert.True(image.IsComplete);
        Assert.Equal(["cpio", "gzip"], image.Parts);
        Assert.False(triage.Coverage.IsIncomplete);
        Assert.Equal(2, Scan(tree, ScanProfile.Standard).Artifacts.OfType<InitramfsImage>().Count());
    }

    private static Report Scan(PlantTree tree, ScanProfile profile)
    {
        using var disk = new PlantDisk();
        (string image, _) = disk.Build([tree]);
        return ImageScan.Run(new ScanOptions(new ImageSource(image)) { Profile = profile, Threads = 2 }, NullProgress.Instance, CancellationToken.None).Report;
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }
        return packed.ToArray();
    }
}
