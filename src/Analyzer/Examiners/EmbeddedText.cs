using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Examiners;

/// <summary>Addresses, wallets and words inside a program, bounded: what it talks to, what betrays a miner that no rule knows, and which compiler of Rust made it.</summary>
/// <param name="Pools">Listed pools named with a port, distinct, at most 16.</param>
/// <param name="Addresses">Addresses with the scheme of mining pools, at most 16.</param>
/// <param name="HasWallet">There is a Monero wallet.</param>
/// <param name="Words">Distinct words that miners have: names of algorithms, options, messages of the protocol.</param>
/// <param name="Urls">Other addresses with a scheme whose host is a number or a hidden service, distinct, at most 16: names of ordinary hosts stand in every program that speaks HTTP.</param>
/// <param name="RustCommit">Commit of the Rust compiler; null when there is none.</param>
internal sealed record EmbeddedText(IReadOnlyList<string> Pools, IReadOnlyList<string> Addresses, bool HasWallet, IReadOnlyList<string> Words, IReadOnlyList<string> Urls, string? RustCommit)
{
    private const int MaximumAddresses = 16;
    private const int MaximumHits = 1 << 16;
    private const int LongestAddress = 256;
    private const int LongestScheme = 20;
    private const int WalletLength = 95;
    private const int IntegratedLength = 106;
    private const int PieceBytes = 16 << 10;
    private const string SchemeMark = "://";
    private const string RustMark = "/rustc/";

    private static readonly string[] s_words = ["donate-level", "randomx", "cryptonight", "rx/0", "mining.subscribe", "mining.authorize", "\"method\":\"login\"", "xmrig", "nicehash", "kawpow", "max-threads-hint", "huge-pages-jit", "ghostrider", "job_id"];
    private static readonly byte[][] s_wordBytes = [.. s_words.Select(Encoding.ASCII.GetBytes)];
    // All in one pass: a pass for each costs more than everything else that is asked about a program.
    private static readonly SearchValues<string> s_needles = SearchValues.Create([.. s_words, SchemeMark, RustMark], StringComparison.Ordinal);
    private static readonly int s_longest = s_words.Max(word => word.Length);
    private static readonly bool[] s_base58 = Table("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
    private static readonly bool[] s_host = Table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    /// <summary>Looks for them; null when there is nothing.</summary>
    public static EmbeddedText? Find(ReadOnlySpan<byte> content, PoolList pools)
    {
        var found = new Collected();
        int hits = 0;
        char[] piece = ArrayPool<char>.Shared.Rent(PieceBytes);
        for (int start = 0; start < content.Length && hits < MaximumHits; start += PieceBytes - s_longest)
        {
            ReadOnlySpan<byte> bytes = content.Slice(start, Math.Min(PieceBytes, content.Length - start));
            int count = Encoding.Latin1.GetChars(bytes, piece);
            int at = 0;
            while (piece.AsSpan(at, count - at).IndexOfAny(s_needles) is var next and >= 0 && hits++ < MaximumHits)
            {
                at += next;
                Take(content, start + at, found);
                at++;
            }
        }
        ArrayPool<char>.Shared.Return(piece);
        SortedSet<string> named = PoolsIn(content, pools);
        bool wallet = HasMoneroWallet(content);
        string[] words = [.. s_words.Where((_, i) => (found.Words & (1 << i)) != 0)];
        return words.Length == 0 && found.Addresses.Count == 0 && named.Count == 0 && found.Urls.Count == 0 && found.RustCommit is null && !wallet
            ? null : new([.. named], [.. found.Addresses], wallet, words, [.. found.Urls], found.RustCommit);
    }

    private static void Take(ReadOnlySpan<byte> content, int at, Collected found)
    {
        ReadOnlySpan<byte> here = content[at..];
        if (here[0] == (byte)':')
        {
            TakeAddress(content, at, found);
            return;
        }
        if (here.StartsWith(RustBuildInfo.PathMark))
        {
            found.RustCommit ??= RustBuildInfo.Commit(here[RustMark.Length..]);
            return;
        }
        for (int i = 0; i < s_wordBytes.Length; i++)
        {
            if (here.StartsWith(s_wordBytes[i]))
            {
                found.Words |= 1 << i;
            }
        }
    }

    private static void TakeAddress(ReadOnlySpan<byte> content, int mark, Collected found)
    {
        int start = mark;
        while (start > 0 && mark - start < LongestScheme && (char.IsAsciiLetterOrDigit((char)content[start - 1]) || content[start - 1] is (byte)'+' or (byte)'-' or (byte)'.'))
        {
            start--;
        }
        ReadOnlySpan<byte> rest = content[start..Math.Min(content.Length, start + LongestAddress)];
        int end = rest.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E);
        ReadOnlySpan<byte> text = end < 0 ? rest : rest[..end];
        ReadOnlySpan<byte> scheme = content[start..mark];
        int stratum = scheme.IndexOf("stratum"u8);
        if (stratum >= 0 && text.Length > scheme.Length + 6)
        {
            if (found.Addresses.Count < MaximumAddresses)
            {
                found.Addresses.Add(Encoding.ASCII.GetString(text[stratum..]));
            }
            return;
        }
        if (scheme.Length < 2 || found.Urls.Count >= MaximumAddresses || !IsNumberOrHidden(text[(scheme.Length + 3)..]))
        {
            return;
        }
        int quote = text.IndexOfAny("\"'<>`\\"u8);
        found.Urls.Add(Encoding.ASCII.GetString(quote < 0 ? text : text[..quote]));
    }

