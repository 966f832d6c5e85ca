using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>What a member of an archive is. Only regular files are ever looked into; nothing is created on the analyst's disk under a member's name.</summary>
internal enum ArchiveEntryKind
{
    Regular,
    Directory,
    Link,
    Special,
}

/// <summary>An archive whose members can be walked again and again.</summary>
internal interface IArchive
{
    /// <summary><c>tar</c>, <c>zip</c>, <c>7z</c>.</summary>
    string Format { get; }

    /// <summary>Whether what is wrong with the content of one member makes those after it unreadable too.</summary>
    bool IsSequential { get; }

    /// <summary>
    /// The members in order. What is wrong with one member is a diagnostic; throws when the archive cannot be read on. A member is used before the next one is asked for.
    /// </summary>
    IEnumerable<ArchiveEntry> Entries();
}

/// <summary>One member.</summary>
/// <param name="rawName">Its path as the archive has it.</param>
/// <param name="kind">What it is.</param>
/// <param name="length">Bytes of its content.</param>
internal abstract class ArchiveEntry(byte[] rawName, ArchiveEntryKind kind, long length)
{
    private const int LongestName = 4096;

    public ArchiveEntryKind Kind => kind;

    public long Length => length;

    /// <summary>Path in display form.</summary>
    public string Name { get; } = Shown(rawName);

    /// <summary>Bytes of it that are not holes, as far as that is known.</summary>
    public virtual long StoredLength => length;

    /// <summary>The content where it lies, when it is stored as it is; null when it can only be decoded.</summary>
    public virtual IByteSource? Direct => null;

    /// <summary>The content from its beginning; once.</summary>
    public abstract ForwardReader OpenReader();

    /// <summary>Escaped component by component; a very long name is cut, since it is shown and compared only.</summary>
    private static string Shown(ReadOnlySpan<byte> name)
    {
        name = name.Length > LongestName ? name[..LongestName] : name;
        var text = new StringBuilder(name.Length);
        int slash;
        while ((slash = name.IndexOf((byte)'/')) >= 0)
        {
            text.Append(PathText.FromBytes(name[..slash])).Append('/');
            name = name[(slash + 1)..];
        }
        return text.Append(PathText.FromBytes(name)).ToString();
    }
}
