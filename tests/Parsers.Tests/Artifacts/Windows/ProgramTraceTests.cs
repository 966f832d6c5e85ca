using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.ExecutionTraces;
using Forensics.Parsers.Tests.Artifacts.Windows.Registry;
using Forensics.Parsers.Tests.Formats.Registry;
using Forensics.Parsers.Tests.Formats.Windows;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Traces of programs: which ran, which were only there. Expected values of real hives are those of the tests of regipy.</summary>
public sealed class ProgramTraceTests
{
    private const string System = "/Windows/System32/config/SYSTEM";
    private const string User = "/Users/alice/NTUSER.DAT";
    private const string Amcache = "/Windows/appcompat/Programs/Amcache.hve";

    [Fact]
    public void The_activity_moderator_proves_a_run_of_a_user()
    {
        var hive = new RegistryHiveWriter();
        hive.Key("Select").Number("Current", 1);
        hive.Key(@"ControlSet001\Services\bam\State\UserSettings\S-1-5-21-1-2-3-1001").Number("Version", 1).Binary(@"\Device\HarddiskVolume3\Users\Public\a.exe", new ByteWriter().U64(ByteWriter.Ticks(2026, 2, 3)).Zeros(16).ToArray())
            .Binary(@"\Device\HarddiskVolume7\tools\b.exe", new ByteWriter().U64(ByteWriter.Ticks(2026, 2, 4)).Zeros(16).ToArray());

        ProgramTrace[] traces = Read(new SystemHiveParser(), System, hive);

        Assert.Equal(("/Users/Public/a.exe", true, "S-1-5-21-1-2-3-1001", ProgramTraceTime.LastRun, "2026-02-03"), (traces[0].ImagePath, traces[0].HasRun, traces[0].UserSid, traces[0].TimeMeans, Day(traces[0])));
        // Which volume that is, nothing says.
        Assert.Null(traces[1].ImagePath);
        Assert.Equal(2, traces.Length);
    }

    [Fact]
    public void The_shim_cache_of_Windows_10_proves_nothing()
    {
        byte[] one = new ByteWriter().U16(2 * 20).Utf16(@"C:\Users\Public\a.ex").U64(ByteWriter.Ticks(2020, 5, 6)).U32(4).U32(1).ToArray();
        var hive = new RegistryHiveWriter();
        hive.Key(@"ControlSet001\Control\Session Manager\AppCompatCache").Binary("AppCompatCache", new ByteWriter().U32(0x34).To(0x34).Raw("10ts"u8).U32(7).U32((uint)one.Length).Raw(one).ToArray());

        ProgramTrace trace = Assert.Single(Read(new SystemHiveParser(), System, hive));

        Assert.Equal((ProgramTraceSource.ShimCache, null, true, "/Users/Public/a.ex", ProgramTraceTime.FileModified), (trace.Source, trace.HasRun, trace.MayHaveRun, trace.ImagePath, trace.TimeMeans));
    }

