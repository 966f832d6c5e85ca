using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Wmi;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Subscriptions in the WMI repository, through the index and by their form.</summary>
public sealed class WmiRepositoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_index_leads_to_filters_consumers_and_bindings(bool isOld)
    {
        WmiSubscriptionObjects read = Read(Sample(isOld).Files(), out DiagnosticList diagnostics);
        Assert.True(read.HasIndex);
        Assert.DoesNotContain(diagnostics.Items, item => !item.Message.StartsWith("MAPPING3.MAP", StringComparison.Ordinal));
        Assert.All(read.Instances, found => Assert.False(found.IsCarved));
        Assert.Equal(4, read.Instances.Count);
        WmiFound consumer = Assert.Single(read.Instances, found => found.Instance.Layout == WmiClassLayout.CommandLine);
        Assert.Equal(("c1", "cmd.exe /c run", @"root\subscription"), (consumer.Instance.Value("Name"), consumer.Instance.Value("CommandLineTemplate"), consumer.Namespace));
        Assert.Equal("2026-06-07T08:00:00.000000000Z", consumer.Instance.Written.ToString());
        WmiFound script = Assert.Single(read.Instances, found => found.Instance.Layout == WmiClassLayout.ActiveScript);
        Assert.Equal((new string('x', 20_000) + "\u00fc\u4e2d", @"root\default"), (script.Instance.Value("ScriptText"), script.Namespace));
        WmiFound filter = Assert.Single(read.Instances, found => found.Instance.Layout == WmiClassLayout.EventFilter);
        Assert.Equal("SELECT * FROM __InstanceModificationEvent", filter.Instance.Value("Query"));
        Assert.Equal("__EventFilter.Name=\"f1\"", Assert.Single(read.Instances, found => found.Instance.Layout == WmiClassLayout.Binding).Instance.Value("Filter"));
    }

    [Fact]
    public void What_the_index_lost_is_carved_and_says_so()
    {
        WmiSubscriptionObjects read = Read(new WmiRepositoryWriter().Command("old", "powershell -enc AAAA").Delete().Filter("f", "q").Files(), out _);
        Assert.True(read.HasIndex);
        WmiFound carved = Assert.Single(read.Instances, found => found.IsCarved);
        Assert.Equal(("old", "powershell -enc AAAA", 16L), (carved.Instance.Value("Name"), carved.Instance.Value("CommandLineTemplate"), carved.Offset));
        Assert.Null(carved.Namespace);
    }

    [Theory]
    [InlineData("INDEX.BTR")]
    [InlineData("MAPPING2.MAP")]
    public void Without_index_or_mapping_all_is_carved(string missing)
    {
        Dictionary<string, byte[]> files = Sample(false).Files();
        files.Remove(missing);
        WmiSubscriptionObjects read = Read(files, out DiagnosticList diagnostics);
        Assert.False(read.HasIndex);
        Assert.All(read.Instances, found => Assert.True(found.IsCarved));
        Assert.Contains(read.Instances, found => found.Instance.Value("CommandLineTemplate") == "cmd.exe /c run");
        Assert.NotEmpty(diagnostics.Items);
    }

    [Fact]
    public void A_tree_that_comes_back_is_survived_and_told()
    {
        Dictionary<string, byte[]> files = Sample(false).Files();
        // The child of the root is the root.
        byte[] index = files["INDEX.BTR"];
        int keys = (int)BitConverter.ToUInt32(index, 16);
        BitConverter.GetBytes(1u).CopyTo(index, 20 + keys * 4);
        WmiSubscriptionObjects read = Read(files, out DiagnosticList diagnostics);
        Assert.False(read.HasIndex);
        Assert.Contains(diagnostics.Items, item => item.Code == "wmi.index.cycle");
        Assert.Contains(read.Instances, found => found.IsCarved);
    }

    [Fact]
    public void Names_are_hashed_as_the_format_says() =>
        Assert.Equal("41C53E6DB1ACF2453CEFD41398198E613F10DFF47709ECAB1D7F037756AC8CE7", WmiClassLayout.Hash("__thisNAMESPACE", false));

    [Fact]
    public void Changed_repositories_are_read_soon()
    {
        Dictionary<string, byte[]> files = new WmiRepositoryWriter().Filter("f", "q").Command("c", "x").Bind("f", "CommandLineEventConsumer", "c").Files();
        foreach (string name in (string[])["OBJECTS.DATA", "INDEX.BTR", "MAPPING2.MAP"])
        {
            byte[] whole = files[name];
            Mutations.Run([whole], 1700, bytes =>
            {
                files[name] = bytes;
                Assert.InRange(Read(files, out _).Instances.Count, 0, 100);
            });
            files[name] = whole;
        }
    }

    private static WmiRepositoryWriter Sample(bool isOld) => new WmiRepositoryWriter(isOld).Filter("f1", "SELECT * FROM __InstanceModificationEvent").Command("c1", "cmd.exe /c run")
        .Bind("f1", "CommandLineEventConsumer", "c1").Script("s1", "VBScript", new string('x', 20_000) + "\u00fc\u4e2d", space: @"root\default");

    private static WmiSubscriptionObjects Read(Dictionary<string, byte[]> files, out DiagnosticList diagnostics)
    {
        diagnostics = new DiagnosticList();
        return WmiRepository.ReadSubscriptions(new MemorySource(files["OBJECTS.DATA"]), name => files.TryGetValue(name, out byte[]? bytes) ? new MemorySource(bytes) : null, diagnostics, CancellationToken.None);
    }
}
