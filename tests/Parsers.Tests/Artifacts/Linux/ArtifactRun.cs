using System.Diagnostics;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

/// <summary>Hands text to a parser as if it were a file of an image.</summary>
internal static class ArtifactRun
{
    public static ArtifactList Parse(ArtifactParser parser, string path, string text, FileEntry? entry = null) =>
        Parse(parser, path, Encoding.UTF8.GetBytes(text), entry);

    public static ArtifactList Parse(ArtifactParser parser, string path, byte[] content, FileEntry? entry = null, ScanLimits? limits = null, bool truncated = false)
    {
        var list = new ArtifactList();
        parser.Parse(
            new ArtifactInput(Location(path), entry ?? new FileEntry { Type = FileType.Regular, Size = content.Length, Permissions = 0x1A4 }, content)
            {
                IsTruncated = truncated, Limits = limits ?? ScanLimits.Default,
            },
            list);
        return list;
    }

    public static ArtifactList ParseLink(ArtifactParser parser, string path, string target)
    {
        var list = new ArtifactList();
        parser.Parse(new ArtifactInput(Location(path), new FileEntry { Type = FileType.SymbolicLink }, default) { LinkTarget = target }, list);
        return list;
    }

    public static List<T> Of<T>(this ArtifactList list) => [.. list.Artifacts.OfType<T>()];

    public static EvidenceLocation Location(string path) => new("disk.img", "gpt1@1048576", 1048576, path, 42);

    /// <summary>Seeded noise of the kinds that break line parsers, and the bound every parser must keep.</summary>
    public static void SurvivesGarbage(ArtifactParser parser, string path, params string[] seeds)
    {
        var random = new Random(20260101);
        var clock = Stopwatch.StartNew();
        byte[] alphabet = Encoding.UTF8.GetBytes("=[]#;:\\\"'$%{}@!+-|,*/ \t\r\n\0abcExecStart=sshé" + string.Concat(seeds));
        for (int round = 0; round < 300; round++)
        {
            byte[] content = new byte[random.Next(0, 3000)];
            if (round % 3 == 0)
            {
                random.NextBytes(content);
            }
            else
            {
                for (int i = 0; i < content.Length; i++)
                {
                    content[i] = alphabet[random.Next(alphabet.Length)];
                }
            }
            if (round % 2 == 0 && seeds.Length > 0)
            {
                byte[] seed = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
                content = [.. content, .. seed];
                for (int k = 0; k < 3 && content.Length > 0; k++)
                {
                    content[random.Next(content.Length)] = (byte)random.Next(256);
                }
            }
            Parse(parser, path, content);
        }
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"300 small inputs took {clock.Elapsed}");
    }

    /// <summary>The hostile sizes: each must end within the parser's budget and hold no more than it may.</summary>
    public static void SurvivesHostileSizes(ArtifactParser parser, string path, string line)
    {
        int limit = ScanLimits.Default.ArtifactBytes;
        byte[] unit = Encoding.UTF8.GetBytes(line);
        byte[] repeated = new byte[limit];
        for (int i = 0; i < repeated.Length; i++)
        {
            repeated[i] = unit[i % unit.Length];
        }
        byte[] oneLine = new byte[limit];
        oneLine.AsSpan().Fill((byte)'a');
        foreach (byte[] content in new[] { repeated, oneLine, new byte[limit] })
        {
            var clock = Stopwatch.StartNew();
            ArtifactList list = Parse(parser, path, content, truncated: true);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{parser.Name} took {clock.Elapsed}");
            Assert.True(list.Artifacts.Count <= ScanLimits.Default.ArtifactsPerFile + 1);
            Assert.True(list.Diagnostics.Count <= 40);
            Assert.Contains(list.Diagnostics, diagnostic => diagnostic.LosesContent);
        }
    }
}
