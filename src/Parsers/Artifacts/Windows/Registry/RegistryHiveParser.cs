using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Opens a hive with its transaction logs and hands it to what reads facts out of it.</summary>
/// <remarks><b>Limitations:</b> logs that were renamed are not found.</remarks>
public abstract class RegistryHiveParser : ArtifactParser
{
    /// <inheritdoc/>
    public sealed override bool ReadsSource => true;

    /// <inheritdoc/>
    public sealed override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        IByteSource source = input.Source ?? new MemorySource(input.Content);
        if (source.Length == 0)
        {
            return;
        }
        string name = input.Location.Name;
        // Windows before Vista has one log.
        IByteSource? log1 = input.Siblings(name + ".LOG1") ?? input.Siblings(name + ".LOG");
        IByteSource? log2 = input.Siblings(name + ".LOG2");
        RegistryHive hive = RegistryHive.Open(source, log1, log2, new ParseContext(input.Limits, sink, input.Cancellation));
        Read(new HiveFacts(hive, input, new BoundedSink(sink, input)));
    }

    /// <summary>Reads the facts.</summary>
    private protected abstract void Read(HiveFacts facts);

    // A hostile hive could yield as many facts as it has cells.
    private sealed class BoundedSink(IArtifactSink sink, ArtifactInput input) : IArtifactSink
    {
        private int _left = input.Limits.ArtifactsPerFile;

        public void Add(Artifact artifact)
        {
            if (--_left < 0)
            {
                throw new LimitExceededException("registry.artifacts", input.Limits.ArtifactsPerFile);
            }
            sink.Add(artifact);
        }

        public void Report(Diagnostic diagnostic) => sink.Report(diagnostic);
    }
}

/// <summary>A hive as the readers of facts see it: keys, locations within the file, where facts go.</summary>
internal sealed class HiveFacts(RegistryHive hive, ArtifactInput input, IArtifactSink sink)
{
    /// <summary>The hive.</summary>
    public RegistryHive Hive => hive;

    /// <summary>Where the hive lies.</summary>
    public EvidenceLocation File => input.Location;

    /// <summary>Name of the profile directory the hive lies in; null for hives of the machine.</summary>
    public string? User { get; } = ProfileOf(input.Location.Path);

    /// <summary>Takes one fact.</summary>
    public void Add(Artifact artifact) => sink.Add(artifact);

    /// <summary>Takes word of local damage.</summary>
    public void Report(Diagnostic diagnostic) => sink.Report(diagnostic);

    /// <summary>The place of a key.</summary>
    public EvidenceLocation At(RegistryKey key) => input.Location with { ByteOffset = key.FileOffset };

    /// <summary>The place of a value.</summary>
    public EvidenceLocation At(RegistryValue value) => input.Location with { ByteOffset = value.FileOffset };

    /// <summary>The keys that a path with <c>*</c> for any one name leads to.</summary>
    public static IEnumerable<RegistryKey> Expand(RegistryKey from, string pattern)
    {
        int star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return from.Find(pattern) is { } found ? [found] : [];
        }
        return from.Find(pattern[..star]) is not { } parent ? []
            : star + 1 >= pattern.Length ? parent.Subkeys()
            : parent.Subkeys().SelectMany(key => Expand(key, pattern[(star + 2)..]));
    }

    private static string? ProfileOf(string path)
    {
        string[] parts = path.Split('/');
        bool isProfile = parts.Length > 3 && (parts[1].Equals("Users", StringComparison.OrdinalIgnoreCase) || parts[1].Equals("Documents and Settings", StringComparison.OrdinalIgnoreCase));
        return isProfile ? parts[2]
            : parts.Length > 4 && parts[2].Equals("ServiceProfiles", StringComparison.OrdinalIgnoreCase) ? parts[3]
            : parts[^1].Equals("DEFAULT", StringComparison.OrdinalIgnoreCase) ? "SYSTEM" : null;
    }
}
