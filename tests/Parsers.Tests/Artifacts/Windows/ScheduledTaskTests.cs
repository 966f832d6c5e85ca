using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Tasks as the task scheduler of Windows writes them, in every encoding that is met, and broken ones.</summary>
public sealed class ScheduledTaskTests
{
    private const string Full = """
        <?xml version="1.0" encoding="UTF-16"?>
        <Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
          <RegistrationInfo>
            <Date>2026-06-01T10:00:00</Date>
            <Author>WS01\alice</Author>
            <Description>keeps things going</Description>
            <URI>\Updates\Check</URI>
            <SecurityDescriptor>D:(A;;FA;;;BA)</SecurityDescriptor>
          </RegistrationInfo>
          <Triggers>
            <BootTrigger><Enabled>false</Enabled><Delay>PT30S</Delay></BootTrigger>
            <LogonTrigger><UserId>WS01\alice</UserId></LogonTrigger>
            <CalendarTrigger>
              <Repetition><Interval>PT5M</Interval><Duration>P1D</Duration><StopAtDurationEnd>false</StopAtDurationEnd></Repetition>
              <StartBoundary>2026-06-01T10:00:00</StartBoundary>
              <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
            </CalendarTrigger>
            <EventTrigger><Subscription>&lt;QueryList/&gt;</Subscription></EventTrigger>
            <WnfStateChangeTrigger><StateName>7508</StateName></WnfStateChangeTrigger>
          </Triggers>
          <Principals>
            <Principal id="Users"><GroupId>S-1-5-32-545</GroupId></Principal>
            <Principal id="System"><UserId>S-1-5-18</UserId><LogonType>S4U</LogonType><RunLevel>HighestAvailable</RunLevel><RequiredPrivileges><Privilege>SeDebugPrivilege</Privilege></RequiredPrivileges></Principal>
          </Principals>
          <Settings><Enabled>true</Enabled><Hidden>true</Hidden><ExecutionTimeLimit>PT0S</ExecutionTimeLimit><IdleSettings><Duration>PT10M</Duration></IdleSettings></Settings>
          <Actions Context="System">
            <Exec><Command>C:\Program Files\Vendor\up date.exe</Command><Arguments>/quiet "a b"</Arguments><WorkingDirectory>C:\ProgramData</WorkingDirectory></Exec>
            <ComHandler><ClassId>{A6BA00FE-40E8-477C-B713-C64A14F18ADB}</ClassId><Data><![CDATA[x]]></Data></ComHandler>
            <ShowMessage><Title>t</Title><Body>b</Body></ShowMessage>
          </Actions>
        </Task>
        """;

