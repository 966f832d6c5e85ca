using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>Hives of users, and accounts.</summary>
public sealed class UserAndSamHiveTests
{
    private static readonly byte[] s_machine = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];

    [Fact]
    public void Entries_of_a_user_name_the_user()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Software\Microsoft\Windows\CurrentVersion\Run").Text("OneDrive", @"%LOCALAPPDATA%\od.exe");
        hive.Key(@"Software\Microsoft\Windows NT\CurrentVersion\Windows").Text("Load", "a.exe,b.exe");
        hive.Key("Environment").Text("UserInitMprLogonScript", @"C:\x.bat");
        hive.Key(@"Control Panel\Desktop").Text("SCRNSAVE.EXE", @"C:\Users\bob\x.scr").Text("ScreenSaveActive", "1");

        List<AutorunEntry> entries = [.. HiveInput.Parse(new UserHiveParser(), "/Users/bob/NTUSER.DAT", hive).Artifacts.OfType<AutorunEntry>()];

        Assert.All(entries, entry => Assert.Equal("bob", entry.User));
        Assert.Equal([AutorunKind.Run, AutorunKind.WindowsLoad, AutorunKind.LogonScript, AutorunKind.ScreenSaver], entries.Select(entry => entry.Mechanism));
        Assert.Equal(@"HKU\bob\Software\Microsoft\Windows\CurrentVersion\Run", entries[0].KeyPath);
        Assert.Equal(["a.exe", "b.exe"], entries[1].CommandTexts);
    }

    [Theory]
    [InlineData("/Windows/ServiceProfiles/NetworkService/NTUSER.DAT", "NetworkService")]
    [InlineData("/Windows/System32/config/DEFAULT", "SYSTEM")]
    public void Service_accounts_have_profiles_too(string path, string user)
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Software\Microsoft\Windows\CurrentVersion\Run").Text("x", "y.exe");

        Assert.Equal(user, Assert.IsType<AutorunEntry>(Assert.Single(HiveInput.Parse(new UserHiveParser(), path, hive).Artifacts)).User);
    }

    [Fact]
    public void Classes_of_a_user_are_entries()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"CLSID\{1}\InprocServer32").Text("", @"C:\Users\bob\AppData\Roaming\evil.dll");
        hive.Key(@"CLSID\{2}\ScriptletURL").Text("", "http://x/y.sct");
        hive.Key(@"ms-settings\shell\open\command").Text("", "evil.exe").Text("DelegateExecute", "{3}");

        List<AutorunEntry> entries = [.. HiveInput.Parse(new UserClassesHiveParser(), "/Users/bob/AppData/Local/Microsoft/Windows/UsrClass.dat", hive).Artifacts.OfType<AutorunEntry>()];

        Assert.Equal(["/Users/bob/AppData/Roaming/evil.dll"], entries[0].NamedFiles);
        Assert.Equal(@"HKU\bob_Classes\CLSID\{1}\InprocServer32", entries[0].KeyPath);
        Assert.Equal("http://x/y.sct", entries[1].Data);
        Assert.Equal(["evil.exe"], entries[2].CommandTexts);
        Assert.Empty(entries[3].CommandTexts);
    }

    [Fact]
    public void Accounts_have_rights_names_and_times()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"SAM\Domains\Account").Binary("V", [.. new byte[40], .. s_machine]);
        Add(hive, 500, 500, "Administrator", 0x11);
        Add(hive, 1001, 500, "hijacked", 0x210);
        Add(hive, 1002, 1002, "admin$", 0x210);
        hive.Key(@"SAM\Domains\Account\Users\000003EB").Binary("F", Fixed(1003, 0x10)).Binary("V", Variable("unlisted"));
        hive.Key(@"SAM\Domains\Account\Users\Names\ghost").Value("", 2000, []);
        hive.Key(@"SAM\Domains\Builtin\Aliases\00000220").Binary("C", Alias(500, 1002));
        hive.Key(@"SAM\Domains\Builtin\Aliases\0000022B").Binary("C", Alias(1002));

        var accounts = HiveInput.Parse(new SamHiveParser(), "/Windows/System32/config/SAM", hive).Artifacts.OfType<WindowsAccount>().ToDictionary(account => account.Name);

        Assert.Equal(["Administrator", "admin$", "ghost", "hijacked", "unlisted"], accounts.Keys.Order(StringComparer.Ordinal));
        Assert.True(accounts["Administrator"] is { IsDisabled: true, IsAdministrator: true, Rid: 500, EffectiveRid: 500, IsListed: true });
        Assert.True(accounts["hijacked"] is { Rid: 1001, EffectiveRid: 500, IsAdministrator: false });
        Assert.Equal(["Administrators", "Remote Desktop Users"], accounts["admin$"].Groups);
        Assert.False(accounts["unlisted"].IsListed);
        Assert.True(accounts["ghost"] is { HasRecord: false, Rid: 2000 });
        Assert.Equal("2026-11-20T10:00:00.000000000Z", accounts["admin$"].PasswordSet.ToString());
        Assert.Null(accounts["admin$"].LastLogon);
        Assert.Equal("full name", accounts["admin$"].FullName);
    }

    [Theory]
    [InlineData("hives/SAM.xz")]
    [InlineData("plaso/regf/SAM.zst")]
    public void Accounts_of_real_machines_are_whole(string image)
    {
        List<WindowsAccount> accounts = [.. HiveInput.Parse(new SamHiveParser(), "/Windows/System32/config/SAM", new FileByteSource(SharedImages.Unpack(image))).Artifacts.OfType<WindowsAccount>()];

        Assert.All(accounts, account => Assert.True(account.IsListed && account.HasRecord && account.EffectiveRid == account.Rid && account.ListedAs is null, account.ToString()));
        Assert.True(Assert.Single(accounts, account => account.Rid == 500) is { IsAdministrator: true, Name: "Administrator" });
        WindowsAccount guest = Assert.Single(accounts, account => account.Rid == 501);
        Assert.Equal("Guest", guest.Name);
        Assert.True(guest.IsDisabled);
        Assert.Empty(guest.Groups);
    }

    [Fact]
    public void A_hive_without_the_keys_says_nothing_and_a_broken_one_is_refused()
    {
        foreach (ArtifactParser parser in new ArtifactParser[] { new SamHiveParser(), new SystemHiveParser(), new SoftwareHiveParser(), new UserHiveParser(), new UserClassesHiveParser() })
        {
            Assert.Empty(HiveInput.Parse(parser, "/x/y/z/w", new RegistryHiveWriter()).Artifacts);
            Assert.Empty(HiveInput.Parse(parser, "/x/y/z/w", []).Artifacts);
            Assert.Throws<UnknownFormatException>(() => HiveInput.Parse(parser, "/x/y/z/w", [1, 2, 3]));
            Assert.True(parser.ReadsSource);
        }
    }

    [Fact]
    public void Random_damage_of_accounts_and_tasks_never_escapes()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"SAM\Domains\Account").Binary("V", [.. new byte[40], .. s_machine]);
        Add(hive, 500, 500, "Administrator", 0x11);
        hive.Key(@"SAM\Domains\Builtin\Aliases\00000220").Binary("C", Alias(500, 1002));
        hive.Key(@"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tasks\{A}").Binary("Actions", [3, 0, 2, 0, 0, 0, 65, 0, 0x88, 0x88, 0, 0, 0, 0, 2, 0, 0, 0, 65, 0]);
        byte[] good = hive.ToBytes();
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            byte[] bad = [.. good];
            for (int i = random.Next(1, 12); i > 0; i--)
            {
                bad[4096 + random.Next(bad.Length - 4096)] = (byte)random.Next(256);
            }
            foreach (ArtifactParser parser in new ArtifactParser[] { new SamHiveParser(), new SoftwareHiveParser() })
            {
                try
                {
                    HiveInput.Parse(parser, "/Windows/System32/config/X", bad);
                }
                catch (ForensicException)
                {
                    continue; // the caller makes a diagnostic of it
                }
            }
        }
    }

    private static void Add(RegistryHiveWriter hive, uint rid, uint effective, string name, ushort flags)
    {
        hive.Key($@"SAM\Domains\Account\Users\{rid:X8}").Binary("F", Fixed(effective, flags)).Binary("V", Variable(name));
        hive.Key(@"SAM\Domains\Account\Users\Names\" + name).Value("", rid, []);
    }

    private static byte[] Fixed(uint rid, ushort flags)
    {
        var data = new byte[80];
        BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(0x18), WrittenKey.DefaultTime);
        BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(0x30), rid);
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(0x38), flags);
        return data;
    }

    private static byte[] Variable(string name)
    {
        byte[] text = Encoding.Unicode.GetBytes(name);
        byte[] full = Encoding.Unicode.GetBytes("full name");
        var data = new byte[0xCC + text.Length + full.Length];
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x10), text.Length);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x18), text.Length);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x1C), full.Length);
        text.CopyTo(data, 0xCC);
        full.CopyTo(data, 0xCC + text.Length);
        return data;
    }

    private static byte[] Alias(params uint[] rids)
    {
        byte[] members = [.. rids.SelectMany(rid => (byte[])[1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, .. s_machine, .. BitConverter.GetBytes(rid)])];
        var data = new byte[0x34 + members.Length];
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x2C), members.Length);
        BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(0x30), rids.Length);
        members.CopyTo(data, 0x34);
        return data;
    }
}
