using System.Text;
using Forensics.Analyzer.Signatures;

namespace Forensics.Analyzer.Examiners;

/// <summary>Addresses, wallets and words of miners inside a program, bounded: what betrays a miner that no rule knows.</summary>
/// <param name="Pools">Listed pools named with a port, distinct, at most 16.</param>
/// <param name="Addresses">Addresses with the scheme of mining pools, at most 16.</param>
/// <param name="HasWallet">There is a Monero wallet.</param>
/// <param name="Words">Distinct words that miners have: names of algorithms, options, messages of the protocol.</param>
internal sealed record MinerWords(IReadOnlyList<string> Pools, IReadOnlyList<string> Addresses, bool HasWallet, IReadOnlyList<string> Words)
{
    private const int MaximumAddresses = 16;
    private const int MaximumHits = 4096;
    private const int LongestAddress = 256;
    private const int WalletLength = 95;
    private const int IntegratedLength = 106;

    private static readonly string[] s_words = ["donate-level", "randomx", "cryptonight", "rx/0", "mining.subscribe", "mining.authorize", "\"method\":\"login\"", "xmrig", "nicehash", "kawpow", "max-threads-hint", "huge-pages-jit", "ghostrider", "job_id"];
    private static readonly byte[][] s_wordBytes = [.. s_words.Select(Encoding.ASCII.GetBytes)];
    private static readonly bool[] s_base58 = Table("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
    private static readonly bool[] s_host = Table("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    /// <summary>Looks for them; null when there is nothing.</summary>
    public static MinerWords? Find(ReadOnlySpan<byte> content, PoolList pools)
    {
        var words = new List<string>();
        for (int i = 0; i < s_wordBytes.Length; i++)
        {
            if (content.IndexOf(s_wordBytes[i]) >= 0)
            {
                words.Add(s_words[i]);
            }
        }
        var addresses = new SortedSet<string>(StringComparer.Ordinal);
        int at = 0;
        for (int hits = 0; hits < MaximumHits && addresses.Count < MaximumAddresses && content[at..].IndexOf("stratum"u8) is var found and >= 0; hits++)
        {
            at += found;
            ReadOnlySpan<byte> rest = content[at..Math.Min(content.Length, at + LongestAddress)];
            int end = rest.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E);
            ReadOnlySpan<byte> text = end < 0 ? rest : rest[..end];
            int scheme = text.IndexOf("://"u8);
            if (scheme is > 0 and < 16 && text.Length > scheme + 6)
            {
                addresses.Add(Encoding.ASCII.GetString(text));
            }
            at += 7;
        }
        var named = new SortedSet<string>(StringComparer.Ordinal);
        at = 0;
        for (int hits = 0; named.Count < MaximumAddresses && at < content.Length && content[at..].IndexOf((byte)':') is var found and >= 0; hits++)
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
        bool wallet = HasMoneroWallet(content);
        return words.Count == 0 && addresses.Count == 0 && named.Count == 0 && !wallet ? null : new([.. named], [.. addresses], wallet, words);
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
