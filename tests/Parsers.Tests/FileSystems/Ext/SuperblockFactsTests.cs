using System.Diagnostics;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>What the superblock says of mounts and errors, against dumpe2fs.</summary>
public sealed class SuperblockFactsTests
{
    private const int FirstErrorCodeOffset = 1024 + 0x27A;

    [Fact]
    public void Mounts_and_errors_equal_what_dumpe2fs_prints()
    {
        using ExtImage image = ExtImage.Make("-t ext4 -O ^metadata_csum", 16, withTree: false);
        image.Debugfs(
        [
            "ssv mnt_count 17", "ssv mtime 20260203040506", "ssv last_mounted /srv/data", "ssv error_count 3",
            "ssv first_error_time 20260101120000", "ssv first_error_func ext4_lookup", "ssv first_error_line 1855", "ssv first_error_ino 4294967295", "ssv first_error_block 12345",
            "ssv last_error_time 20380119031408", "ssv last_error_func ext4_find_extent", "ssv last_error_line 944", "ssv last_error_ino 13", "ssv last_error_block 281474976710655",
        ], write: true);
        byte[] bytes = image.Bytes();
        bytes[FirstErrorCodeOffset] = 5;
        bytes[FirstErrorCodeOffset + 1] = 2;
        File.WriteAllBytes(image.Path, bytes);
        FileSystemFacts facts = Compare(image);
        Assert.Equal(new ErrorRecord(new Timestamp(1767268800, 0), "ext4_lookup", 1855, uint.MaxValue, 12345, "EFSCORRUPTED"), facts.FirstError);
        Assert.Equal(new ErrorRecord(new Timestamp(2147483648, 0), "ext4_find_extent", 944, 13, 281474976710655, "EIO"), facts.LastError);
        Assert.Equal(17, facts.MountCount);
        Assert.Equal(3, facts.ErrorCount);
        Assert.Equal("/srv/data", facts.LastMountPoint);
        Assert.Equal(new Timestamp(1770091506, 0), facts.LastMounted);
        Assert.Equal(1024, facts.StoredAt);
    }

    [Fact]
    public void An_error_of_the_kernel_equals_what_dumpe2fs_prints()
    {
        using ExtImage image = ExtImage.Make("-t ext4", 16, withTree: false);
        const string Script = """
            set -e
            d=$(losetup -f --show "$1"); trap 'umount "$2" 2>/dev/null || true; losetup -d "$d"' EXIT
            mkdir -p "$2"; mount -t ext4 "$d" "$2"
            echo 1 > /sys/fs/ext4/${d##*/}/trigger_fs_error
            """;
        if (!TryRun("bash", "-c", Script, "bash", image.Path, image.NewFile("mount")))
        {
            Assert.Skip("a loop device cannot be mounted here");
        }
        FileSystemFacts facts = Compare(image);
        Assert.Equal("trigger_test_error", facts.FirstError?.Function);
        Assert.Equal(facts.FirstError, facts.LastError);
        Assert.Equal(1, facts.ErrorCount);
        Assert.Contains("with errors", facts.State, StringComparison.Ordinal);
    }

    [Fact]
    public void No_error_is_no_record()
    {
        using ExtImage image = ExtImage.Make("-t ext4", 8, withTree: false);
        FileSystemFacts facts = Compare(image);
        Assert.Null(facts.FirstError);
        Assert.Null(facts.LastError);
        Assert.Equal(0, facts.ErrorCount);
    }

    private static FileSystemFacts Compare(ExtImage image)
    {
        FileSystemFacts facts = ExtWalk.Open(new MemorySource(image.Bytes())).Facts;
        var theirs = new Dictionary<string, string>();
        foreach (string line in ExtImage.Tool("env", ["TZ=UTC", "dumpe2fs", "-h", image.Path]).Split('\n'))
        {
            if (line.Split(':', 2) is [string name, string value])
            {
                theirs[name] = value.Trim();
            }
        }
        string? Of(string name) => theirs.GetValueOrDefault(name);
        Assert.Equal(Of("Mount count"), Number(facts.MountCount ?? 0));
        Assert.Equal(Of("Last mount time"), Time(facts.LastMounted));
        Assert.Equal(Of("Last write time"), Time(facts.LastWritten));
        Assert.Equal(Of("Last mounted on"), facts.LastMountPoint ?? "<not available>");
        Assert.Equal(Of("FS Error count") ?? "0", Number(facts.ErrorCount ?? 0));
        foreach ((string which, ErrorRecord? error) in (IEnumerable<(string, ErrorRecord?)>)[("First", facts.FirstError), ("Last", facts.LastError)])
        {
            Assert.Equal(Of(which + " error time"), error is null ? null : Time(error.Time));
            Assert.Equal(Of(which + " error function"), error?.Function);
            Assert.Equal(Of(which + " error line #"), error is null ? null : Number(error.Line));
            // Zeros are not printed.
            Assert.Equal(Of(which + " error inode #") ?? "0", Number((long)(error?.Inode ?? 0)));
            Assert.Equal(Of(which + " error block #") ?? "0", Number((long)(error?.Block ?? 0)));
            Assert.Equal(Of(which + " error err"), error?.Code);
        }
        return facts;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>As ctime prints it, in UTC.</summary>
    private static string Time(Timestamp? time)
    {
        if (time is not { } value)
        {
            return "n/a";
        }
        DateTimeOffset date = value.ToDateTimeOffset();
        return date.ToString("ddd MMM ", CultureInfo.InvariantCulture) + date.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + date.ToString(" HH:mm:ss yyyy", CultureInfo.InvariantCulture);
    }

    private static bool TryRun(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, Environment = { ["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin" } })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
