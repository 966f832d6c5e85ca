namespace Forensics.Yara.Tests.Rules;

/// <summary>The rules of this repository.</summary>
internal static class ShippedRules
{
    public static string Root { get; } = FindRoot();

    public static string Folder { get; } = Path.Combine(Root, "signatures", "yara");

    public static IReadOnlyList<YaraSource> Sources { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.yar").Order(StringComparer.Ordinal).Select(path => new YaraSource(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path), Path.GetFileName(path)))];

    public static IReadOnlyList<Sample> Malicious { get; } =
        [.. MinerSamples.All(), .. FamilySamples.All(), .. ShellSamples.All(), .. WebshellSamples.All(), .. RootkitSamples.All()];

    public static IReadOnlyList<Sample> Benign { get; } = [.. BenignSamples.All()];

    private static string FindRoot()
    {
        string? folder = Path.GetDirectoryName(typeof(ShippedRules).Assembly.Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Forensics.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder ?? throw new InvalidOperationException("The tests run outside the repository.");
    }
}
