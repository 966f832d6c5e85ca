using System.Collections.Concurrent;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Overlay;

/// <summary>
/// Directories of one file system laid over each other as overlayfs does for containers: an upper entry hides the lower one of the same name, directories are merged, a character device 0:0
/// (whiteout) takes a name away, and an opaque directory hides what lies below it. Metadata addresses are those of the file system below, so that evidence is found there again.
/// Specification: Documentation/filesystems/overlayfs.rst of the Linux kernel.
/// </summary>
/// <remarks>
/// A directory is merged once its parent was listed; walks and path look-ups begin at the root, so that is always so. Thread-safe.
/// <b>Limitations:</b> renamed directories (<c>trusted.overlay.redirect</c>) are shown where they lie and reported, metadata-only copies (<c>metacopy</c>) show no content from below and are
/// reported; all layers must lie on one file system.
/// </remarks>
public sealed class OverlayFileSystem : IFileSystem
{
    private const int MaxLayers = 512;
    private static readonly string[] s_prefixes = ["trusted.overlay.", "user.overlay."];

    private readonly IFileSystem _below;
    private readonly ParseContext _context;
    private readonly ConcurrentDictionary<ulong, ulong[]> _merged = new();

    /// <summary>Lays directories over each other. Throws <see cref="LimitExceededException"/> for more than 512 layers, and what opening a directory throws.</summary>
    /// <param name="below">The file system they lie on.</param>
    /// <param name="layers">Metadata addresses of the directories, the upper-most first; at least one.</param>
    /// <param name="context">Limits and diagnostics.</param>
    public OverlayFileSystem(IFileSystem below, IReadOnlyList<ulong> layers, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(below);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count);
        if (layers.Count > MaxLayers)
        {
            throw new LimitExceededException("overlay.layers", layers.Count);
        }
        _below = below;
        _context = context;
        RootAddress = layers[0];
        _merged[RootAddress] = [.. layers];
        Facts = new FileSystemFacts { BlockSize = below.Facts.BlockSize, State = "view" };
    }

    /// <inheritdoc/>
    public string Kind => "overlay";

    /// <inheritdoc/>
    public FileSystemFacts Facts { get; }

    /// <inheritdoc/>
    public ulong RootAddress { get; }

    /// <inheritdoc/>
    public FileEntry Open(ulong metadataAddress) => _below.Open(metadataAddress);

    /// <inheritdoc/>
    public IByteSource OpenContent(FileEntry file, string? stream = null) => _below.OpenContent(file, stream);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ReadLinkTarget(FileEntry link) => _below.ReadLinkTarget(link);

    /// <inheritdoc/>
    public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(FileEntry file) => _below.ReadExtendedAttributes(file);

    /// <inheritdoc/>
    public IEnumerable<DirectoryEntry> ReadDirectory(FileEntry directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ulong[] layers = _merged.GetValueOrDefault(directory.MetadataAddress) ?? [directory.MetadataAddress];
        var names = new Dictionary<string, Name>(StringComparer.Ordinal);
        var order = new List<Name>();
        for (int layer = 0; layer < layers.Length; layer++)
        {
            FileEntry folder = layer == 0 ? directory : _below.Open(layers[layer]);
            foreach (DirectoryEntry entry in _below.ReadDirectory(folder))
            {
                if (names.Count >= _context.Limits.KeptNames)
                {
                    throw new LimitExceededException("overlay.names", names.Count);
                }
                Take(names, order, entry, layer);
            }
            if (IsOpaque(folder))
            {
                break;
            }
        }
        foreach (Name name in order)
        {
            if (name.IsHidden)
            {
                continue;
            }
            if (name.Folders is { Count: > 1 } folders)
            {
                _merged.TryAdd(name.Entry.MetadataAddress, [.. folders]);
            }
            yield return name.Entry;
        }
    }

    private void Take(Dictionary<string, Name> names, List<Name> order, in DirectoryEntry entry, int layer)
    {
        string text = PathText.FromBytes(entry.Name.Span);
        if (names.TryGetValue(text, out Name? upper))
        {
            // The same directory in a lower layer, as long as nothing between hides it; a second entry of one layer is damage and counts as the first.
            if (upper.Folders is { } folders && !upper.IsClosed && upper.LastLayer != layer)
            {
                upper.LastLayer = layer;
                if (TypeOf(entry) == FileType.Directory)
                {
                    folders.Add(entry.MetadataAddress);
                    upper.IsClosed = IsOpaque(_below.Open(entry.MetadataAddress));
                }
                else
                {
                    upper.IsClosed = true;
                }
            }
            return;
        }
        FileType type = TypeOf(entry);
        var name = new Name(entry) { LastLayer = layer, IsHidden = type == FileType.CharacterDevice && IsWhiteout(entry) };
        if (type == FileType.Directory)
        {
            name.Folders = [entry.MetadataAddress];
            name.IsClosed = IsOpaque(_below.Open(entry.MetadataAddress));
        }
        names.Add(text, name);
        order.Add(name);
    }

    private FileType TypeOf(in DirectoryEntry entry)
    {
        if (entry.TypeHint != FileType.Unknown)
        {
            return entry.TypeHint;
        }
        try
        {
            return _below.Open(entry.MetadataAddress).Type;
        }
        catch (ForensicException)
        {
            // Who opens the entry meets the same damage.
            return FileType.Unknown;
        }
    }

    private bool IsWhiteout(in DirectoryEntry entry)
    {
        try
        {
            return _below.Open(entry.MetadataAddress) is { Type: FileType.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 };
        }
        catch (ForensicException)
        {
            return false;
        }
    }

    private bool IsOpaque(FileEntry directory)
    {
        bool isOpaque = false;
        foreach (ExtendedAttribute attribute in _below.ReadExtendedAttributes(directory))
        {
            foreach (string prefix in s_prefixes)
            {
                if (!attribute.Name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    continue;
                }
                string what = attribute.Name[prefix.Length..];
                isOpaque |= what == "opaque" && attribute.Value.Span.StartsWith("y"u8);
                if (what is "redirect" or "metacopy")
                {
                    _context.Diagnostics.Report(new Diagnostic("overlay." + what, "a renamed directory or a metadata-only copy of an overlay is shown as it lies in its layer, without what is below it")
                    {
                        MetadataAddress = directory.MetadataAddress, LosesContent = true,
                    });
                }
            }
        }
        return isOpaque;
    }

    private sealed class Name(DirectoryEntry entry)
    {
        public DirectoryEntry Entry { get; } = entry;
        public List<ulong>? Folders { get; set; }
        public bool IsClosed { get; set; }
        public bool IsHidden { get; init; }
        public int LastLayer { get; set; }
    }
}
