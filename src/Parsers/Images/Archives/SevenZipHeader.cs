using System.Buffers.Binary;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A member as the header of a 7z describes it.</summary>
/// <param name="Name">UTF-8.</param>
/// <param name="IsDirectory">Has no content and is no empty file.</param>
/// <param name="Folder">Number of its folder; -1 when it has no content.</param>
/// <param name="Offset">Where it begins in the content of the folder.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Crc">Checksum.</param>
internal readonly record struct SevenZipFile(byte[] Name, bool IsDirectory, int Folder, long Offset, long Length, uint? Crc);

/// <summary>The header of a 7z, which ends the file and is usually compressed itself. Specification: 7zFormat.txt of the LZMA SDK, https://www.7-zip.org/sdk.html</summary>
/// <remarks>Throws <see cref="CorruptDataException"/>, also when the file is truncated, since the header is at its end.</remarks>
internal sealed class SevenZipHeader
{
    private const int StartSize = 32;
    private const int MaxLayers = 4;

    private readonly List<SevenZipFolder> _folders = [];
    private readonly List<(long Length, uint? Crc)> _streams = [];
    private readonly List<SevenZipFile> _files = [];

    public IReadOnlyList<SevenZipFolder> Folders => _folders;

    public IReadOnlyList<SevenZipFile> Files => _files;

