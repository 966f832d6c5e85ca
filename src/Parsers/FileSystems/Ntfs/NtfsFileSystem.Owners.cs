using System.Globalization;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <content>Owners.</content>
public sealed partial class NtfsFileSystem : IOwnedBySids
{
    private const ulong SecureRecord = 9;
    private const int LargestDescriptor = 64 << 10;

    private readonly Lock _ownersLock = new();
    private SecurityTable? _owners;

    /// <inheritdoc/>
    /// <remarks>By the number of the descriptor in $Secure; volumes that older systems made keep it in the file.</remarks>
    public FileOwner OwnerOf(FileEntry file)
    {
        NtfsFileEntry own = Own(file);
        if (own.SecurityId != 0 && Owners().TryFind(own.SecurityId, out FileOwner owner))
        {
            return owner;
        }
        if (own.HasSecurityDescriptor)
        {
            NtfsAttribute descriptor = Find(own, AttributeType.SecurityDescriptor, name => true);
            owner = descriptor.IsFound ? SecurityDescriptor.Read(_content.Open(descriptor, own.MetadataAddress, own.IsInUse).ReadArray(0, LargestDescriptor)) : default;
            if (owner.Owner is not null)
            {
                return owner;
            }
        }
        if (own.IsInUse && (own.SecurityId != 0 || own.HasSecurityDescriptor))
        {
            _diagnostics.Report("ntfs.security.missing", "the security descriptor of a file is missing or damaged: its owner is unknown", "a descriptor " + own.SecurityId.ToString(CultureInfo.InvariantCulture),
                "none", -1, own.MetadataAddress);
        }
        return default;
    }

    private SecurityTable Owners()
    {
        lock (_ownersLock)
        {
            return _owners ??= ReadOwners();
        }
    }

    private SecurityTable ReadOwners()
    {
        try
        {
            return SecurityTable.Read(OpenAttribute(SecureRecord, AttributeType.Data, "$SDS"u8), _diagnostics, _context.Cancellation);
        }
        catch (Diagnostics.CorruptDataException exception)
        {
            _diagnostics.Report("ntfs.security.unreadable", "$Secure cannot be read: owners of files are missing", exception, SecureRecord);
            return SecurityTable.Read(null, _diagnostics, _context.Cancellation);
        }
    }
}
