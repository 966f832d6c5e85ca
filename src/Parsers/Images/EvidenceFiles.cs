using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>
/// Every file that is opened as evidence in one run: the images the user named, and what belongs to them. The only opener of files in this library, so that what an image
/// can make the program open is decided, and tested, here alone.
/// </summary>
/// <remarks>
/// An image may name another file, but never a place: the last component of the name is looked up in the folder of the image, then in the folders the user allowed; it must be a
/// regular file and no symbolic link. Names with a scheme (<c>json:</c>, <c>nbd://</c>), network paths (<c>\\host\share</c>) and names with a NUL are refused as such.
/// Limitations: a file exchanged between the check and the opening is opened, as in <see cref="ImageFile"/>.
/// </remarks>
public sealed class EvidenceFiles : IDisposable
{
    /// <summary>Longest chain of files that name each other, QEMU's own bound being higher.</summary>
    public const int LongestChain = 32;

    private const int MostUnreadable = 256;

    private readonly Func<string, ImageFile> _open;
    private readonly IReadOnlyList<string> _allowedFolders;
    private readonly List<EvidenceFile> _opened = [];
    private readonly HashSet<(ImageFile File, long Offset)> _unreadable = [];

    /// <param name="allowedFolders">Folders in which parents may lie besides the image's own.</param>
    /// <param name="open">Opens a path; tests watch it.</param>
    public EvidenceFiles(IReadOnlyList<string> allowedFolders, Func<string, ImageFile>? open = null)
    {
        _allowedFolders = allowedFolders;
        _open = open ?? ImageFile.Open;
    }

    /// <summary>All files opened so far, in order.</summary>
    public IReadOnlyList<ImageFile> Opened => [.. _opened.Select(evidence => evidence.File)];

    /// <summary>The same with what each file is.</summary>
    public IReadOnlyList<EvidenceFile> Files => _opened;

    /// <summary>Opens a file that the user named. Throws as <see cref="ImageFile.Open"/>.</summary>
    /// <param name="path">The path.</param>
    /// <param name="role">What the user named it as.</param>
    public CompanionFile OpenImage(string path, string role = EvidenceFile.ImageRole)
    {
        ImageFile file = Open(path, role, namedBy: null);
        return new CompanionFile(PathText.FromText(Path.GetFileName(path)), file, new Companions(this, path, [Identity(path)]));
    }

    /// <summary>The file at a path, when it was opened already under any name; null otherwise.</summary>
    public EvidenceFile? Find(string path)
    {
        string identity = Identity(path);
        return _opened.Find(evidence => Identity(evidence.File.Path) == identity);
    }

    /// <summary>Whether two opened files are one file, whatever links lead to it.</summary>
    public static bool IsSame(EvidenceFile one, EvidenceFile other) => Identity(one.File.Path) == Identity(other.File.Path);

    /// <summary>Takes what cannot be read while the layers of an image are opened.</summary>
    public IDiagnosticSink Diagnostics { get; init; } = NullDiagnosticSink.Instance;

    /// <inheritdoc/>
    public void Dispose() => _opened.ForEach(evidence => evidence.File.Dispose());

    /// <summary>From now on what the medium cannot read is an error of whoever wants it, no longer zeros. Called once everything is open.</summary>
    public void EndOpening() => _opened.ForEach(evidence => evidence.File.OnUnreadable = null);

    private ImageFile Open(string path, string role, string? namedBy)
    {
        ImageFile file = _open(path);
        file.OnUnreadable = (offset, length) => ReportUnreadable(file, offset, length);
        _opened.Add(new EvidenceFile(file, role, namedBy));
        return file;
    }

    /// <summary>Several probes meet the same bad place: each is told once, and so many in all.</summary>
    private void ReportUnreadable(ImageFile file, long offset, int length)
    {
        if (_unreadable.Count < MostUnreadable && _unreadable.Add((file, offset)))
        {
            Diagnostics.Report(new Diagnostic("image.unreadable", string.Create(CultureInfo.InvariantCulture,
                $"bytes {offset} to {offset + length - 1} of the image file '{PathText.FromText(Path.GetFileName(file.Path))}' cannot be read; what lies there counts as zeros where the layers of the image are looked for"))
            {
                Offset = offset,
                LosesContent = true,
            });
        }
    }

    private static string Identity(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);

