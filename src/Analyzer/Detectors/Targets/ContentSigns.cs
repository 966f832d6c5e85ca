using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Detectors;

/// <summary>What stands in a program that no package brought: pools, wallets and words of miners, the outfit of a remote shell, odd places of its libraries.</summary>
internal static class ContentSigns
{
    // A program that names many pools has a list of them: it blocks or classifies them.
    private const int BlockList = 8;
    private const int ManyWords = 4;
    private const int FewWords = 2;
    private const double Noisy = 7.2;
    private const int SmallestNoisy = 32 << 10;

    private static readonly string[] s_loaders = ["/lib", "/usr/lib", "/nix/store/", "/gnu/store/", "/opt/", "/snap/", "/system/bin/", "/usr/local/", "/home/linuxbrew/", "/libexec/", "/usr/libexec/"];

    public static IEnumerable<TargetSign> Of(TargetFile file)
    {
        if (file.IsVendor || file.Elf is not { } elf)
        {
            yield break;
        }
        foreach (TargetSign sign in Miner(elf))
        {
            yield return sign;
        }
        if (!file.IsAlien)
        {
            yield break;
        }
        if (elf is { IsPacked: false, HasNoSections: false, Entropy: >= Noisy } && file.Facts.Entry.Size >= SmallestNoisy)
        {
            yield return new("target-weak-signs", 20, "most of it is noise, as of something compressed or encrypted");
        }
        if (elf.NotableImports.Contains("socket") && elf.NotableImports.Any(name => name is "dup2" or "dup3" or "forkpty" or "openpty") && elf.NotableImports.Any(name => name.StartsWith("exec", StringComparison.Ordinal) || name is "system" or "popen"))
        {
            yield return new("target-weak-signs", 15, "it imports what a remote shell needs");
        }
        if (elf.Urls.Count > 0)
        {
            bool isHidden = elf.Urls.Any(url => url.Contains(".onion", StringComparison.Ordinal));
            yield return new("target-weak-signs", isHidden ? 20 : 10, $"it holds the address {Clip.Evidence(elf.Urls.FirstOrDefault(url => url.Contains(".onion", StringComparison.Ordinal)) ?? elf.Urls[0])}");
        }
        if (elf.Interpreter is { Length: > 0 } loader && !PathTraits.StartsWithAny(loader, s_loaders))
        {
            yield return new("target-weak-signs", 30, $"it asks for the loader {Clip.Evidence(loader)}");
        }
        if (elf.SearchPaths.FirstOrDefault(path => PathTraits.IsTemporary(path + "/") || (path.StartsWith('/') && PathTraits.IsHidden(path))) is string odd)
        {
            yield return new("target-weak-signs", 30, $"it takes libraries from {Clip.Evidence(odd)}");
        }
    }

    private static IEnumerable<TargetSign> Miner(ExecutableFacts elf)
    {
        if (elf.Pools.Count > BlockList)
        {
            yield break;
        }
        bool isNamed = elf.Pools.Count > 0 || elf.PoolAddresses.Count > 0 || elf.HasWallet;
        if (isNamed && (elf.MinerWords.Count > 0 || elf.HasWallet))
        {
            string what = elf.Pools.Count > 0 ? "the mining pool " + elf.Pools[0] : elf.PoolAddresses.Count > 0 ? "the mining address " + Clip.Evidence(elf.PoolAddresses[0]) : "a Monero wallet";
            yield return new("target-miner", 100, $"it holds {what}{(elf.MinerWords.Count > 0 ? " and words of miners (" + string.Join(", ", elf.MinerWords.Take(4)) + ")" : "")}");
        }
        else if (isNamed || elf.MinerWords.Count >= ManyWords)
        {
            yield return new("target-miner", 60, isNamed ? "it holds the address of a mining pool" : "it holds words of miners: " + string.Join(", ", elf.MinerWords.Take(6)));
        }
        else if (elf.MinerWords.Count >= FewWords)
        {
            yield return new("target-weak-signs", 20, "it holds words of miners: " + string.Join(", ", elf.MinerWords));
        }
    }
}
