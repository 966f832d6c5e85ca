using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Diagnostics;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary><c>.job</c> files made by the layout of [MS-TSCH] 2.4.</summary>
public sealed class JobFileTests
{
    [Fact]
    public void Strings_triggers_flags_and_the_last_run_are_read()
    {
        ScheduledTask task = Assert.IsType<ScheduledTask>(Assert.Single(Parse(Job(flags: 0x200)).Artifacts));
        Assert.Equal(TaskFormat.Job, task.Format);
        Assert.Equal(@"\At1", task.Name);
        Assert.Equal("SYSTEM", task.Author);
        Assert.Equal("Created by NetScheduleJobAdd.", task.Description);
        Assert.True(task.IsHidden && task.IsEnabled && !task.IsDamaged);
        Assert.Equal(1, task.ExitCode);
        Assert.Equal("2026-06-01T02:03:04", task.LastRun);
        TaskTrigger trigger = Assert.Single(task.Triggers);
        Assert.Equal("Daily", trigger.Type);
        Assert.Equal("2026-05-04T23:30", trigger.StartBoundary);
        Assert.Equal(TimeSpan.FromMinutes(10), trigger.Interval);
        StartCommand command = Assert.Single(task.Commands);
        Assert.Equal(@"cmd.exe /c C:\Windows\Temp\a.bat", command.Text);
        Assert.Equal(@"C:\Windows", command.WorkingDirectory);
        Assert.Null(command.DormantBecause);
    }

    [Fact]
    public void A_disabled_job_is_dormant() => Assert.Equal("the task is disabled", Assert.IsType<ScheduledTask>(Assert.Single(Parse(Job(flags: 0x4)).Artifacts)).DormantBecause);

    [Fact]
    public void Every_cut_is_survived_and_said()
    {
        byte[] whole = Job(0);
        for (int length = 0; length < whole.Length; length++)
        {
            if (length < 68)
            {
                Assert.Throws<CorruptDataException>(() => Parse(whole[..length]));
                continue;
            }
            var found = Parse(whole[..length]);
            Assert.True(Assert.IsType<ScheduledTask>(Assert.Single(found.Artifacts)).IsDamaged, $"{length}");
            Assert.Equal("windows.job.cut", Assert.Single(found.Diagnostics).Code);
        }
    }

    [Fact]
    public void Garbage_does_no_harm()
    {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++)
        {
            byte[] broken = Job(0);
            for (int k = 0; k < 8; k++)
            {
                broken[4 + random.Next(broken.Length - 4)] = (byte)random.Next(256);
            }
            Assert.Single(Parse(broken).Artifacts);
        }
        byte[] other = Job(0);
        other[2] = 9;
        Assert.Throws<CorruptDataException>(() => Parse(other));
    }

    /// <summary>What other readers (plaso, strings) say of two files that Windows wrote.</summary>
    [Fact]
    public void Jobs_that_Windows_wrote_are_read()
    {
        string folder = SharedImages.Require();
        ScheduledTask google = Assert.IsType<ScheduledTask>(Assert.Single(Parse(File.ReadAllBytes(Path.Combine(folder, "plaso", "wintask.job"))).Artifacts));
        Assert.Equal("\"C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe\" /ua /installsource scheduler", Assert.Single(google.Commands).Text);
        Assert.Equal("Brian", google.Author);
        Assert.Equal("2013-08-24T12:42:00", google.LastRun);
        TaskTrigger trigger = Assert.Single(google.Triggers);
        Assert.Equal(("Daily", "2013-07-12T15:42", "PT60M", "PT1440M"), (trigger.Type, trigger.StartBoundary, trigger.RepetitionInterval, trigger.RepetitionDuration));
        ScheduledTask at = Assert.IsType<ScheduledTask>(Assert.Single(Parse(File.ReadAllBytes(Path.Combine(folder, "artemis", "windows", "tasks", "win10", "At1.job"))).Artifacts));
        Assert.Equal(("cmd.exe", "WORKGROUP\\DESKTOP-EIS938N$", "Created by NetScheduleJobAdd.", null), (Assert.Single(at.Commands).Text, at.Author, at.Description, at.LastRun));
        Assert.Equal("2023-08-01T00:00", Assert.Single(at.Triggers).StartBoundary);
    }

    private static ArtifactList Parse(byte[] content)
    {
        var found = new ArtifactList();
        new JobFileParser().Parse(WindowsInput.Of("/Windows/Tasks/At1.job", content), found);
        return found;
    }

    private static byte[] Job(uint flags)
    {
        var job = new byte[68];
        BinaryPrimitives.WriteUInt16LittleEndian(job, 0x0601);
        BinaryPrimitives.WriteUInt16LittleEndian(job.AsSpan(2), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(job.AsSpan(20), 70);
        BinaryPrimitives.WriteUInt32LittleEndian(job.AsSpan(36), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(job.AsSpan(40), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(job.AsSpan(48), flags);
        ushort[] run = [2026, 6, 1, 1, 2, 3, 4, 0];
        for (int i = 0; i < run.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(job.AsSpan(52 + i * 2), run[i]);
        }
        var rest = new List<byte> { 0, 0 };
        foreach (string text in (string[])["cmd.exe", @"/c C:\Windows\Temp\a.bat", @"C:\Windows", "SYSTEM", "Created by NetScheduleJobAdd."])
        {
            rest.AddRange(BitConverter.GetBytes((ushort)(text.Length + 1)));
            rest.AddRange(Encoding.Unicode.GetBytes(text + "\0"));
        }
        // No user data, eight reserved bytes.
        rest.AddRange([0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        BinaryPrimitives.WriteUInt16LittleEndian(job.AsSpan(22), (ushort)(68 + rest.Count));
        var trigger = new byte[48];
        ushort[] fields = [48, 0, 2026, 5, 4, 0, 0, 0, 23, 30];
        for (int i = 0; i < fields.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(trigger.AsSpan(i * 2), fields[i]);
        }
        // Duration, interval, flags and type follow the hours and minutes.
        BinaryPrimitives.WriteUInt32LittleEndian(trigger.AsSpan(24), 10);
        BinaryPrimitives.WriteUInt32LittleEndian(trigger.AsSpan(32), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(trigger.AsSpan(36), 1);
        return [.. job, .. rest, 1, 0, .. trigger];
    }
}
