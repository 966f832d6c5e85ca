using System.Buffers.Binary;

namespace Forensics.Yara.Tests.Rules;

/// <summary>Look-alikes for miners.yar and packed.yar.</summary>
internal static class MinerSamples
{
    public static IEnumerable<Sample> All() =>
    [
        Sample.Elf("renamed xmrig", 3, "donate-~over-proxy\nmax-threads-~hint\nhuge-pages-~jit\ncn/~upx2\nrx/~wow\n", "Miner_XMRig_Binary"),
        Sample.Elf("xmrig without help text", 2, "donate.v2.xm~rig.com\nFAILED TO APPLY MSR MOD, HASH~RATE WILL BE LOW\nrx/~arq\nargon2/~chukwa\n", "Miner_XMRig_Binary"),
        Sample.Elf("xmrig of 2018", 2, "donate-~level\nmax-cpu-~usage\nretry-~pause\ncrypto~night-lite\ncrypto~night-heavy\n", "Miner_XMRig_Binary"),
        Sample.Text("xmrig config.json", """
            {
                "autosave": true,
                "cpu": { "enabled": true, "huge-pages": true, "max-~threads-hint": 75 },
                "donate-~level": 0,
                "po~ols": [ { "algo": "rx/0", "url": "pool.example.invalid:3333", "user": "wallet", "pass": "x", "keep~alive": true } ]
            }
            """, "Miner_XMRig_Config"),
        Sample.Text("xmrig config with a comment before it", "// tuned\n{ \"po~ols\":[{\"url\":\"a:1\"}], \"rand~omx\": {\"mode\":\"auto\"}, \"print-~time\": 60, \"retry-~pause\": 5 }", "Miner_XMRig_Config"),
        Sample.Text("cpuminer config", "{\n  \"url\": \"stra~tum+tcp://pool.example.invalid:3333\",\n  \"user\": \"fixture\",\n  \"algo\": \"yescrypt\"\n}\n", "Miner_Config_StratumUrl"),
        Sample.Text("pool list config", "{\"pool_~address\" : \"stra~tum+ssl://pool.example.invalid:443\", \"wallet_~address\" : \"x\"}", "Miner_Config_StratumUrl"),
        Sample.Elf("stratum client", 2, "{\"id\": 1, \"method\": \"min~ing.subscribe\"}\nmin~ing.authorize\nmin~ing.submit\nmin~ing.notify\n", "Miner_Stratum_Client_Binary"),
        Sample.Elf("cryptonote client", 2, "stra~tum+tcp://\n{\"method\":\"lo~gin\"}\ncrypto~night\njob~_id\nhash~rate\n", "Miner_CryptoNote_Client_Binary"),
        Sample.Elf("program with a pool built in", 2, "stra~tum+tcp://pool.example.invalid rand~omx crypto~night donate-~level fixture\n", "Miner_Embedded_Pool"),
        Sample.Elf("minerd", 2, "Usage: min~erd [OPTIONS]\nX-Min~ing-Extensions\n", "Miner_Cpuminer_Binary"),
        Sample.Elf("cpuminer fork without its name", 2, "X-Min~ing-Extensions\nStra~tum connection failed\nthread %d: %lu hash~es\n", "Miner_Cpuminer_Binary"),
        .. Gpu("T-Rex NVI~DIA GPU miner", "lolM~iner", "SRB~Miner-MULTI", "nano~miner", "Team Red ~Miner version", "Phoenix~Miner 6.2", "GM~iner v", "NBM~iner", "bzm~iner", "Rigel ~Miner", "eth~miner", "xmr-~stak"),
        Sample.Text("start script with pool", "#!/bin/sh\ncd /opt/w\n./w --url=stra~tum+tcp://pool.example.invalid:3333 -u x -p y --donate-~level=0\n", "Miner_Start_Script"),
        Sample.Text("start script without scheme", "#!/bin/bash\nnohup ./w -o pool.example.invalid:4444 -u wallet -p x --algo=ra~ndomx --nice~hash >/dev/null &\n", "Miner_Start_Script"),
        Sample.Text("unit that starts a miner", "[Unit]\nDescription=c\n[Service]\nExecStart=/usr/bin/w -o p.example.invalid:443 --donate-~level 1\n[Install]\nWantedBy=multi-user.target\n", "Miner_Start_Script"),
        Sample.Text("c3pool set-up", "#!/bin/bash\n# setup_c3~pool_miner.sh\nCPU_THRE~ADS=$(nproc)\nsudo systemctl stop c3pool~_miner.service\nkill~all -9 xm~rig\n", "Miner_MoneroOcean_Setup"),
        Packed("UPX", "UP~X!", "Packed_UPX"),
        Packed("UPX with the magic of Rocke", "LS~D!", "Packed_UPX_Altered_Magic", "Packed_UPX_Rocke_Magic"),
        Packed("UPX with another magic", "ABCD", "Packed_UPX_Altered_Magic"),
    ];

    private static IEnumerable<Sample> Gpu(params string[] names) =>
        names.Select(name => Sample.Elf("GPU miner " + name.Replace("~", "", StringComparison.Ordinal), 2, name + "\nEt~hash\nkaw~pow\nHash~rate\nstra~tum\n", "Miner_GPU_Miner_Binary"));

    /// <summary>ELF64 with two program headers, then l_info and p_info as UPX writes them.</summary>
    private static Sample Packed(string name, string magic, params string[] expected)
    {
        byte[] file = new byte[8192];
        "\u007FELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x38), 2);
        const int Info = 64 + (2 * 56);
        Sample.Bytes(magic).CopyTo(file, Info + 4);
        file[Info + 10] = 13;
        file[Info + 11] = 22;
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Info + 16), 50_000);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Info + 20), 50_000);
        return new Sample(name, file, expected);
    }
}
