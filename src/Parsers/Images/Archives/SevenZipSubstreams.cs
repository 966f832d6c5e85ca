using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>Identifiers in a 7z header.</summary>
internal static class SevenZipProperty
{
    public const byte End = 0x00;
    public const byte Header = 0x01;
    public const byte ArchiveProperties = 0x02;
    public const byte AdditionalStreams = 0x03;
    public const byte MainStreams = 0x04;
    public const byte Files = 0x05;
    public const byte PackInfo = 0x06;
    public const byte UnpackInfo = 0x07;
    public const byte SubStreams = 0x08;
    public const byte Size = 0x09;
    public const byte Crc = 0x0A;
    public const byte Folder = 0x0B;
    public const byte UnpackSizes = 0x0C;
    public const byte StreamCounts = 0x0D;
    public const byte EmptyStream = 0x0E;
    public const byte EmptyFile = 0x0F;
    public const byte Names = 0x11;
    public const byte EncodedHeader = 0x17;
}

/// <summary>How the content of folders is divided into members.</summary>
internal sealed class SevenZipSubstreams(List<SevenZipFolder> folders, List<(long Length, uint? Crc)> streams)
{
    /// <summary>Without a description, each folder holds one member.</summary>
    public void OneEach() => folders.ForEach(folder => streams.Add((folder.Length, folder.Crc)));

    /// <summary>Reads the description.</summary>
    public void Read(ref SevenZipBytes bytes)
    {
        byte property = bytes.Next();
        long total = folders.Count;
        if (property == SevenZipProperty.StreamCounts)
        {
            total = 0;
            foreach (SevenZipFolder folder in folders)
            {
                folder.Members = bytes.Count();
                total += folder.Members;
            }
            property = bytes.Next();
        }
        if (total > bytes.Limit)
        {
            throw bytes.Corrupt("at most as many members as the header has bytes", "more");
        }
        bool hasSizes = property == SevenZipProperty.Size;
        foreach (SevenZipFolder folder in folders)
        {
            long left = folder.Length;
            for (int i = 0; i < folder.Members; i++)
            {
                long length = i == folder.Members - 1 ? left : hasSizes ? bytes.Number() : 0;
                left = length <= left ? left - length : throw bytes.Corrupt("members inside their folder", "a longer one");
                streams.Add((length, folder.Members == 1 ? folder.Crc : null));
            }
        }
        property = hasSizes ? bytes.Next() : property;
        while (property != SevenZipProperty.End)
        {
            if (property != SevenZipProperty.Crc)
            {
                throw bytes.Corrupt("checksums of members", "property " + property);
            }
            ReadDigests(ref bytes);
            property = bytes.Next();
        }
    }

    private void ReadDigests(ref SevenZipBytes bytes)
    {
        // Only for those whose checksum is not that of their folder.
        int unknown = streams.FindAll(stream => stream.Crc is null).Count;
        uint?[] digests = bytes.Digests(unknown);
        int next = 0;
        for (int i = 0; i < streams.Count; i++)
        {
            if (streams[i].Crc is null)
            {
                streams[i] = streams[i] with { Crc = digests[next++] };
            }
        }
    }
}
