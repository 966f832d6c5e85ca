using Forensics.Parsers.Diagnostics;
using SharpCompress.Common;

namespace Forensics.Parsers.Bytes.Compressed;

/// <summary>Which exceptions of the decoders mean that their input is damaged, and the one reading through which all of them pass.</summary>
internal static class CodecErrors
{
    /// <summary>
    /// Whether the data caused it. The decoders index their tables with what the data say, so that, besides the exceptions they throw on purpose, those of array bounds and of
    /// arithmetic mean damage too. Errors of the image file and of the temporary space are others.
    /// </summary>
    public static bool IsDamage(Exception exception) => exception is InvalidDataException or EndOfStreamException or SharpCompressException
        or IndexOutOfRangeException or ArgumentException or OverflowException or NotSupportedException or InvalidOperationException or NullReferenceException or DivideByZeroException;

    /// <summary>Reads from a decoder; throws <see cref="CorruptDataException"/> when its input is damaged.</summary>
    public static int Read(Stream decoder, Span<byte> destination, string structure, Stream input)
    {
        try
        {
            return decoder.Read(destination);
        }
        catch (EndOfStreamException)
        {
            throw Truncated(structure, input.Position);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw input.Position >= input.Length ? Truncated(structure, input.Position) : new CorruptDataException(structure, input.Position, "sound data", "damaged data");
        }
    }

    /// <summary>The input ends before its end.</summary>
    public static CorruptDataException Truncated(string structure, long position) => new(structure, position, "more data", "the end: the file is truncated");
}
