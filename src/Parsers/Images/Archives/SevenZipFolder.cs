using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>A folder of a 7z: one compressed stream that holds one or more members.</summary>
/// <remarks>Limitations: one coder; branch filters, PPMd and chains are refused by name, AES as encrypted.</remarks>
internal sealed class SevenZipFolder
{
    private const int MaxCoders = 32;
    private const int MaxStreams = 32;
    private const string Structure = "7z.folder";

    /// <summary>Identifiers of the coders in hexadecimal and their properties, in the order of the header.</summary>
    private readonly List<(string Method, byte[] Properties)> _coders = [];

    /// <summary>Packed streams that it takes.</summary>
    public int PackedStreams { get; private set; }

    /// <summary>Streams that come out of its coders, intermediate ones too.</summary>
    public int OutStreams { get; private set; }

    /// <summary>Which of them is the content.</summary>
    public int MainStream { get; private set; }

    /// <summary>Bytes of its content.</summary>
    public long Length { get; set; }

    /// <summary>Checksum of its content.</summary>
    public uint? Crc { get; set; }

    /// <summary>Where its first packed stream begins in the file.</summary>
    public long PackedOffset { get; set; }

    /// <summary>Bytes of its first packed stream.</summary>
    public long PackedLength { get; set; }

    /// <summary>Members in it.</summary>
    public int Members { get; set; } = 1;

    /// <summary>Whether its content lies in the file as it is.</summary>
    public bool IsStored => _coders is [{ Method: "00" }];

    /// <summary>Reads a description of a folder.</summary>
    public static SevenZipFolder Read(ref SevenZipBytes bytes)
    {
        var folder = new SevenZipFolder();
        int coders = bytes.Count();
        int inStreams = 0;
        if (coders is 0 or > MaxCoders)
        {
            throw bytes.Corrupt("1 to 32 coders", coders.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        for (int i = 0; i < coders; i++)
        {
            byte flags = bytes.Next();
            string method = Convert.ToHexStringLower(bytes.Take(flags & 15));
            bool isComplex = (flags & 0x10) != 0;
            inStreams += isComplex ? bytes.Count() : 1;
            folder.OutStreams += isComplex ? bytes.Count() : 1;
            folder._coders.Add((method, (flags & 0x20) != 0 ? bytes.Take(bytes.Number()).ToArray() : []));
            if ((flags & 0x80) != 0 || inStreams > MaxStreams || folder.OutStreams > MaxStreams)
            {
                throw bytes.Corrupt("known flags and at most 32 streams", "others");
            }
        }
        int pairs = folder.OutStreams - 1;
        folder.PackedStreams = inStreams - pairs;
        if (pairs < 0 || folder.PackedStreams < 1)
        {
            throw bytes.Corrupt("a stream in and out", "none");
        }
        var bound = new bool[folder.OutStreams];
        for (int i = 0; i < pairs; i++)
        {
            _ = bytes.Number();
            long outIndex = bytes.Number();
            if (outIndex >= bound.Length)
            {
                throw bytes.Corrupt("a pair of streams that exist", "another");
            }
            bound[outIndex] = true;
        }
        folder.MainStream = Math.Max(0, Array.IndexOf(bound, false));
        for (int i = 0; folder.PackedStreams > 1 && i < folder.PackedStreams; i++)
        {
            _ = bytes.Number();
        }
        return folder;
    }

    /// <summary>A decoder at the beginning of the content.</summary>
    public ForwardReader Open(IByteSource source, IDiagnosticSink diagnostics)
    {
        if (_coders.Exists(coder => coder.Method.StartsWith("06f1", StringComparison.Ordinal)))
        {
            throw new UnsupportedFeatureException("encrypted 7z archive");
        }
        if (PackedOffset < 0 || PackedLength < 0 || PackedLength > source.Length - PackedOffset)
        {
            throw new CorruptDataException(Structure, PackedOffset, "packed data inside the file", "data past its end: the file is truncated");
        }
        (string method, byte[] properties) = _coders[0];
        if (_coders.Count > 1)
        {
            throw new UnsupportedFeatureException("7z archive with the methods " + string.Join(" and ", _coders.ConvertAll(coder => NameOf(coder.Method))));
        }
        var input = new SourceStream(source, PackedOffset, PackedLength);
        return method switch
        {
            "00" => MemberCodec.Stored(input, Structure),
            "21" => MemberCodec.Lzma2(properties, input, Length, Structure),
            "030101" => MemberCodec.Lzma(properties, input, Length, Structure),
            "040108" => MemberCodec.Deflate(input, Structure),
            "040109" => MemberCodec.Deflate64(input, Structure),
            "040202" => new Bzip2Reader(new Slice(source, PackedOffset, PackedLength), diagnostics),
            "04f71101" => MemberCodec.Zstd(input),
            _ => throw new UnsupportedFeatureException("7z archive with the method " + NameOf(method)),
        };
    }

    private static string NameOf(string method) => method switch
    {
        "03" => "delta",
        "030101" => "LZMA",
        "21" => "LZMA2",
        "030401" => "PPMd",
        "03030103" => "BCJ",
        "0303011b" => "BCJ2",
        _ => "0x" + method,
    };
}
