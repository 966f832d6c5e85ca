using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>Which directories besides the usual ones IIS publishes, read before the walk so that their pages are claimed.</summary>
/// <remarks><b>Limitations:</b> see <see cref="IisSiteParser"/>; at most 256 directories that do not lie in one another; folders that hold the whole system are left out.</remarks>
internal static class WindowsWebSites
{
    private const int MostSites = 256;

    private static readonly HashSet<string> s_wholeSystem = new(StringComparer.OrdinalIgnoreCase) { "/Windows", "/Windows/System32", "/Users", "/ProgramData", "/Program Files", "/Program Files (x86)" };

    /// <summary>The directories, display form.</summary>
    public static IReadOnlyList<string> Of(ImageTree tree, ScanLimits limits)
    {
        var found = new ArtifactList();
        var parser = new IisSiteParser();
        foreach (string path in parser.Claims)
        {
            Read(tree, limits, parser, path, found);
        }
        var sites = new List<string>();
        // The shorter first, so that what lies in another is known.
        foreach (string directory in found.Artifacts.OfType<WebRoot>().Select(root => root.Directory).OrderBy(root => root.Length).ThenBy(root => root, StringComparer.Ordinal))
        {
            bool isKnown = s_wholeSystem.Contains(directory) || WindowsWebScriptParser.AlwaysClaimed.Concat(sites).Any(site => (directory + "/").StartsWith(site + "/", StringComparison.OrdinalIgnoreCase));
            // A path is taken as it is: what would be a wildcard in a claim is not.
            if (!isKnown && sites.Count < MostSites && directory.AsSpan().IndexOfAny("*?{}[],") < 0)
            {
                sites.Add(directory);
            }
        }
        return sites;
    }

    /// <summary>What is claimed below such a directory, by parser.</summary>
    public static IEnumerable<KeyValuePair<ArtifactParser, string>> Claims(IReadOnlyList<string> sites)
    {
        foreach (ArtifactParser parser in Parsers.Catalog.ArtifactParsers)
        {
            Func<string, IReadOnlyList<string>>? claims = parser switch
            {
                WindowsWebScriptParser => WindowsWebScriptParser.ClaimsBelow,
                WebServerExtensionParser => static root => [root + "/**/web.config"],
                _ => null,
            };
            foreach (string glob in claims is null ? [] : sites.SelectMany(claims))
            {
                yield return KeyValuePair.Create(parser, glob);
            }
        }
    }

    private static void Read(ImageTree tree, ScanLimits limits, IisSiteParser parser, string path, ArtifactList sink)
    {
        try
        {
            if (tree.Find(path, followLast: false) is { File.Type: FileType.Regular } file)
            {
                var location = new EvidenceLocation("", file.Volume.Volume.Identity, file.Volume.Volume.Offset, path, file.File.MetadataAddress);
                parser.Parse(new ArtifactInput(location, file.File, file.FileSystem.OpenContent(file.File).ReadArray(0, limits.ArtifactBytes)) { Limits = limits }, sink);
            }
        }
        catch (ForensicException)
        {
            // The walk meets the same file again and reports the damage.
            return;
        }
    }
}