    public static TheoryData<string> Encodings => ["utf-16le-bom", "utf-16be-bom", "utf-16le", "utf-16be", "utf-8", "utf-8-bom"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Every_encoding_is_read_whatever_the_declaration_says(string encoding)
    {
        ScheduledTask task = One(Encode(Full, encoding));
        Assert.Equal(@"\Updates\Check", task.Name);
        Assert.Equal(@"WS01\alice", task.Author);
        Assert.Equal(5, task.Triggers.Count);
        Assert.Equal(3, task.Actions.Count);
    }

    [Fact]
    public void All_that_it_says_is_stated()
    {
        ScheduledTask task = One(Encode(Full, "utf-16le-bom"));
        Assert.True(task.IsHidden && task.IsEnabled && !task.IsDamaged && task.RunsAsSystem);
        Assert.Equal("S-1-5-18", task.RunsAs);
        Assert.Equal("PT0S", task.ExecutionTimeLimit);
        Assert.Equal("D:(A;;FA;;;BA)", task.SecurityDescriptor);
        Assert.Equal(["Boot", "Logon", "Calendar", "Event", "WnfStateChange"], task.Triggers.Select(trigger => trigger.Type));
        Assert.False(task.Triggers[0].IsEnabled);
        Assert.Equal("PT30S", task.Triggers[0].Delay);
        Assert.Equal(@"WS01\alice", task.Triggers[1].UserId);
        Assert.Equal(TimeSpan.FromMinutes(5), task.Triggers[2].Interval);
        Assert.Equal("P1D", task.Triggers[2].RepetitionDuration);
        Assert.Equal("DaysInterval=1", task.Triggers[2].Details);
        Assert.Equal("Subscription=<QueryList/>", task.Triggers[3].Details);
        Assert.Equal(["SeDebugPrivilege"], task.Principals[1].RequiredPrivileges);
        Assert.Equal("{A6BA00FE-40E8-477C-B713-C64A14F18ADB}", task.Actions[1].ClassId);
        Assert.Equal("x", task.Actions[1].Data);
        Assert.Equal("t; b", task.Actions[2].Data);
        StartCommand command = Assert.Single(task.Commands);
        Assert.Equal("\"C:\\Program Files\\Vendor\\up date.exe\" /quiet \"a b\"", command.Text);
        Assert.Equal(@"C:\ProgramData", command.WorkingDirectory);
        Assert.Equal("S-1-5-18", command.User);
        Assert.Equal(27, command.Line);
        Assert.Null(command.DormantBecause);
    }

    [Theory]
    [InlineData("<Settings><Enabled>false</Enabled></Settings>", "the task is disabled")]
    [InlineData("<Settings/><Triggers><BootTrigger><Enabled>false</Enabled></BootTrigger></Triggers>", "all its triggers are disabled")]
    [InlineData("<Settings/><Triggers/>", null)]
    [InlineData("<Settings><Enabled>true</Enabled></Settings><Triggers><BootTrigger/></Triggers>", null)]
    public void What_keeps_it_from_running_is_said(string inside, string? why)
    {
        ScheduledTask task = One(Encoding.UTF8.GetBytes($"<Task>{inside}<Actions><Exec><Command>x.exe</Command></Exec></Actions></Task>"));
        Assert.Equal(why, task.DormantBecause);
        Assert.Equal(why, Assert.Single(task.Commands).DormantBecause);
    }

    [Fact]
    public void A_document_type_is_a_fact_and_nothing_behind_it_is_read()
    {
        var found = Parse("<?xml version='1.0'?><!DOCTYPE Task [<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY a '&x;&x;'>]><Task><Actions><Exec><Command>&a;</Command></Exec></Actions></Task>"u8.ToArray());
        ScheduledTask task = Assert.IsType<ScheduledTask>(Assert.Single(found.Artifacts));
        Assert.True(task.HasDocumentType);
        Assert.Empty(task.Commands);
        Assert.Equal("windows.task.damaged", Assert.Single(found.Diagnostics).Code);
    }

    [Fact]
    public void A_cut_file_keeps_what_stands_before_the_cut()
    {
        byte[] whole = Encode(Full, "utf-16le-bom");
        int cut = Encoding.Unicode.GetString(whole).IndexOf("<ComHandler>", StringComparison.Ordinal) * 2;
        var found = Parse(whole[..cut]);
        ScheduledTask task = Assert.IsType<ScheduledTask>(Assert.Single(found.Artifacts));
        Assert.True(task.IsDamaged);
        Assert.Equal(@"C:\Program Files\Vendor\up date.exe", Assert.Single(task.Actions).Command);
        Assert.True(Assert.Single(found.Diagnostics).LosesContent);
    }

    [Fact]
    public void Depth_and_numbers_are_bounded()
    {
        var deep = Parse(Encoding.UTF8.GetBytes("<Task><Actions>" + string.Concat(Enumerable.Repeat("<a>", 100_000))));
        Assert.True(Assert.IsType<ScheduledTask>(Assert.Single(deep.Artifacts)).IsDamaged);
        var many = Parse(Encoding.UTF8.GetBytes("<Task><Actions>" + string.Concat(Enumerable.Repeat("<Exec><Command>x</Command></Exec>", 5000)) + "</Actions></Task>"));
        Assert.Equal(256, Assert.IsType<ScheduledTask>(Assert.Single(many.Artifacts)).Actions.Count);
    }

    [Fact]
    public void What_is_no_task_is_said_and_garbage_does_no_harm()
    {
        Assert.Equal("windows.task.root", Assert.Single(Parse("<html/>"u8.ToArray()).Diagnostics).Code);
        Assert.Empty(Parse([]).Artifacts);
        var random = new Random(7);
        byte[] seed = Encode(Full, "utf-16le-bom");
        for (int i = 0; i < 500; i++)
        {
            byte[] broken = (byte[])seed.Clone();
            for (int k = 0; k < 20; k++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }
            Assert.True(Parse(broken[..random.Next(broken.Length)]).Artifacts.Count <= 1);
        }
    }

    [Theory]
    [InlineData("PT5M", 5)]
    [InlineData("PT1H30M", 90)]
    [InlineData("P1DT1H", 1500)]
    [InlineData("P1D", 1440)]
    [InlineData("PT", null)]
    [InlineData("5M", null)]
    [InlineData("P99999999999999Y", null)]
    [InlineData(null, null)]
    public void Durations_are_those_of_XML_Schema(string? text, int? minutes) =>
        Assert.Equal(minutes, new TaskTrigger("Time") { RepetitionInterval = text }.Interval is { } interval ? (int)Math.Round(interval.TotalMinutes) : null);

    /// <summary>UTF-8 that says UTF-16, and sections in another order than the schema's.</summary>
    [Fact]
    public void A_task_that_Windows_wrote_is_read()
    {
        ScheduledTask task = One(File.ReadAllBytes(Path.Combine(SharedImages.Require(), "artemis", "windows", "tasks", "win11", "SoftLandingCreativeManagementTask")));
        Assert.Equal(@"\SoftLanding\S-1-5-21-476446702-302789185-3387769606-1001\SoftLandingCreativeManagementTask", task.Uri);
        Assert.Equal(["WnfStateChange", "Time", "Time"], task.Triggers.Select(trigger => trigger.Type));
        Assert.Equal(TimeSpan.FromDays(1), task.Triggers[2].Interval);
        Assert.Equal("{F576B2F9-7850-4226-ADB0-E5993FED4F02}", Assert.Single(task.Actions).ClassId);
        Assert.Equal("S-1-5-21-476446702-302789185-3387769606-1001", task.RunsAs);
        Assert.True(task.IsEnabled && !task.IsHidden && !task.RunsAsSystem);
    }

    private static ScheduledTask One(byte[] content) => Assert.IsType<ScheduledTask>(Assert.Single(Parse(content).Artifacts));

    private static ArtifactList Parse(byte[] content)
    {
        var found = new ArtifactList();
        new ScheduledTaskParser().Parse(WindowsInput.Of("/Windows/System32/Tasks/Updates/Check", content), found);
        return found;
    }

    private static byte[] Encode(string text, string encoding) => encoding switch
    {
        "utf-16le-bom" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)],
        "utf-16be-bom" => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)],
        "utf-16le" => Encoding.Unicode.GetBytes(text),
        "utf-16be" => Encoding.BigEndianUnicode.GetBytes(text),
        "utf-8-bom" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
        _ => Encoding.UTF8.GetBytes(text),
    };
}
