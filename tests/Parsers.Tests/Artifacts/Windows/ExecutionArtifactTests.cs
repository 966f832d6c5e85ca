using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Formats.Windows;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Facts of what was started, opened and thrown away, and of what starts things by itself.</summary>
public sealed class ExecutionArtifactTests
{
    private const string Startup = "/Users/alice/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/";
    private const string Repository = "/Windows/System32/wbem/Repository/OBJECTS.DATA";

    [Fact]
    public void A_prefetch_file_is_a_program_that_ran()
    {
        var program = Assert.IsType<PrefetchedProgram>(Assert.Single(Parse(new PrefetchParser(), "/Windows/Prefetch/TOOL.EXE-DEADBEEF.pf", PrefetchWriter.Make(30))));
        Assert.Equal((7u, "TOOL.EXE"), (program.File.RunCount, program.File.Executable));
        Assert.Empty(Parse(new PrefetchParser(), "/Windows/Prefetch/TOOL.EXE-DEADBEEF.pf", []));
    }

    [Fact]
    public void What_lies_in_the_bin_is_paired_with_its_content()
    {
        byte[] record = new ByteWriter().U64(2).U64(5).U64(ByteWriter.Ticks(2026, 1, 1)).U32(6).Utf16("C:\\ab\0").ToArray();
        var file = Assert.IsType<RecycledFile>(Assert.Single(Parse(new RecycleBinParser(), "/$Recycle.Bin/S-1-5-21-1-2-3-1001/$IABCDEF.exe", record)));
        Assert.Equal(("/$Recycle.Bin/S-1-5-21-1-2-3-1001/$RABCDEF.exe", "S-1-5-21-1-2-3-1001", @"C:\ab"), (file.ContentPath, file.OwnerSid, file.Record.OriginalPath));
    }

    [Fact]
    public void Recent_shortcuts_and_jump_lists_are_opened_items()
    {
        byte[] link = new ShellLinkWriter { Target = @"C:\a\b.exe" }.ToArray();
        const string recent = "/Users/alice/AppData/Roaming/Microsoft/Windows/Recent/";
        var item = Assert.IsType<OpenedItem>(Assert.Single(Parse(new RecentItemsParser(), recent + "b.lnk", link)));
        Assert.Equal((@"C:\a\b.exe", "alice", (string?)null), (item.Target, item.User, item.ApplicationId));
        var listed = Assert.IsType<OpenedItem>(Assert.Single(Parse(new RecentItemsParser(), recent + "CustomDestinations/f01b4d95cf55d32a.customDestinations-ms", link)));
        Assert.Equal(("f01b4d95cf55d32a", 0L), (listed.ApplicationId, listed.Location.ByteOffset));
        var automatic = Assert.IsType<OpenedItem>(Assert.Single(Parse(new RecentItemsParser(), recent + "AutomaticDestinations/f01b4d95cf55d32a.automaticDestinations-ms", CompoundFileWriter.Make(("1", link)))));
        Assert.Equal(@"C:\a\b.exe", automatic.Target);
    }

    [Fact]
    public void A_shortcut_in_a_startup_folder_starts_its_target()
    {
        byte[] link = new ShellLinkWriter { Target = @"C:\Windows\System32\cmd.exe", Arguments = "/c start x", WorkingDirectory = @"C:\x" }.ToArray();
        var shortcut = Assert.IsType<StartupShortcut>(Assert.Single(Parse(new StartupShortcutParser(), Startup + "Update.LNK", link)));
        StartCommand command = Assert.Single(shortcut.Commands);
        Assert.Equal((@"C:\Windows\System32\cmd.exe /c start x", "alice", @"C:\x", (string?)null), (command.Text, command.User, command.WorkingDirectory, command.DormantBecause));
        Assert.NotNull(Assert.IsType<StartupShortcut>(Assert.Single(Parse(new StartupShortcutParser(), Startup + "sub/Update.lnk", link))).DormantBecause);
        Assert.Empty(Parse(new StartupShortcutParser(), Startup + "x.bat", link));
        Assert.Empty(Parse(new StartupShortcutParser(), Startup + "x.lnk", [1, 2, 3]));
    }

    [Fact]
    public void A_job_of_BITS_with_a_notification_starts_it()
    {
        var job = Assert.IsType<BitsJob>(Assert.Single(Parse(new BitsQueueParser(), "/ProgramData/Microsoft/Network/Downloader/qmgr.db", BitsQueueWriter.Database("u", "http://203.0.113.9/a", @"C:\a", @"C:\Windows\System32\cmd.exe", "cmd.exe /c a"))));
        Assert.Equal((@"C:\Windows\System32\cmd.exe /c a", true), (Assert.Single(job.Commands).Text, job.IsCarved));
        Assert.Empty(Assert.IsType<BitsJob>(Assert.Single(Parse(new BitsQueueParser(), "/ProgramData/Microsoft/Network/Downloader/qmgr0.dat", BitsQueueWriter.Old("u", "http://203.0.113.9/a", @"C:\a")))).Commands);
    }

