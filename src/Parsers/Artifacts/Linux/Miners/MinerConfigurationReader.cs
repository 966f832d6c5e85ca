using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Recognises the settings of XMRig and its relatives (<see href="https://xmrig.com/docs/miner/config"/>), xmr-stak and cpuminer, as JSON or as lines, by the names of the settings and not by the name of the file.
/// </summary>
/// <remarks>Limitations: settings given as arguments only leave no file; a file that is encrypted or packed is not read.</remarks>
public static class MinerConfigurationReader
{
    private const int MaximumSettings = 20_000;
    private const int MaximumValues = 16;

    private static readonly HashSet<string> s_specific = new(StringComparer.Ordinal)
    {
        "donate-level", "donate-over-proxy", "randomx", "rx", "cn", "cn-heavy", "cn-lite", "cn-pico", "cn/upx2", "ghostrider", "rx/wow", "rx/arq", "kawpow", "huge-pages-jit", "max-threads-hint", "argon2-impl", "nicehash", "rig-id", "self-select",
        "submit-to-origin", "health-print-time", "print-time", "rdmsr", "wrmsr", "1gb-pages", "tls-fingerprint", "daemon-poll-interval", "pause-on-battery", "pause-on-active", "huge-pages", "hw-aes", "cuda-bfactor-hint", "astrobwt-max-size", "donate-url",
        "wallet_address", "pool_address", "pool_password", "pool_list", "use_nicehash", "pool_weight", "giveup_limit", "cpu_threads_conf", "h_print_time", "aes_override", "use_slow_memory", "low_power_mode", "affine_to_cpu", "tls_fingerprint", "rig_id",
    };

    private static readonly HashSet<string> s_common = new(StringComparer.Ordinal)
    {
        "pools", "url", "user", "pass", "cpu", "opencl", "cuda", "keepalive", "retry-pause", "retries", "autosave", "background", "coin", "algo", "syslog", "memory-pool", "priority", "yield", "numa", "asm", "currency", "pool", "wallet", "threads", "worker", "retry_time", "call_timeout",
    };

    /// <summary>Whether the first bytes of a text suggest that <see cref="TryRead"/> finds something: cheap enough to ask of every text.</summary>
    public static bool MayBe(ReadOnlySpan<byte> head) =>
        head.IndexOf("\"donate-"u8) >= 0 || head.IndexOf("\"autosave\""u8) >= 0 || head.IndexOf("stratum+"u8) >= 0 || head.IndexOf("\"pools\""u8) >= 0 || head.IndexOf("pool_address"u8) >= 0 || head.IndexOf("\"randomx\""u8) >= 0
        || head.IndexOf("pool_list"u8) >= 0 || head.IndexOf("\"algo\""u8) >= 0 || head.IndexOf("\"cpu\""u8) >= 0 || head.IndexOf("donate-level"u8) >= 0 || head.IndexOf("\"http\""u8) >= 0;

    /// <summary>Names under which miners look for their settings.</summary>
    public static bool IsUsualName(string name) => name is "config.json" or ".config.json" or "pools.txt" or "config.txt" or "cpu.txt" or "xmrig.json" or ".xmrig.json" or "xmrig.conf" or "pools.json" or "miner.conf" or "cpuminer-conf.json" or "xmr.json"
        || name.StartsWith("xmrig", StringComparison.OrdinalIgnoreCase);

    /// <summary>The settings of a miner, when at least two name one, or one of them and the scheme of mining pools.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, EvidenceLocation location, out MinerConfiguration configuration)
    {
        var specific = new SortedSet<string>(StringComparer.Ordinal);
        var common = new SortedSet<string>(StringComparer.Ordinal);
        var pools = new List<string>();
        var users = new List<string>();
        string? algorithm = null;
        bool hasScheme = false;
        foreach (LooseSetting setting in LooseSettings.Read(content, MaximumSettings))
        {
            (s_specific.Contains(setting.Name) ? specific : s_common.Contains(setting.Name) ? common : null)?.Add(setting.Name);
            if (setting.Value.Length == 0)
            {
                continue;
            }
            switch (setting.Name)
            {
                case "url" or "pool" or "pool_address" or "donate-url" when pools.Count < MaximumValues:
                    pools.Add(setting.Value);
                    hasScheme |= setting.Value.StartsWith("stratum", StringComparison.OrdinalIgnoreCase);
                    break;
                case "user" or "wallet" or "wallet_address" when users.Count < MaximumValues:
                    users.Add(setting.Value);
                    break;
                case "algo" or "coin" or "currency" when setting.Value != "null":
                    algorithm ??= setting.Value;
                    break;
            }
        }
        configuration = new MinerConfiguration(location) { SpecificKeys = [.. specific], CommonKeys = [.. common], Pools = pools, Users = users, Algorithm = algorithm };
        return specific.Count >= 2 || (hasScheme && users.Count > 0);
    }
}
