using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.FileSystems.Ntfs.Compression;

/// <summary>
/// What a reparse point of tag IO_REPARSE_TAG_WOF says: WOF_EXTERNAL_INFO and, behind it, FILE_PROVIDER_EXTERNAL_INFO. Numbers are little endian.
/// Specification: https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/ns-ntifs-_file_provider_external_info_v0
/// </summary>
public readonly ref struct WofReparseData
{
    /// <summary>Bytes of the two structures.</summary>
    public const int Size = 16;
    /// <summary>The provider that stores content in a WIM file elsewhere.</summary>
    public const uint ProviderWim = 1;
    /// <summary>The provider that stores content in the stream <c>WofCompressedData</c> of the file.</summary>
    public const uint ProviderFile = 2;

    private readonly ReadOnlySpan<byte> _data;

    /// <summary>A view of the data behind the 8 bytes of tag and length of a REPARSE_DATA_BUFFER.</summary>
    /// <exception cref="CorruptDataException">They are too short.</exception>
    public WofReparseData(ReadOnlySpan<byte> data)
    {
        if (data.Length < Size)
        {
            throw new CorruptDataException("ntfs.wof", 0, Size.ToString(CultureInfo.InvariantCulture) + " bytes", data.Length.ToString(CultureInfo.InvariantCulture));
        }
        _data = data;
    }

    /// <summary>Version of WOF_EXTERNAL_INFO: 1.</summary>
    public uint Version => BinaryPrimitives.ReadUInt32LittleEndian(_data);
    /// <summary>Who stores the content.</summary>
    public uint Provider => BinaryPrimitives.ReadUInt32LittleEndian(_data[4..]);
    /// <summary>Version of FILE_PROVIDER_EXTERNAL_INFO: 1.</summary>
    public uint ProviderVersion => BinaryPrimitives.ReadUInt32LittleEndian(_data[8..]);
    /// <summary>FILE_PROVIDER_COMPRESSION_ number.</summary>
    public uint Algorithm => BinaryPrimitives.ReadUInt32LittleEndian(_data[12..]);

    /// <summary>The algorithm, when the content lies in the file itself and can be read.</summary>
    /// <exception cref="UnsupportedFeatureException">Another provider (content in a WIM file), version or algorithm.</exception>
    public WofAlgorithm RequireAlgorithm()
    {
        if (Version != 1 || Provider != ProviderFile)
        {
            throw new UnsupportedFeatureException(Version == 1 && Provider == ProviderWim
                ? "content in a WIM file"
                : string.Create(CultureInfo.InvariantCulture, $"WOF provider {Provider} of version {Version}"));
        }
        return ProviderVersion == 1 && Algorithm <= (uint)WofAlgorithm.Xpress16K
            ? (WofAlgorithm)Algorithm
            : throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"WOF algorithm {Algorithm} of version {ProviderVersion}"));
    }
}
