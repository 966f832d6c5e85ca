using System.Buffers.Binary;

namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>Collects from the attributes of a file what its entry says.</summary>
internal sealed class EntryBuilder : IAttributeVisitor
{
    private readonly List<(ulong Parent, byte[] Name)>? _names;
    private NtfsTimes? _times;
    private NtfsTimes? _nameTimes;
    private uint _attributes;
    private uint _nameAttributes;
    private uint _securityId;
    private ulong _usn;
    private uint _links;
    private uint _dosNames;
    private long _dataSize;
    private bool _hasData;
    private long _indexSize;
    private uint _reparseTag;
    private long _targetLength;
    private (uint Major, uint Minor) _device;
    private int _interixTargetLength;
    private bool _isStored;
    private bool _isEncrypted;
    private bool _hasStreams;
    private bool _hasExtendedAttributes;
    private bool _hasSecurityDescriptor;
    private bool _hasLaterData;
    private bool _hasDamagedName;
    private bool _hasDamagedReparseData;

    /// <param name="names">Takes the names too, when asked for.</param>
    public EntryBuilder(List<(ulong Parent, byte[] Name)>? names = null) => _names = names;

    /// <inheritdoc/>
    public void Visit(in AttributeView attribute, ReadOnlyMemory<byte> record)
    {
        switch (attribute.TypeCode)
        {
            case AttributeType.StandardInformation when _times is null && attribute.Value.Length >= 0x30:
                ReadStandardInformation(attribute.Value);
                break;
            case AttributeType.FileName when attribute.IsResident:
                ReadName(new FileNameView(attribute.Value));
                break;
            case AttributeType.Data when attribute.IsFirstPart:
                if (attribute.NameLength > 0)
                {
                    _hasStreams = true;
                }
                else if (!_hasData)
                {
                    _hasData = true;
                    _dataSize = attribute.Length;
                    _isStored = attribute.StoredLength > 0;
                    _isEncrypted = (attribute.Flags & AttributeFlags.Encrypted) != 0;
                    _interixTargetLength = InterixLink.Target(attribute.Value)?.Length ?? 0;
                }
                break;
            case AttributeType.Data when attribute.NameLength == 0:
                _hasLaterData = true;
                break;
            case AttributeType.IndexAllocation when attribute.IsFirstPart && attribute.Is(AttributeType.IndexAllocation, "$I30"u8):
                _indexSize = attribute.Length;
                break;
            case AttributeType.ReparsePoint when _reparseTag == 0 && attribute.IsFirstPart:
                _reparseTag = ReparsePoint.Tag(attribute.Value);
                int? length = ReparsePoint.Target(attribute.Value)?.Length;
                _targetLength = length ?? 0;
                _hasDamagedReparseData = attribute.IsResident && (_reparseTag == 0 || (length is null && ReparsePoint.TypeOf(_reparseTag) == FileType.SymbolicLink));
                break;
            case AttributeType.ExtendedAttributes:
                _hasExtendedAttributes = true;
                _device = LinuxDevice(attribute.Value);
                break;
            case AttributeType.SecurityDescriptor:
                _hasSecurityDescriptor = true;
                break;
        }
    }

    /// <summary>What a name alone says of a file that is gone.</summary>
    /// <param name="reference">Reference to its record; 0 when it is not known.</param>
    /// <param name="name">The name.</param>
    public static NtfsFileEntry FromName(ulong reference, FileNameView name)
    {
        NtfsTimes times = name.Times;
        return new NtfsFileEntry
        {
            MetadataAddress = reference & FileRecordView.NumberMask,
            SequenceNumber = (ushort)(reference >> 48),
            Type = (name.FileAttributes & DirectoryIndexAttribute) != 0 ? FileType.Directory : FileType.Regular,
            Size = name.FileSize > long.MaxValue ? 0 : (long)name.FileSize,
            Permissions = 0x1FF,
            LinkCount = 1,
            Created = times.Created,
            Modified = times.Modified,
            Changed = times.Changed,
            Accessed = times.Accessed,
            NameTimes = times,
            DosAttributes = name.FileAttributes,
            Allocation = Allocation.Deleted,
            IsNameOnly = true,
        };
    }

