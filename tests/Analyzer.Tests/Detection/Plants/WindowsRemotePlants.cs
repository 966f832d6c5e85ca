using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Ways in from afar: Remote Desktop and OpenSSH.</summary>
internal static class WindowsRemotePlants
{
    private const string Id = "W-RDP";
    private const string Server = Set + @"Control\Terminal Server";
    private const string Keys = "/ProgramData/ssh/administrators_authorized_keys";
    private const string Config = "/ProgramData/ssh/sshd_config";
    private const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ";
    private const string StockConfig = "AuthorizedKeysFile\t.ssh/authorized_keys\r\nSubsystem\tsftp\tsftp-server.exe\r\nMatch Group administrators\r\n       AuthorizedKeysFile __PROGRAMDATA__/ssh/administrators_authorized_keys\r\n";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new(Id, "loud-wrapper", PlantKind.Loud, tree => Hives(tree.Pe("/Program Files/RDP Wrapper/rdpwrap.dll"), hive => Wrapped(hive))) { Rule = "wrapper" },
            new(Id, "loud-key-of-malware", PlantKind.Loud, tree => Ssh(tree.File(Keys, Key + "mdrfckr\n"))) { Rule = "ssh-known-bad-comment", AtLeast = Severity.Critical },
            new(Id, "quiet-other-library", PlantKind.Quiet, tree => Hives(tree.Pe("/Windows/System32/termsrv2.dll"), hive => ReplaceExpandable(hive, @"%SystemRoot%\System32\termsrv2.dll"))) { Rule = "wrapper", Entries = [SystemFile] },
            new(Id, "quiet-changed-library", PlantKind.Quiet, tree => Vouched(Hives(tree), "termsrv.dll changed", vouchesForLibrary: false)) { Rule = "patched-library" },
            new(Id, "quiet-watched", PlantKind.Quiet, tree => Hives(tree, hive => ReplaceNumber(hive.Key(Server), "fDenyTSConnections", 0), hive => hive.Key(@"Policies\Microsoft\Windows NT\Terminal Services").Number("Shadow", 2))) { Rule = "shadow", AtLeast = Severity.Medium, Entries = [Software] },
            new(Id, "quiet-no-authentication", PlantKind.Quiet, tree => Hives(tree, hive => Open(hive))) { Rule = "no-network-authentication", AtLeast = Severity.Medium, Entries = [SystemFile] },
            new(Id, "quiet-ssh-program", PlantKind.Quiet, tree => Ssh(tree.Pe("/Users/Public/keys.exe").File(Config, StockConfig.Replace("sftp-server.exe", @"C:\Users\Public\keys.exe", StringComparison.Ordinal)))) { Rule = "ssh-program", Entries = [Config] },
            new(Id, "quiet-ssh-keys-elsewhere", PlantKind.Quiet, tree => Ssh(tree.File(Config, "AuthorizedKeysFile C:/Users/Public/keys\r\n"))) { Rule = "ssh-server", AtLeast = Severity.Medium, Entries = [Config] },
            new(Id, "dormant-wrapper", PlantKind.Dormant, tree => Hives(tree.Pe("/Program Files/RDP Wrapper/rdpwrap.dll"), hive => ReplaceNumber(Wrapped(hive).Key(Set + @"Services\TermService"), "Start", 4))) { TwinOf = "loud-wrapper" },
            new(Id, "dormant-no-authentication", PlantKind.Dormant, tree => Hives(tree, hive => ReplaceNumber(Open(hive).Key(Server), "fDenyTSConnections", 1))) { TwinOf = "quiet-no-authentication" },
            new(Id, "dormant-ssh-program", PlantKind.Dormant, tree => Ssh(tree.Pe("/Users/Public/keys.exe").File(Config, StockConfig.Replace("sftp-server.exe", @"C:\Users\Public\keys.exe", StringComparison.Ordinal)), start: 4)) { TwinOf = "quiet-ssh-program" },
            new(Id, "benign-library-in-a-catalog", PlantKind.Benign, tree => Vouched(Hives(tree), "termsrv.dll of an update", vouchesForLibrary: true)),
            new(Id, "benign-library-without-catalogs", PlantKind.Benign, tree => Hives(tree).Pe("/Windows/System32/termsrv.dll", new PlantedPe { Seed = "termsrv.dll of an update" })),
            new(Id, "benign-server", PlantKind.Benign, tree => Hives(tree, hive =>
            {
                ReplaceNumber(hive.Key(Server), "fDenyTSConnections", 0);
                ReplaceNumber(hive.Key(Server + @"\WinStations\RDP-Tcp"), "PortNumber", 13389).Number("Shadow", 1);
            })),
            new(Id, "benign-old-server", PlantKind.Benign, tree => Hives(tree, hive =>
            {
                ReplaceNumber(hive.Key(Server), "fDenyTSConnections", 0);
                ReplaceNumber(hive.Key(Server + @"\WinStations\RDP-Tcp"), "UserAuthentication", 0).Number("SecurityLayer", 2);
            })),
            new(Id, "benign-openssh", PlantKind.Benign, tree => Ssh(tree.File(Keys, [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.ASCII.GetBytes(Key + "alice@laptop\r\n" + Key + "aws-key-2024\r\n")]).File("/Users/alice/.ssh/authorized_keys", Key + "alice@laptop\n").File(Config, StockConfig))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    /// <summary>A system folder as Windows has it: catalogs vouch for nearly all that lies there.</summary>
    private static PlantTree Vouched(PlantTree tree, string seed, bool vouchesForLibrary)
    {
        byte[] library = new PlantedPe { Seed = seed }.Build();
        byte[][] neighbours = [.. Enumerable.Range(0, 150).Select(number => new PlantedPe { Seed = "neighbour" + number }.Build())];
        for (int i = 0; i < neighbours.Length; i++)
        {
            tree.File($"/Windows/System32/api{i}.dll", neighbours[i]);
        }
        return tree.File("/Windows/System32/termsrv.dll", library)
            .File("/Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}/Windows.cat", PlantSigner.Catalog(vouchesForLibrary ? [.. neighbours, library] : neighbours));
    }

    private static RegistryHiveWriter Wrapped(RegistryHiveWriter hive) => ReplaceExpandable(hive, @"%ProgramFiles%\RDP Wrapper\rdpwrap.dll");

    private static RegistryHiveWriter ReplaceExpandable(RegistryHiveWriter hive, string dll)
    {
        Replace(hive.Key(Set + @"Services\TermService\Parameters"), "ServiceDll", dll);
        return hive;
    }

    private static RegistryHiveWriter Open(RegistryHiveWriter hive)
    {
        ReplaceNumber(hive.Key(Server), "fDenyTSConnections", 0);
        ReplaceNumber(hive.Key(Server + @"\WinStations\RDP-Tcp"), "UserAuthentication", 0).Number("SecurityLayer", 0);
        return hive;
    }

    private static PlantTree Ssh(PlantTree tree, uint start = 2) => Hives(tree.Pe("/Windows/System32/OpenSSH/sshd.exe").Pe("/Windows/System32/OpenSSH/sftp-server.exe"), hive => Service(hive, "sshd", @"%SystemRoot%\System32\OpenSSH\sshd.exe", start));
}