    [Fact]
    public void Bound_consumers_are_subscriptions()
    {
        WmiSubscription[] found = Subscriptions(new WmiRepositoryWriter().Filter("f", "SELECT * FROM x").Command("c", "/c run.exe", "cmd.exe").Bind("f", @"\\.\root\subscription:CommandLineEventConsumer", "c")
            .Script("s", "VBScript", "CreateObject(\"x\")").Bind("SCM Event Log Filter", "NTEventLogEventConsumer", "SCM Event Log Consumer"));
        Assert.Equal(3, found.Length);
        WmiSubscription command = Assert.Single(found, one => one.ConsumerKind == "CommandLineEventConsumer");
        Assert.Equal(("c", "f", "SELECT * FROM x", "cmd.exe /c run.exe", @"root\subscription", true, false, (string?)null),
            (command.ConsumerName, command.FilterName, command.FilterQuery, command.Command, command.Namespace, command.IsBound, command.IsCarved, command.DormantBecause));
        Assert.Equal("cmd.exe /c run.exe", Assert.Single(command.Commands).Text);
        WmiSubscription script = Assert.Single(found, one => one.ConsumerKind == "ActiveScriptEventConsumer");
        Assert.Equal(("CreateObject(\"x\")", false, "no filter is bound to it"), (script.ScriptText, script.IsBound, script.DormantBecause));
        WmiSubscription log = Assert.Single(found, one => one.ConsumerKind == "NTEventLogEventConsumer");
        Assert.False(log.RunsSomething);
    }

    [Fact]
    public void What_is_left_of_a_deleted_subscription_is_dormant()
    {
        WmiSubscription deleted = Assert.Single(Subscriptions(new WmiRepositoryWriter().Filter("f", "q").Command("c", "run.exe").Bind("f", "CommandLineEventConsumer", "c").Delete().Filter("other", "q")));
        Assert.True(deleted is { IsCarved: true, IsBound: true, DormantBecause: not null });
        WmiSubscription withoutIndex = Assert.Single(Subscriptions(new WmiRepositoryWriter().Filter("f", "q").Command("c", "run.exe").Bind("f", "CommandLineEventConsumer", "c"), hasIndex: false));
        Assert.True(withoutIndex is { IsCarved: true, IsBound: true, DormantBecause: null });
    }

    [Theory]
    [InlineData(nameof(PrefetchParser), "/Windows/Prefetch/A.EXE-00000000.pf")]
    [InlineData(nameof(RecycleBinParser), "/$Recycle.Bin/S-1-5-18/$IABCDEF.exe")]
    [InlineData(nameof(RecycleBinParser), "/RECYCLER/S-1-5-18/INFO2")]
    [InlineData(nameof(RecentItemsParser), "/Users/a/AppData/Roaming/Microsoft/Windows/Recent/a.lnk")]
    [InlineData(nameof(RecentItemsParser), "/Users/a/AppData/Roaming/Microsoft/Windows/Recent/AutomaticDestinations/1.automaticDestinations-ms")]
    [InlineData(nameof(StartupShortcutParser), Startup + "a.lnk")]
    [InlineData(nameof(BitsQueueParser), "/ProgramData/Microsoft/Network/Downloader/qmgr.db")]
    [InlineData(nameof(WmiRepositoryParser), Repository)]
    public void Noise_is_survived(string name, string path)
    {
        ArtifactParser parser = Catalog.ArtifactParsers.Single(parser => parser.GetType().Name == name);
        var random = new Random(7);
        for (int round = 0; round < 300; round++)
        {
            byte[] noise = new byte[random.Next(3000)];
            random.NextBytes(noise);
            try
            {
                Assert.True(Parse(parser, path, noise).Count < 100);
            }
            catch (Forensics.Parsers.Diagnostics.ForensicException exception)
            {
                Assert.NotEmpty(exception.Code);
            }
        }
    }

    private static WmiSubscription[] Subscriptions(WmiRepositoryWriter writer, bool hasIndex = true)
    {
        Dictionary<string, byte[]> files = writer.Files();
        var found = new ArtifactList();
        new WmiRepositoryParser().Parse(
            WindowsInput.Of(Repository, []) with
            {
                Source = new MemorySource(files["OBJECTS.DATA"]), Siblings = name => hasIndex && files.TryGetValue(name, out byte[]? bytes) ? new MemorySource(bytes) : null,
            },
            found);
        return [.. found.Artifacts.Cast<WmiSubscription>()];
    }

    private static List<Artifact> Parse(ArtifactParser parser, string path, byte[] content)
    {
        var found = new ArtifactList();
        parser.Parse(WindowsInput.Of(path, content), found);
        return found.Artifacts;
    }
}