    /// <summary>The entry.</summary>
    /// <param name="number">Number of the record.</param>
    /// <param name="record">The base record.</param>
    /// <param name="diagnostics">Takes what cannot be.</param>
    /// <param name="inUse">What a record in use is.</param>
    public NtfsFileEntry Build(ulong number, FileRecordView record, NtfsDiagnostics diagnostics, Allocation inUse = Allocation.Allocated)
    {
        bool isInterixLink = _interixTargetLength > 0 && (_attributes & SystemAttribute) != 0 && _reparseTag == 0 && !record.IsDirectory;
        FileType type = isInterixLink ? FileType.SymbolicLink : ReparsePoint.TypeOf(_reparseTag) ?? (record.IsDirectory ? FileType.Directory : FileType.Regular);
        long size = type switch
        {
            FileType.Directory => _indexSize,
            FileType.SymbolicLink => isInterixLink ? _interixTargetLength : _targetLength,
            FileType.Regular => _dataSize,
            _ => 0,
        };
        if (size < 0)
        {
            diagnostics.Report("ntfs.content.size", "a file has an impossible size", "less than 2^63", size.ToString(System.Globalization.CultureInfo.InvariantCulture), -1, number, losesContent: record.IsInUse);
            size = 0;
        }
        if (record.IsInUse)
        {
            ReportDamage(number, diagnostics);
        }
        return new NtfsFileEntry
        {
            MetadataAddress = number,
            Type = type,
            Size = size,
            Permissions = 0x1FF,
            LinkCount = _links > 0 ? _links : _dosNames,
            Created = _times?.Created,
            Modified = _times?.Modified,
            Changed = _times?.Changed,
            Accessed = _times?.Accessed,
            Allocation = record.IsInUse ? inUse : Allocation.Deleted,
            DosAttributes = (_times is null ? _nameAttributes : _attributes) | (record.IsDirectory ? DirectoryAttribute : 0),
            ReparseTag = _reparseTag == 0 ? null : _reparseTag,
            DeviceMajor = type is FileType.CharacterDevice or FileType.BlockDevice ? _device.Major : 0,
            DeviceMinor = type is FileType.CharacterDevice or FileType.BlockDevice ? _device.Minor : 0,
            SequenceNumber = record.SequenceNumber,
            NameTimes = _nameTimes,
            SecurityId = _securityId,
            UpdateSequenceNumber = _usn,
            IsContentAway = (_attributes & AwayAttributes) != 0 || (_dataSize > 0 && !_isStored),
            HasEncryptedContent = _isEncrypted && type == FileType.Regular,
            HasStreams = _hasStreams,
            HasExtendedAttributes = _hasExtendedAttributes,
            HasSecurityDescriptor = _hasSecurityDescriptor,
        };
    }

    private const uint DirectoryIndexAttribute = 0x10000000;
    // FILE_ATTRIBUTE_OFFLINE, FILE_ATTRIBUTE_RECALL_ON_OPEN, FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS.
    private const uint AwayAttributes = 0x1000 | 0x40000 | 0x400000;

    private void ReportDamage(ulong number, NtfsDiagnostics diagnostics)
    {
        if (_hasLaterData && !_hasData)
        {
            diagnostics.Report("ntfs.content.first_part", "the first part of a file's content is missing, and with it how long it is: it shows as empty", "an unnamed $DATA from cluster 0", "one that begins later", -1, number, losesContent: true);
        }
        if (_hasDamagedName)
        {
            diagnostics.Report("ntfs.name.damaged", "a name of a file cannot be read", "a name that lies inside its $FILE_NAME", "none", -1, number, losesContent: true);
        }
        if (_hasDamagedReparseData)
        {
            diagnostics.Report("ntfs.reparse", "a reparse point cannot be read: what the file stands for is not known", "a tag, and of a link a target that lies inside", "none", -1, number);
        }
    }

    private const uint SystemAttribute = 0x04;
    private const uint DirectoryAttribute = 0x10;

    private void ReadStandardInformation(ReadOnlySpan<byte> value)
    {
        const int SizeOfVersion3 = 0x48;
        _times = NtfsTimes.Read(value, 0x00, 0x08, 0x10, 0x18);
        _attributes = BinaryPrimitives.ReadUInt32LittleEndian(value[0x20..]);
        if (value.Length >= SizeOfVersion3)
        {
            _securityId = BinaryPrimitives.ReadUInt32LittleEndian(value[0x34..]);
            _usn = BinaryPrimitives.ReadUInt64LittleEndian(value[0x40..]);
        }
    }

    private void ReadName(FileNameView name)
    {
        if (!name.IsSound)
        {
            _hasDamagedName = true;
            return;
        }
        bool isDos = name.Flags == FileNameView.DosNamespace;
        if (_nameTimes is null || (_links == 0 && !isDos))
        {
            _nameTimes = name.Times;
            _nameAttributes = name.FileAttributes;
        }
        if (isDos)
        {
            _dosNames++;
            return;
        }
        _links++;
        _names?.Add((name.ParentDirectory, Wtf8.FromUtf16(name.FileName)));
    }

    /// <summary>Device number of a node that Linux programs on Windows made: extended attribute <c>$LXDEV</c>, two numbers of 32 bits.</summary>
    private static (uint Major, uint Minor) LinuxDevice(ReadOnlySpan<byte> list)
    {
        int at = list.IndexOf("$LXDEV\0"u8);
        return at < 0 || at + 15 > list.Length ? default : (BinaryPrimitives.ReadUInt32LittleEndian(list[(at + 7)..]), BinaryPrimitives.ReadUInt32LittleEndian(list[(at + 11)..]));
    }
}