    /// <summary>The folder the user named the image in; then, when that is a link, the folder the image lies in.</summary>
    private static IEnumerable<string> FoldersOf(string path)
    {
        string full = Path.GetFullPath(path);
        string own = Path.GetDirectoryName(full) ?? full;
        yield return own;
        string resolved = Path.GetDirectoryName(Identity(path)) ?? own;
        if (resolved != own)
        {
            yield return resolved;
        }
    }

    /// <summary>The last component of a name from evidence; null, with the reason, when it can be none.</summary>
    internal static string? LastComponent(string name, out string reason)
    {
        reason = "";
        if (name.Contains('\0', StringComparison.Ordinal))
        {
            reason = "a name with a NUL is refused";
        }
        else if (name.StartsWith(@"\\", StringComparison.Ordinal) || name.StartsWith("//", StringComparison.Ordinal))
        {
            reason = "a network path is refused";
        }
        else if (HasScheme(name))
        {
            reason = "a name with a scheme is refused";
        }
        string last = name[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        if (reason.Length == 0 && last is "" or "." or "..")
        {
            reason = "it names no file";
        }
        return reason.Length == 0 ? last : null;
    }

    /// <summary><c>file:</c>, <c>nbd+unix:</c>; a single letter is a Windows drive.</summary>
    private static bool HasScheme(string name)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 1 && name.AsSpan(0, colon).IndexOfAny('/', '\\') < 0;
    }

    /// <summary>The path of a plain file of this name in a folder; null when there is none. Names of Windows images match whatever their case when only one does.</summary>
    private static string? Find(string folder, string fileName)
    {
        string path = Path.Combine(folder, fileName);
        if (IsPlainFile(path))
        {
            return path;
        }
        if (!Directory.Exists(folder))
        {
            return null;
        }
        string? found = null;
        foreach (string candidate in Directory.EnumerateFiles(folder))
        {
            if (string.Equals(Path.GetFileName(candidate), fileName, StringComparison.OrdinalIgnoreCase) && IsPlainFile(candidate))
            {
                if (found is not null)
                {
                    return null;
                }
                found = candidate;
            }
        }
        return found;
    }

    /// <summary>A regular file: devices, FIFOs and sockets have length 0 and are never evidence here.</summary>
    private static bool IsPlainFile(string path)
    {
        var info = new FileInfo(path);
        return info.Exists && info.LinkTarget is null && info.Length > 0 && (info.Attributes & FileAttributes.Directory) == 0;
    }

    private sealed class Companions(EvidenceFiles files, string path, IReadOnlyList<string> chain) : ICompanionFiles
    {
        public string FileName => Path.GetFileName(path);

        public CompanionFile OpenNamed(string name, string role)
        {
            string shown = role + " '" + PathText.FromText(name) + "'";
            if (LastComponent(name, out string reason) is not { } fileName)
            {
                throw new UnsupportedFeatureException(shown + " (" + reason + ")");
            }
            if (chain.Count >= LongestChain)
            {
                throw new UnsupportedFeatureException(shown + " (the chain of images that name each other is too long)");
            }
            foreach (string folder in FoldersOf(path).Concat(files._allowedFolders))
            {
                if (Find(folder, fileName) is not { } found)
                {
                    continue;
                }
                string identity = Identity(found);
                if (chain.Contains(identity))
                {
                    throw new UnsupportedFeatureException(shown + " (the image leads back to itself)");
                }
                return new CompanionFile(PathText.FromText(Path.GetFileName(found)), files.Open(found, role, FileName), new Companions(files, found, [.. chain, identity]));
            }
            throw new UnsupportedFeatureException(shown + " (no such plain file in the image's own folder; --allow-parent names another folder to look in)");
        }

        public CompanionFile? OpenSegment(string fileName)
        {
            if (fileName.AsSpan().IndexOfAny('/', '\\') >= 0)
            {
                return null;
            }
            foreach (string folder in FoldersOf(path))
            {
                string segment = Path.Combine(folder, fileName);
                if (File.Exists(segment) && new FileInfo(Identity(segment)).Length > 0)
                {
                    return new CompanionFile(PathText.FromText(fileName), files.Open(segment, EvidenceFile.SegmentRole, FileName), new Companions(files, segment, [.. chain, Identity(segment)]));
                }
            }
            return null;
        }
    }
}
