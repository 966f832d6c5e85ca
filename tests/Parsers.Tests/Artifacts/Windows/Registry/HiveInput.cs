using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Formats.Registry;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>Hives as the pipeline hands them to parsers.</summary>
internal static class HiveInput
{
    public static ArtifactList Parse(ArtifactParser parser, string path, RegistryHiveWriter hive) => Parse(parser, path, hive.ToBytes());

    public static ArtifactList Parse(ArtifactParser parser, string path, byte[] hive, params (string Name, byte[] Content)[] siblings) =>
        Parse(parser, path, new MemorySource(hive), siblings.ToDictionary(file => file.Name, file => (IByteSource)new MemorySource(file.Content), StringComparer.OrdinalIgnoreCase));

    public static ArtifactList Parse(ArtifactParser parser, string path, IByteSource hive, IReadOnlyDictionary<string, IByteSource>? siblings = null)
    {
        var found = new ArtifactList();
        parser.Parse(
            new ArtifactInput(new EvidenceLocation("disk.raw", "gpt1@1048576", 1048576, path, 12), new FileEntry { Type = FileType.Regular }, default)
            {
                Source = hive,
                Siblings = name => siblings?.GetValueOrDefault(name),
            },
            found);
        return found;
    }
}