    /// <summary>A public IPv4 address, or a name below <c>.onion</c>.</summary>
    private static bool IsNumberOrHidden(ReadOnlySpan<byte> authority)
    {
        int length = 0;
        while (length < authority.Length && s_host[authority[length]])
        {
            length++;
        }
        ReadOnlySpan<byte> host = authority[..length];
        if (host.EndsWith(".onion"u8))
        {
            // The name of a hidden service is 16 or 56 characters of base 32.
            return length is 22 or 62;
        }
        return length is >= 7 and <= 15 && IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetwork && host.Count((byte)'.') == 3 && IsPublic(address);
    }

    private static bool IsPublic(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[4];
        address.TryWriteBytes(octets, out _);
        return octets[0] is not (0 or 10 or 127 or >= 224) && (octets[0], octets[1]) is not ((169, 254) or (192, 168) or (172, >= 16 and <= 31) or (100, >= 64 and <= 127))
            && (octets[0], octets[1], octets[2]) is not ((192, 0, 2) or (198, 51, 100) or (203, 0, 113)) && !(octets[0] is 1 or 8 or 9 && octets[1] == octets[2] && octets[2] == octets[3]);
    }

    private static SortedSet<string> PoolsIn(ReadOnlySpan<byte> content, PoolList pools)
    {
        var named = new SortedSet<string>(StringComparer.Ordinal);
        int at = 0;
        while (named.Count < MaximumAddresses && at < content.Length && content[at..].IndexOf((byte)':') is var found and >= 0)
        {
            at += found;
            if (at + 2 < content.Length && content[at + 1] is >= (byte)'1' and <= (byte)'9' && content[at + 2] is >= (byte)'0' and <= (byte)'9')
            {
                int start = at;
                while (start > 0 && at - start < LongestAddress && s_host[content[start - 1]])
                {
                    start--;
                }
                string host = Encoding.ASCII.GetString(content[start..at]);
                if (host.Contains('.') && pools.Contains(host))
                {
                    named.Add(host);
                }
            }
            at++;
        }
        return named;
    }

    private sealed class Collected
    {
        public int Words { get; set; }
        public SortedSet<string> Addresses { get; } = new(StringComparer.Ordinal);
        public SortedSet<string> Urls { get; } = new(StringComparer.Ordinal);
        public string? RustCommit { get; set; }
    }

    private static bool HasMoneroWallet(ReadOnlySpan<byte> content)
    {
        for (int at = 0; at + WalletLength <= content.Length;)
        {
            // From the far end: a run of base58 that long is rare, so whole lengths are stepped over.
            int last = at + WalletLength - 1;
            int start = last;
            while (start >= at && s_base58[content[start]])
            {
                start--;
            }
            if (start >= at)
            {
                at = start + 1;
                continue;
            }
            int end = last + 1;
            while (end < content.Length && s_base58[content[end]])
            {
                end++;
            }
            if (end - at is WalletLength or IntegratedLength && content[at] is (byte)'4' or (byte)'8' && content[at + 1] is >= (byte)'0' and <= (byte)'9' or (byte)'A' or (byte)'B' && content.Slice(at, end - at).IndexOfAnyInRange((byte)'a', (byte)'z') >= 0)
            {
                return true;
            }
            at = end;
        }
        return false;
    }

    private static bool[] Table(string characters)
    {
        var table = new bool[256];
        foreach (char character in characters)
        {
            table[character] = true;
        }
        return table;
    }
}
