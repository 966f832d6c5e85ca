using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>The digests of the disk that the acquiring tool stored, from sections digest, hash and xhash. A digest of zeros stands for none.</summary>
internal sealed class EwfDigests(IDiagnosticSink diagnostics)
{
    private const int Md5Size = 16;
    private const int Sha1Size = 20;

    private readonly List<StoredDigest> _digests = [];

    /// <summary>At most one of each algorithm, sorted by its name.</summary>
    public IReadOnlyList<StoredDigest> All => [.. _digests.OrderBy(digest => digest.Algorithm, StringComparer.Ordinal)];

    /// <summary>Takes a section <c>hash</c> (MD5) or <c>digest</c> (MD5 and SHA-1).</summary>
    public void AddSection(ReadOnlySpan<byte> section, string type, long offset)
    {
        int size = type == "hash" ? 36 : 80;
        if (section.Length < size)
        {
            diagnostics.Report(new Diagnostic("ewf.digest.damaged", "section " + type + " is too short; the digest in it is not used") { Offset = offset });
            return;
        }
        if (System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(section[(size - 4)..]) != Adler32.Compute(section[..(size - 4)]))
        {
            diagnostics.Report(new Diagnostic("ewf.digest.damaged", "the checksum of section " + type + " is wrong; the digest in it is not used") { Offset = offset });
            return;
        }
        Add("md5", Convert.ToHexStringLower(section[..Md5Size]), offset);
        if (type == "digest")
        {
            Add("sha1", Convert.ToHexStringLower(section.Slice(Md5Size, Sha1Size)), offset);
        }
    }

    /// <summary>Takes the elements of a section <c>xhash</c>.</summary>
    public void AddElements(IReadOnlyList<KeyValuePair<string, string>> elements, long offset)
    {
        foreach ((string name, string value) in elements)
        {
            int length = name.ToLowerInvariant() switch { "md5" => 32, "sha1" => 40, "sha256" => 64, _ => -1 };
            string hex = value.Trim().ToLowerInvariant();
            if (hex.Length == length && hex.All(char.IsAsciiHexDigitLower))
            {
                Add(name.ToLowerInvariant(), hex, offset);
            }
        }
    }

    private void Add(string algorithm, string hex, long offset)
    {
        if (hex.All(digit => digit == '0'))
        {
            return;
        }
        StoredDigest? known = _digests.Find(digest => digest.Algorithm == algorithm);
        if (known is null)
        {
            _digests.Add(new StoredDigest(algorithm, hex));
        }
        else if (known.Hex != hex)
        {
            diagnostics.Report(new Diagnostic("ewf.digest.conflict", "the image stores two different " + algorithm + " digests; the first is used")
            {
                Offset = offset,
                Expected = known.Hex,
                Actual = hex,
            });
        }
    }
}
