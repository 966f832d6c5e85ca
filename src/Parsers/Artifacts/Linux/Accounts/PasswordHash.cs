namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Names the method of a crypt(5) password field without keeping it.</summary>
/// <remarks>Limitations: a method is told by its prefix and, for DES, its length; whether the hash is well formed is not checked.</remarks>
public static class PasswordHash
{
    private const int DesLength = 13;
    private const int BsdiLength = 20;

    /// <summary>The type name as <see cref="PasswordEntry.HashType"/> lists them. A lock mark before a hash is skipped: the hash behind it counts.</summary>
    public static string TypeOf(string field)
    {
        if (field.Length == 0)
        {
            return "none";
        }
        ReadOnlySpan<char> hash = field.AsSpan().TrimStart('!');
        if (hash.Length == 0 || hash[0] == '*' || hash.SequenceEqual("x"))
        {
            return "locked";
        }
        if (hash[0] == '$')
        {
            return OfPrefix(hash);
        }
        if (hash[0] == '_' && hash.Length == BsdiLength && IsCryptText(hash[1..]))
        {
            return "bsdi";
        }
        return hash.Length == DesLength && IsCryptText(hash) ? "des" : "unknown";
    }

    private static string OfPrefix(ReadOnlySpan<char> hash)
    {
        if (hash.StartsWith("$md5", StringComparison.Ordinal))
        {
            return "sunmd5";
        }
        int end = hash[1..].IndexOf('$');
        return end < 0 ? "unknown" : hash.Slice(1, end) switch
        {
            "1" => "md5",
            "2" or "2a" or "2b" or "2x" or "2y" => "bcrypt",
            "5" => "sha256",
            "6" => "sha512",
            "7" => "scrypt",
            "y" => "yescrypt",
            "gy" => "gost-yescrypt",
            "sm3" or "sm3y" => "sm3",
            _ => "unknown",
        };
    }

    private static bool IsCryptText(ReadOnlySpan<char> text)
    {
        foreach (char value in text)
        {
            if (!char.IsAsciiLetterOrDigit(value) && value is not ('.' or '/'))
            {
                return false;
            }
        }
        return true;
    }
}
