using System.IO.Compression;

namespace Forensics.Parsers.Images;

/// <summary>How a compressed block ended.</summary>
internal enum ZlibEnd
{
    /// <summary>It filled the target exactly and its checksum is right.</summary>
    Whole,
    /// <summary>It ended early, soundly as far as can be told.</summary>
    Short,
    /// <summary>It holds more than the target takes.</summary>
    Longer,
    /// <summary>The stream or its checksum is wrong.</summary>
    Damaged,
}

/// <summary>Decompresses one zlib stream (RFC 1950) into memory of a fixed size, so that nothing the stream says costs more than that. Thread-safe.</summary>
/// <remarks>Limitations: a stream cut in its last four bytes, the checksum, passes unless <see cref="Decode"/> meets other damage.</remarks>
internal static class ZlibBlock
{
    /// <summary>Fills the target from a range of an array; returns how many bytes came out. What is behind the end of the stream is ignored.</summary>
    public static int Decode(byte[] stored, int offset, int length, Span<byte> target, out ZlibEnd end)
    {
        int done = 0;
        try
        {
            using var inflater = new ZLibStream(new MemoryStream(stored, offset, length, writable: false), CompressionMode.Decompress);
            while (done < target.Length)
            {
                int count = inflater.Read(target[done..]);
                if (count == 0)
                {
                    end = ZlibEnd.Short;
                    return done;
                }
                done += count;
            }
            // One byte more makes the inflater look at the end of the stream and its checksum.
            end = inflater.ReadByte() >= 0 ? ZlibEnd.Longer : ZlibEnd.Whole;
        }
        catch (InvalidDataException)
        {
            // What came out before the damage is there; whether it is worth anything is for the caller to say.
            end = ZlibEnd.Damaged;
        }
        return done;
    }
}
