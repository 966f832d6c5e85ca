using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems.Ext.Journal;

namespace Forensics.Parsers.FileSystems.Ext;

/// <summary>
/// Recognises and opens ext2, ext3 and ext4. See the kernel's <c>Documentation/filesystems/ext4</c> for the on-disk format.
/// <see cref="Open"/> may also be tried on a volume that <see cref="Matches"/> does not recognise: it looks for a backup superblock.
/// </summary>
/// <remarks>
/// The journal is replayed in memory unless the context asks for the volume as it lies on the disk; <c>FileSystemFacts.Journal</c> says what was done.
/// Limitations: encrypted content is refused; compression, Lustre's dirdata and a journal device in the place of a file system are refused by name, and so is
/// every unknown incompatible feature bit.
/// </remarks>
public sealed class ExtFormat : IFormat<IFileSystem>
{
    /// <inheritdoc/>
    public string Name => "ext";

    /// <inheritdoc/>
    public bool SearchesBackups => true;

    /// <inheritdoc/>
    public int HeaderSize => (int)Superblock.PrimaryOffset + Superblock.Size;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) =>
        header.Length >= HeaderSize
        && BinaryPrimitives.ReadUInt16LittleEndian(header[((int)Superblock.PrimaryOffset + Superblock.MagicOffset)..]) == Superblock.ExpectedMagic;

    /// <inheritdoc/>
    /// <exception cref="UnknownFormatException">There is no superblock and no backup of one.</exception>
    /// <exception cref="UnsupportedFeatureException">An incompatible feature this reader does not know, all of them named.</exception>
    /// <exception cref="CorruptDataException">The superblock and all its backups are unusable.</exception>
    public IFileSystem Open(IByteSource source, ParseContext context)
    {
        var diagnostics = new ExtDiagnostics(context.Diagnostics);
        LocatedSuperblock superblock = SuperblockLocator.Find(source, diagnostics);
        List<string> unreadable = superblock.View.Features.UnreadableNames();
        if (unreadable.Count > 0)
        {
            throw new UnsupportedFeatureException("ext4 feature " + string.Join(", ", unreadable));
        }
        return JournalRecovery.Open(source, superblock, diagnostics, context);
    }
}
