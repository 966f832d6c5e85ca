using Forensics.Analyzer.Evidence;

namespace Forensics.Analyzer.Detectors.Windows;

/// <summary>What speaks against a file of Windows by itself: place, name, attributes, build, words of miners.</summary>
internal static class WindowsSigns
{
    private const uint HiddenAndSystem = 0x2 | 0x4;
    private const uint Hidden = 0x2;
    private const int ManyWords = 4;
    private const int FewWords = 2;
    private const int BlockList = 8;

    // Interpreters under another name are a way in without a password (sethc.exe), or around a rule.
    private static readonly string[] s_tools = ["cmd.exe", "powershell.exe", "pwsh.dll", "wscript.exe", "cscript.exe", "mshta.exe", "rundll32.exe", "regsvr32.exe", "msbuild.exe", "certutil.exe", "nssm.exe"];

    /// <summary>The signs of a file.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="file">Its metadata and kind.</param>
    /// <param name="program">What its headers say; null when it is no PE file or was not looked into.</param>
    public static IEnumerable<TargetSign> Of(string path, FileFacts file, WindowsProgramFacts? program)
    {
        string name = WindowsPlaces.Name(path);
        bool isProgram = program is not null || file.Content == ContentKind.Pe;
        bool isScript = !isProgram && WindowsNames.IsScript(path);
        bool isSigned = program?.IsSigned == true;
        if (program is not null)
        {
            foreach (TargetSign sign in Miner(program))
            {
                yield return sign;
            }
            if (program.IsPacked && !isSigned)
            {
                yield return new("target-packed-binary", WindowsPlaces.IsInstalled(path) ? 10 : 30, "it is packed");
            }
            if (IsRenamedTool(program.File.OriginalName, name))
            {
                yield return new("target-renamed-tool", 60, $"it is {program.File.OriginalName} under another name");
            }
        }
        if (isProgram && WindowsNames.IsSystemProgram(name) && !WindowsNames.IsInItsPlace(path, name))
        {
            yield return new("target-imitated-name", 60, $"it has the name of a program of Windows, which lies elsewhere");
        }
        if ((isProgram || isScript) && WindowsPlaces.IsOdd(path))
        {
            // Installers leave signed programs in temporary folders.
            int weight = WindowsPlaces.IsTemporary(path) ? isSigned ? 10 : 40 : isSigned ? 30 : isProgram ? 60 : 40;
            yield return new("target-odd-place", weight, "no installer puts a program where it lies");
        }
        else if ((isProgram || isScript) && !isSigned && WindowsPlaces.IsUserWritable(path))
        {
            yield return new("target-weak-signs", 15, isProgram ? "it is not signed and lies where users may write" : "it lies where users may write");
        }
        uint attributes = file.Entry.DosAttributes ?? 0;
        if ((isProgram || isScript) && (attributes & Hidden) != 0)
        {
            bool isBoth = (attributes & HiddenAndSystem) == HiddenAndSystem;
            yield return new("target-hidden-binary", isBoth ? 40 : 25, isBoth ? "it is hidden, and marked as a file of the system" : "it is hidden");
        }
    }

    /// <summary>A program that is named after another one's original name, and is one that runs what it is given.</summary>
    public static bool IsRenamedTool(string? originalName, string name) =>
        originalName is not null && Array.Exists(s_tools, tool => tool.Equals(originalName, StringComparison.OrdinalIgnoreCase)) && !name.Equals(originalName, StringComparison.OrdinalIgnoreCase)
        && !name.Contains(originalName[..originalName.LastIndexOf('.')], StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<TargetSign> Miner(WindowsProgramFacts program)
    {
        int pools = program.Pools.Count + program.PoolAddresses.Count;
        if (pools is > 0 and < BlockList && (program.HasWallet || program.MinerWords.Count >= FewWords))
        {
            yield return new("target-miner", 100, $"the pool {program.Pools.Concat(program.PoolAddresses).First()} stands in it" + (program.HasWallet ? ", and a wallet" : ", and words of miners"));
        }
        else if (program.MinerWords.Count >= ManyWords)
        {
            yield return new("target-miner", 100, "it has the words of a miner: " + string.Join(", ", program.MinerWords.Take(ManyWords)));
        }
        else if (pools is > 0 and < BlockList || program.HasWallet)
        {
            yield return new("target-miner", 40, program.HasWallet ? "a Monero wallet stands in it" : $"the pool {program.Pools.Concat(program.PoolAddresses).First()} stands in it");
        }
    }
}
