using System.Buffers.Text;

namespace Forensics.Parsers.Packages.Pacman;

/// <summary>
/// Reads the <c>mtree</c> of one package and fills in what it says about paths already added: kind, size, mode, owner, time, digest, link target. Specification: mtree(5) and
/// ALPM-MTREE(5).
/// </summary>
/// <remarks>Limitations: names relative to a directory above (old mtree style) do not occur in packages and are not read; SHA-256 is preferred to MD5.</remarks>
internal static class MtreeReader
{
    /// <summary>Applies a text to the current package of the index.</summary>
    public static void Read(ReadOnlySpan<byte> text, PackageIndexBuilder index)
    {
        byte[] defaults = [];
        var path = new byte[PackagePaths.MaxLength];
        while (HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith("/set "u8))
            {
                // Later ones add to earlier ones; what comes last counts.
                defaults = Merge(defaults, line[5..]);
            }
            else if (line.StartsWith("./"u8) && HostText.NextWord(ref line, out ReadOnlySpan<byte> name))
            {
                int length = Unescape(name[2..], path);
                int row = length == 0 ? -1 : index.FindOwn(path.AsSpan(0, length), []);
                if (row >= 0)
                {
                    Apply(defaults, index, row);
                    Apply(line, index, row);
                }
            }
        }
    }

    private static byte[] Merge(byte[] defaults, ReadOnlySpan<byte> more) =>
        defaults.Length is 0 or > 4096 ? more[..Math.Min(more.Length, 4096)].ToArray() : [.. defaults, (byte)' ', .. more[..Math.Min(more.Length, 4096)]];

    private static void Apply(ReadOnlySpan<byte> words, PackageIndexBuilder index, int row)
    {
        Span<byte> digest = stackalloc byte[32];
        while (HostText.NextWord(ref words, out ReadOnlySpan<byte> word))
        {
            int equals = word.IndexOf((byte)'=');
            if (equals <= 0)
            {
                continue;
            }
            ReadOnlySpan<byte> key = word[..equals];
            ReadOnlySpan<byte> value = word[(equals + 1)..];
            ref FileRow entry = ref index.Change(row);
            if (key.SequenceEqual("type"u8))
            {
                entry.Kind = Kind(value);
            }
            else if (key.SequenceEqual("mode"u8))
            {
                entry.Mode = (short)(HostText.Octal(value) is >= 0 and int mode ? mode & 0xFFF : -1);
            }
            else if (key.SequenceEqual("uid"u8))
            {
                entry.User = index.TextNumber(value);
            }
            else if (key.SequenceEqual("gid"u8))
            {
                entry.Group = index.TextNumber(value);
            }
            else if (key.SequenceEqual("size"u8))
            {
                entry.Size = HostText.TryNumber(value, out long size) ? size : -1;
            }
            else if (key.SequenceEqual("time"u8))
            {
                entry.Modified = Utf8Parser.TryParse(value, out long seconds, out _) ? seconds : long.MinValue;
            }
            else if (key.SequenceEqual("link"u8))
            {
                var target = new byte[PackagePaths.MaxLength];
                entry.Target = index.TextNumber(target.AsSpan(0, Unescape(value, target)));
            }
            else if (key.SequenceEqual("sha256digest"u8) || key.SequenceEqual("sha256"u8))
            {
                if (HostText.TryHex(value, digest))
                {
                    index.SetDigest(row, DigestAlgorithm.Sha256, digest);
                }
            }
            else if ((key.SequenceEqual("md5digest"u8) || key.SequenceEqual("md5"u8)) && entry.Algorithm != DigestAlgorithm.Sha256 && HostText.TryHex(value, digest[..16]))
            {
                index.SetDigest(row, DigestAlgorithm.Md5, digest[..16]);
            }
        }
    }

    private static PackageFileKind Kind(ReadOnlySpan<byte> value)
    {
        if (value.SequenceEqual("file"u8))
        {
            return PackageFileKind.Regular;
        }
        return value.SequenceEqual("dir"u8) ? PackageFileKind.Directory : value.SequenceEqual("link"u8) ? PackageFileKind.Link : PackageFileKind.Special;
    }

    /// <summary>Undoes vis(3): a backslash and three octal digits. Returns the length; 0 when it does not fit.</summary>
    private static int Unescape(ReadOnlySpan<byte> text, Span<byte> buffer)
    {
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (length == buffer.Length)
            {
                return 0;
            }
            if (text[i] == (byte)'\\' && i + 3 < text.Length && HostText.Octal(text.Slice(i + 1, 3)) is >= 0 and <= 255 and int value)
            {
                buffer[length++] = (byte)value;
                i += 3;
            }
            else
            {
                buffer[length++] = text[i];
            }
        }
        return length;
    }
}