    /// <summary>Reads the header of an archive.</summary>
    public static SevenZipHeader Read(IByteSource source, ParseContext context)
    {
        byte[] start = source.ReadArray(0, StartSize);
        if (start.Length < StartSize)
        {
            throw CodecErrors.Truncated("7z.start", start.Length);
        }
        if (Crc32.Compute(start.AsSpan(12, 20)) != BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(8)))
        {
            throw new CorruptDataException("7z.start", 8, "the checksum of the start header", "another");
        }
        long offset = BinaryPrimitives.ReadInt64LittleEndian(start.AsSpan(12));
        long size = BinaryPrimitives.ReadInt64LittleEndian(start.AsSpan(20));
        if (size > context.Limits.TableBytes)
        {
            throw new LimitExceededException("7z header", size);
        }
        if (offset < 0 || size < 0 || offset > source.Length - StartSize - size)
        {
            throw new CorruptDataException("7z.header", StartSize, "a header inside the file", "one past its end: the file is truncated");
        }
        byte[] bytes = source.ReadArray(StartSize + offset, (int)size);
        if (Crc32.Compute(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(28)))
        {
            throw new CorruptDataException("7z.header", StartSize + offset, "the checksum of the header", "another");
        }
        for (int layer = 0; layer < MaxLayers; layer++)
        {
            if (bytes.Length == 0)
            {
                return new SevenZipHeader();
            }
            var header = new SevenZipHeader();
            var reader = new SevenZipBytes(bytes);
            switch (reader.Next())
            {
                case SevenZipProperty.Header:
                    header.ReadHeader(ref reader);
                    return header;
                case SevenZipProperty.EncodedHeader:
                    header.ReadStreams(ref reader);
                    bytes = header.Decode(source, context);
                    break;
                default:
                    throw reader.Corrupt("a header", "something else");
            }
        }
        throw new LimitExceededException("layers of a 7z header", MaxLayers + 1);
    }

    private byte[] Decode(IByteSource source, ParseContext context)
    {
        if (_folders.Count == 0)
        {
            throw new CorruptDataException("7z.header", 0, "a compressed header", "none");
        }
        SevenZipFolder folder = _folders[0];
        if (folder.Length > context.Limits.TableBytes)
        {
            throw new LimitExceededException("7z header", folder.Length);
        }
        // The size is what an attacker says: memory is taken as it comes out.
        using var reader = new CheckedReader(folder.Open(source, context.Diagnostics), folder.Length, folder.Crc, "7z", "header", context.Diagnostics, isShared: false);
        var bytes = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        int count;
        while ((count = reader.Read(buffer)) > 0)
        {
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }

    private void ReadHeader(ref SevenZipBytes bytes)
    {
        byte property = bytes.Next();
        if (property == SevenZipProperty.ArchiveProperties)
        {
            while (bytes.Number() != 0)
            {
                _ = bytes.Take(bytes.Number());
            }
            property = bytes.Next();
        }
        if (property == SevenZipProperty.AdditionalStreams)
        {
            throw new UnsupportedFeatureException("7z archive with additional streams");
        }
        if (property == SevenZipProperty.MainStreams)
        {
            ReadStreams(ref bytes);
            property = bytes.Next();
        }
        if (property == SevenZipProperty.Files)
        {
            ReadFiles(ref bytes);
        }
    }

    private void ReadStreams(ref SevenZipBytes bytes)
    {
        long packed = 0;
        long[] sizes = [];
        byte property = bytes.Next();
        if (property == SevenZipProperty.PackInfo)
        {
            packed = bytes.Number();
            sizes = new long[bytes.Count()];
            while ((property = bytes.Next()) != SevenZipProperty.End)
            {
                if (property == SevenZipProperty.Size)
                {
                    for (int i = 0; i < sizes.Length; i++)
                    {
                        sizes[i] = bytes.Number();
                    }
                }
                else if (property == SevenZipProperty.Crc)
                {
                    _ = bytes.Digests(sizes.Length);
                }
                else
                {
                    throw bytes.Corrupt("sizes of packed streams", "property " + property);
                }
            }
            property = bytes.Next();
        }
        if (property == SevenZipProperty.UnpackInfo)
        {
            ReadFolders(ref bytes, packed, sizes);
            property = bytes.Next();
        }
        var substreams = new SevenZipSubstreams(_folders, _streams);
        if (property == SevenZipProperty.SubStreams)
        {
            substreams.Read(ref bytes);
            property = bytes.Next();
        }
        else
        {
            substreams.OneEach();
        }
        if (property != SevenZipProperty.End)
        {
            throw bytes.Corrupt("the end of the streams", "property " + property);
        }
    }

    private void ReadFolders(ref SevenZipBytes bytes, long packed, long[] sizes)
    {
        bytes.Expect(SevenZipProperty.Folder);
        int count = bytes.Count();
        RequireInline(ref bytes);
        int stream = 0;
        long position = packed <= long.MaxValue - StartSize ? packed + StartSize : throw bytes.Corrupt("streams inside the file", "others");
        for (int i = 0; i < count; i++)
        {
            SevenZipFolder folder = SevenZipFolder.Read(ref bytes);
            folder.PackedOffset = position;
            folder.PackedLength = stream < sizes.Length ? sizes[stream] : 0;
            for (int k = 0; k < folder.PackedStreams && stream < sizes.Length; k++, stream++)
            {
                position = position <= long.MaxValue - sizes[stream] ? position + sizes[stream] : throw bytes.Corrupt("streams inside the file", "others");
            }
            _folders.Add(folder);
        }
        bytes.Expect(SevenZipProperty.UnpackSizes);
        foreach (SevenZipFolder folder in _folders)
        {
            for (int i = 0; i < folder.OutStreams; i++)
            {
                long length = bytes.Number();
                folder.Length = i == folder.MainStream ? length : folder.Length;
            }
        }
        byte property;
        while ((property = bytes.Next()) != SevenZipProperty.End)
        {
            if (property != SevenZipProperty.Crc)
            {
                throw bytes.Corrupt("checksums of folders", "property " + property);
            }
            uint?[] digests = bytes.Digests(count);
            for (int i = 0; i < count; i++)
            {
                _folders[i].Crc = digests[i];
            }
        }
    }

    private void ReadFiles(ref SevenZipBytes bytes)
    {
        int count = bytes.Count();
        var names = new byte[count][];
        Array.Fill(names, []);
        bool[] isWithoutStream = new bool[count];
        bool[] isEmptyFile = [];
        int withoutStream = 0;
        long property;
        while ((property = bytes.Number()) != SevenZipProperty.End)
        {
            var content = new SevenZipBytes(bytes.Take(bytes.Number()));
            switch (property)
            {
                case SevenZipProperty.EmptyStream:
                    isWithoutStream = content.Bits(count);
                    withoutStream = isWithoutStream.AsSpan().Count(true);
                    break;
                case SevenZipProperty.EmptyFile:
                    isEmptyFile = content.Bits(withoutStream);
                    break;
                case SevenZipProperty.Names:
                    RequireInline(ref content);
                    ReadNames(ref content, names);
                    break;
            }
        }
        Assemble(names, isWithoutStream, isEmptyFile);
    }

    private static void ReadNames(ref SevenZipBytes content, byte[][] names)
    {
        var name = new List<char>();
        for (int i = 0; i < names.Length; i++)
        {
            name.Clear();
            char next;
            while ((next = (char)BinaryPrimitives.ReadUInt16LittleEndian(content.Take(2))) != 0)
            {
                // 7-Zip on Windows writes slashes too.
                name.Add(next);
            }
            names[i] = System.Text.Encoding.UTF8.GetBytes(name.ToArray());
        }
    }

    private static void RequireInline(ref SevenZipBytes bytes)
    {
        if (bytes.Next() != 0)
        {
            throw new UnsupportedFeatureException("7z archive with a header in additional streams");
        }
    }

    private void Assemble(byte[][] names, bool[] isWithoutStream, bool[] isEmptyFile)
    {
        int folder = 0;
        int within = 0;
        int stream = 0;
        int empty = 0;
        long offset = 0;
        for (int i = 0; i < names.Length; i++)
        {
            if (isWithoutStream[i])
            {
                _files.Add(new SevenZipFile(names[i], !(empty < isEmptyFile.Length && isEmptyFile[empty]), -1, 0, 0, null));
                empty++;
                continue;
            }
            while (folder < _folders.Count && within >= _folders[folder].Members)
            {
                folder++;
                within = 0;
                offset = 0;
            }
            if (folder >= _folders.Count || stream >= _streams.Count)
            {
                throw new CorruptDataException("7z.header", 0, "a stream for every file", "fewer");
            }
            (long length, uint? crc) = _streams[stream++];
            _files.Add(new SevenZipFile(names[i], false, folder, offset, length, crc));
            offset += length;
            within++;
        }
    }
}
