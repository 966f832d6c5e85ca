using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>The segment files of an image, found by the name of the first and opened in turn.</summary>
internal sealed class EwfSegments(IByteSource first, ICompanionFiles companions)
{
    /// <summary>Bytes before the first section.</summary>
    public const int HeaderSize = 13;
    /// <summary>"EVF\t\r\n\xff\0".</summary>
    public static ReadOnlySpan<byte> Signature => [0x45, 0x56, 0x46, 0x09, 0x0D, 0x0A, 0xFF, 0x00];

    /// <summary>The first segment. Throws when the file is another one of a set.</summary>
    public EwfSegment First()
    {
        int number = NumberOf(first);
        if (number != 1)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"segment {number} of an EWF image alone (open the first segment, which names end in .E01 or .s01)"));
        }
        return new EwfSegment(1, companions.FileName.Length == 0 ? "1" : PathText.FromText(companions.FileName), first);
    }

    /// <summary>The name a segment has; null when it cannot be told.</summary>
    public string? NameOf(int number) => EwfSegmentNames.Name(companions.FileName, number);

    /// <summary>A further segment; null, with the reason, when there is none or what has its name is none.</summary>
    public EwfSegment? Find(int number, out string problem)
    {
        string? name = NameOf(number);
        if (name is null)
        {
            problem = string.Create(CultureInfo.InvariantCulture, $"segment {number} cannot be looked for: ") + (companions.FileName.Length == 0
                ? "the image has no folder of its own" : "the name of the first segment does not end in .E01 or .s01");
            return null;
        }
        string shown = PathText.FromText(name);
        CompanionFile? file = companions.OpenSegment(name) ?? companions.OpenSegment(EwfSegmentNames.OtherCase(name));
        if (file is null)
        {
            problem = "segment '" + shown + "' is missing";
            return null;
        }
        int found = NumberOf(file.Content);
        problem = found == 0 ? "'" + file.FileName + "' is no EWF segment" : string.Create(CultureInfo.InvariantCulture, $"'{file.FileName}' is segment {found}, not {number}");
        return found == number ? new EwfSegment(number, file.FileName, file.Content) : null;
    }

    /// <summary>The number in the file header; 0 when it is none.</summary>
    private static int NumberOf(IByteSource file)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        return file.ReadUpTo(0, header) == HeaderSize && header.StartsWith(Signature) ? BinaryPrimitives.ReadUInt16LittleEndian(header[9..]) : 0;
    }
}