    [Fact]
    public void A_damaged_shim_cache_is_said_and_costs_nothing_else()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"ControlSet001\Control\Session Manager\AppCompatCache").Binary("AppCompatCache", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        hive.Key(@"ControlSet001\Services\Late").Text("ImagePath", "late.exe").Number("Type", 0x10);

        ArtifactList found = HiveInput.Parse(new SystemHiveParser(), System, hive);

        Assert.Contains(found.Diagnostics, diagnostic => diagnostic.Code == "windows.shimcache");
        Assert.Single(found.Artifacts.OfType<WindowsService>());
    }

    [Fact]
    public void Explorer_and_the_assistant_note_what_a_user_ran()
    {
        var hive = new RegistryHiveWriter();
        byte[] data = new ByteWriter().U32(0).U32(12).U32(3).U32(65_000).To(60).U64(ByteWriter.Ticks(2026, 2, 3)).U32(0).ToArray();
        hive.Key(@"Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist\{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}\Count").Binary(UserAssist.Rot13(@"{374DE290-123F-4565-9164-39C4925E467B}\x.exe"), data).Binary(UserAssist.Rot13("UEME_CTLSESSION"), data);
        hive.Key(@"Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Compatibility Assistant\Store").Binary(@"C:\Users\Public\y.exe", [1]).Binary("SIGN.MEDIA=1 z.exe", [1]);

        ProgramTrace[] traces = Read(new UserHiveParser(), User, hive);

        Assert.Equal(2, traces.Length);
        Assert.Equal((@"C:\Users\alice\Downloads\x.exe", "/Users/alice/Downloads/x.exe", 12L, true, "alice"), (traces[0].Path, traces[0].ImagePath, traces[0].RunCount, traces[0].HasRun, traces[0].User));
        Assert.Equal((ProgramTraceSource.CompatibilityAssistant, "/Users/Public/y.exe", ProgramTraceTime.None), (traces[1].Source, traces[1].ImagePath, traces[1].TimeMeans));
    }

    [Fact]
    public void Names_that_Explorer_looked_up_are_programs_once()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Local Settings\Software\Microsoft\Windows\Shell\MuiCache").Text(@"C:\Users\Public\y.exe.FriendlyAppName", "y").Text(@"C:\Users\Public\y.exe.ApplicationCompany", "z").Text("@%SystemRoot%\\x.dll,-1", "text").Binary("LangID", [9, 4]);

        ProgramTrace trace = Assert.Single(Read(new UserClassesHiveParser(), "/Users/alice/AppData/Local/Microsoft/Windows/UsrClass.dat", hive));

        Assert.Equal((ProgramTraceSource.MuiCache, "/Users/Public/y.exe", (bool?)null, "alice"), (trace.Source, trace.ImagePath, trace.HasRun, trace.User));
    }

    [Fact]
    public void The_inventory_of_files_and_drivers_has_digests()
    {
        const string digest = "0000DA39A3EE5E6B4B0D3255BFEF95601890AFD80709";
        var hive = new RegistryHiveWriter();
        hive.Key(@"Root\InventoryApplicationFile\a.exe|1").Text("LowerCaseLongPath", @"c:\users\public\a.exe").Text("FileId", digest).LongNumber("Size", 4096);
        hive.Key(@"Root\InventoryDriverBinary\c:/windows/temp/winring0x64.sys").Text("DriverId", digest).Text("DriverName", "WinRing0x64.sys").Number("ImageSize", 14);
        hive.Key(@"Root\File\{1}\2").Text("15", @"C:\old.exe").Text("101", digest).Number("6", 7).Text("1", "Company");

        ProgramTrace[] traces = Read(new AmcacheParser(), Amcache, hive);

        Assert.Equal(["/users/public/a.exe", "/old.exe", "/windows/temp/winring0x64.sys"], traces.Select(trace => trace.ImagePath));
        Assert.Equal([4096L, 7, 14], traces.Select(trace => trace.Size));
        Assert.All(traces, trace => Assert.Equal(("da39a3ee5e6b4b0d3255bfef95601890afd80709", (bool?)null), (trace.Sha1, trace.HasRun)));
    }

    [Fact]
    public void New_programs_of_Windows_7_are_listed()
    {
        byte[] content = new ByteWriter().U32(0xFFEEFFFE).U32(0x2211).U32(3).U32(1).U32(0x1234).U32(11).Utf16("c:\\temp\\a.e\0").U32(3).Utf16("c:").ToArray();
        var found = new ArtifactList();

        new RecentFileCacheParser().Parse(WindowsInput.Of("/Windows/AppCompat/Programs/RecentFileCache.bcf", content), found);

        var trace = Assert.IsType<ProgramTrace>(Assert.Single(found.Artifacts));
        Assert.Equal((ProgramTraceSource.RecentFileCache, "/temp/a.e", 20L), (trace.Source, trace.ImagePath, trace.Location.ByteOffset));
        Assert.Equal("windows.recent-file-cache.cut", Assert.Single(found.Diagnostics).Code);
        Assert.Throws<UnknownFormatException>(() => RecentFileCache.Parse(new byte[40]));
        Mutations.Run([content], 3000, bytes => Assert.InRange(Count(bytes), 0, 20));
    }

    [Fact]
    public void The_inventory_of_a_real_machine()
    {
        ArtifactList found = HiveInput.Parse(new AmcacheParser(), Amcache, new FileByteSource(SharedImages.Unpack("hives/amcache.hve.xz")));

        ProgramTrace[] files = [.. found.Artifacts.OfType<ProgramTrace>().Where(trace => trace.Source == ProgramTraceSource.Amcache)];
        Assert.Equal(1367, files.Length);
        ProgramTrace file = Assert.Single(files, trace => trace.Sha1 == "056f4b9d9ec9b5dc548e1b460da889e44089d76f");
        Assert.Equal((@"C:\Windows\system32\TPVMMondeu.dll", "2017-08-03T11:34:02"), (file.Path, file.Time.ToString()![..19]));
    }

    [Fact]
    public void The_programs_of_a_real_user()
    {
        ArtifactList found = HiveInput.Parse(new UserHiveParser(), User, new FileByteSource(SharedImages.Unpack("hives/NTUSER.DAT.xz")));

        ProgramTrace[] traces = [.. found.Artifacts.OfType<ProgramTrace>().Where(trace => trace.Source == ProgramTraceSource.UserAssist)];
        // Values of 72 bytes, counted with another reader: 18 and 13, of which one each is bookkeeping.
        Assert.Equal(29, traces.Length);
        Assert.Contains(traces, trace => trace is { Path: @"C:\Program Files (x86)\Microsoft Office\Office14\EXCEL.EXE", RunCount: 4 } && trace.Time.ToString()![..23] == "2012-04-04T15:43:14.785");
        Assert.Contains(traces, trace => trace is { Path: "Microsoft.Windows.RemoteDesktop", RunCount: 8 } && trace.Time.ToString()![..19] == "2012-04-03T22:06:58");
    }

    [Fact]
    public void The_caches_of_a_real_machine_hold_paths()
    {
        ArtifactList found = HiveInput.Parse(new SystemHiveParser(), System, new FileByteSource(SharedImages.Unpack("hives/SYSTEM_B.xz")));

        ILookup<ProgramTraceSource, ProgramTrace> traces = found.Artifacts.OfType<ProgramTrace>().ToLookup(trace => trace.Source);
        Assert.NotEmpty(traces[ProgramTraceSource.ShimCache]);
        Assert.NotEmpty(traces[ProgramTraceSource.BackgroundActivity]);
        Assert.All(traces[ProgramTraceSource.BackgroundActivity], trace => Assert.Matches(@"^\\Device\\HarddiskVolume\d+\\.+|^\\\\", trace.Path));
        Assert.DoesNotContain(found.Diagnostics, diagnostic => diagnostic.Code is "windows.shimcache" or "windows.traces.many");
    }

    private static int Count(byte[] bytes) => RecentFileCache.Parse(bytes).Entries.Count;

    private static string Day(ProgramTrace trace) => trace.Time.ToString()![..10];

    private static ProgramTrace[] Read(ArtifactParser parser, string path, RegistryHiveWriter hive) => [.. HiveInput.Parse(parser, path, hive).Artifacts.OfType<ProgramTrace>()];
}
