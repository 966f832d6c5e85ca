using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux.Kernel;

/// <summary>Relocatable objects are made with the compiler of the machine, compressed with its tools, and read by modinfo as well.</summary>
public sealed class KernelModuleParserTests
{
    private const string Source = """
        static const char license[] __attribute__((section(".modinfo"), used)) = "license=GPL";
        static const char author[] __attribute__((section(".modinfo"), used)) = "author=A. Uthor <a@example.org>";
        static const char author2[] __attribute__((section(".modinfo"), used)) = "author=B. Other";
        static const char description[] __attribute__((section(".modinfo"), used)) = "description=Nothing at all";
        static const char name[] __attribute__((section(".modinfo"), used)) = "name=noth_ing";
        static const char vermagic[] __attribute__((section(".modinfo"), used)) = "vermagic=6.1.0-18-amd64 SMP preempt mod_unload modversions ";
        extern int register_kprobe(void *); extern int commit_creds(void *);
        int init_module(void) { return register_kprobe("__x64_sys_getdents64") + commit_creds(0); }
        """;

    [Fact]
    public void Plain_and_compressed_modules_say_what_modinfo_says()
    {
        using var folder = new TempFolder();
        string module = folder.File("noth-ing.ko");
        File.WriteAllText(folder.File("m.c"), Source);
        TestTools.Run("gcc", "-c", "-O1", "-o", module, folder.File("m.c"));
        foreach ((string tool, string suffix) in (ReadOnlySpan<(string, string)>)[("", ""), ("gzip", ".gz"), ("xz", ".xz"), ("zstd", ".zst")])
        {
            if (tool.Length > 0)
            {
                TestTools.Run(tool, "-k", "-f", "-q", module);
            }
            KernelModule found = Assert.Single(ArtifactRun.Parse(new KernelModuleParser(), "/lib/modules/6.1.0/kernel/noth-ing.ko" + suffix, File.ReadAllBytes(module + suffix)).Of<KernelModule>());
            Assert.Equal(suffix.Length > 0, found.IsCompressed);
            Assert.Equal("noth_ing", found.Module);
            foreach ((string field, string? value) in (ReadOnlySpan<(string, string?)>)[("license", found.License), ("description", found.Description), ("vermagic", found.VersionMagic)])
            {
                Assert.Equal(TestTools.Run("modinfo", "-F", field, module).TrimEnd('\n'), value);
            }
            Assert.Equal(TestTools.Run("modinfo", "-F", "author", module).TrimEnd('\n').Replace("\n", ", ", StringComparison.Ordinal), found.Author);
            Assert.Equal(["commit_creds", "getdents", "register_kprobe"], found.NotableNames);
            Assert.False(found.HasSignature);
        }
        File.AppendAllText(module, "pkcs7...~Module signature appended~\n");
        Assert.True(Assert.Single(ArtifactRun.Parse(new KernelModuleParser(), "/lib/modules/6.1.0/kernel/noth-ing.ko", File.ReadAllBytes(module)).Of<KernelModule>()).HasSignature);
    }

    [Fact]
    public void What_is_no_module_is_said_and_cut_ones_are_damage()
    {
        ArtifactList text = ArtifactRun.Parse(new KernelModuleParser(), "/lib/modules/1/x.ko", "hello\n");
        Assert.Empty(text.Artifacts);
        Assert.Contains(text.Diagnostics, diagnostic => diagnostic.Code == "linux.kernel-module.content");
        Assert.ThrowsAny<Diagnostics.ForensicException>(() => ArtifactRun.Parse(new KernelModuleParser(), "/lib/modules/1/x.ko.gz", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1]));
    }

    [Fact]
    public void A_module_that_unpacks_without_end_is_cut()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] block = new byte[1 << 20];
            "\u007fELF\u0002\u0001\u0001"u8.CopyTo(block);
            block[16] = 1;
            for (int i = 0; i < 80; i++)
            {
                gzip.Write(block);
            }
        }
        ArtifactList found = ArtifactRun.Parse(new KernelModuleParser(), "/lib/modules/1/x.ko.gz", packed.ToArray());
        Assert.Contains(found.Diagnostics, diagnostic => diagnostic is { Code: "linux.kernel-module.size", LosesContent: true });
    }
}
