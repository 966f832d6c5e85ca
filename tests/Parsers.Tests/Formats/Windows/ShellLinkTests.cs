using System.Diagnostics;
using Forensics.Parsers.Formats.ShellLink;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Shortcuts: one of a real system, written ones that an independent tool reads alike, damaged ones.</summary>
public sealed class ShellLinkTests
{
    [Fact]
    public void A_shortcut_of_Windows_7_says_what_lnkinfo_says()
    {
        ShellLinkFile link = ShellLinkFile.Parse(File.ReadAllBytes(Path.Combine(SharedImages.Require(), "plaso/example.lnk")));
        Assert.Equal("2009-07-13T23:29:02.849131000Z", link.CreationTime.ToString());
        Assert.Equal("2009-07-13T23:29:02.849131000Z", link.AccessTime.ToString());
        Assert.Equal("2009-07-14T01:39:18.220000000Z", link.WriteTime.ToString());
        Assert.Equal((544_768u, 0x20u, 1u, (ushort)0), (link.FileSize, link.FileAttributes, link.ShowCommand, link.HotKey));
        Assert.Equal(@"@%windir%\system32\migwiz\wet.dll,-590", link.Name);
        Assert.Equal(@".\migwiz\migwiz.exe", link.RelativePath);
        Assert.Equal(@"%windir%\system32\migwiz", link.WorkingDirectory);
        Assert.Equal(@"%windir%\system32\migwiz\migwiz.exe", link.IconLocation);
        Assert.Equal(@"%windir%\system32\migwiz\migwiz.exe", link.Extra.EnvironmentTarget);
        Assert.Equal(@"%windir%\system32\migwiz\migwiz.exe", link.Command);
        LinkTracker tracker = Assert.IsType<LinkTracker>(link.Extra.Tracker);
        Assert.Equal("win-tj9qcsjkags", tracker.MachineId);
        Assert.Equal(new Guid("494ccbda-98e8-45c8-b8ca-f64d464366c7"), tracker.Volume);
        Assert.Equal(new Guid("846ee3bb-7039-11de-9d20-001d09fa5a1c"), tracker.BirthFile);
        Assert.Equal("00:1d:09:fa:5a:1c", tracker.MacAddress);
        Assert.StartsWith("2009-07-14T", tracker.Made.ToString(), StringComparison.Ordinal);
        Assert.Empty(link.Extra.Properties);
        Assert.False(link.IsDamaged);
        Assert.Equal(1244, link.Length);
    }

    [Fact]
    public void Items_info_and_strings_lead_to_the_target()
    {
        ShellLinkFile link = ShellLinkFile.Parse(new ShellLinkWriter { Target = @"C:\Program Files\Some Tool\tool.exe", Arguments = "/x \"a b\"", WorkingDirectory = @"C:\x", Comment = "tool", Icon = "i.ico", RelativePath = @"..\tool.exe" }.ToArray());
        Assert.Equal("\"C:\\Program Files\\Some Tool\\tool.exe\" /x \"a b\"", link.Command);
        Assert.Equal(@"C:\Program Files\Some Tool\tool.exe", link.Target.Path);
        Assert.Equal(@"C:\Program Files\Some Tool\tool.exe", link.Info?.Path);
        Assert.Equal((0x1234ABCDu, 3u, "SYS "), (link.Info?.DriveSerialNumber, link.Info?.DriveType, link.Info?.VolumeLabel));
        ShellItem folder = link.Target.Items[2];
        Assert.Equal(("Program Files", "PROGRA~1", 1001ul, (ushort)1), (folder.Name, folder.ShortName, folder.MftRecord, folder.MftSequence));
        Assert.Equal("2026-03-01T12:00:00.000000000Z", folder.Created.ToString());
        Assert.Equal(289_792u, link.Target.Items[^1].FileSize);
        Assert.False(link.IsDamaged);
    }

    [Fact]
    public void Variables_come_first_and_the_relative_path_last()
    {
        Assert.Equal(@"%APPDATA%\x.exe", ShellLinkFile.Parse(new ShellLinkWriter { EnvironmentTarget = @"%APPDATA%\x.exe" }.ToArray()).TargetPath);
        Assert.Equal(@"..\x.exe", ShellLinkFile.Parse(new ShellLinkWriter { HasItems = false, HasInfo = false, RelativePath = @"..\x.exe" }.ToArray()).TargetPath);
        Assert.Equal(@"C:\a\b.exe", ShellLinkFile.Parse(new ShellLinkWriter { Target = @"C:\a\b.exe", HasItems = false }.ToArray()).TargetPath);
        Assert.Equal(@"\\srv\tools\run\a.exe", ShellLinkFile.Parse(new ShellLinkWriter { Target = null, Share = @"\\srv\tools\run\a.exe" }.ToArray()).TargetPath);
        Assert.Null(ShellLinkFile.Parse(new ShellLinkWriter { Target = null }.ToArray()).Command);
    }

    [Fact]
    public void An_independent_tool_reads_what_was_written_alike()
    {
        if (!File.Exists("/usr/bin/lnkinfo"))
        {
            Assert.Skip("lnkinfo is not installed");
        }
        string path = Path.GetTempFileName();
        string output = Path.GetTempFileName();
        File.WriteAllBytes(path, new ShellLinkWriter { Target = @"C:\Program Files\Some Tool\tool.exe", Arguments = "/x", WorkingDirectory = @"C:\work dir" }.ToArray());
        SharedImages.Run("lnkinfo", [path], output);
        string text = File.ReadAllText(output);
        File.Delete(path);
        File.Delete(output);
        foreach (string expected in (string[])[@"C:\Program Files\Some Tool\tool.exe", "/x", @"C:\work dir", "ws01", "0x1234abcd", "289792 bytes", "Mar 01, 2026", "Some Tool", "MFT entry: 1003"])
        {
            Assert.Contains(expected, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Properties_are_texts_numbers_and_times()
    {
        Guid format = new("9F4C2855-9F79-4B39-A8D0-E1D42DE1D5F3");
        byte[] text = new ByteWriter().U32(0).U32(5).U8(0).U32(0x1F).U32(4).Utf16("App\0").ToArray();
        byte[] number = new ByteWriter().U32(0).U32(6).U8(0).U32(0x13).U32(42).ToArray();
        BitConverter.GetBytes(text.Length).CopyTo(text, 0);
        BitConverter.GetBytes(number.Length).CopyTo(number, 0);
        byte[] storage = new ByteWriter().U32((uint)(24 + text.Length + number.Length + 4)).U32(0x53505331).Raw(format.ToByteArray()).Raw(text).Raw(number).U32(0).ToArray();
        byte[] block = new ByteWriter().U32((uint)(8 + storage.Length + 4)).U32(0xA0000009).Raw(storage).U32(0).ToArray();
        byte[] file = new ShellLinkWriter { HasTracker = false }.ToArray();
        ShellLinkFile link = ShellLinkFile.Parse([.. file[..^4], .. block, 0, 0, 0, 0]);
        Assert.Equal([new LinkProperty(format, "5", "App"), new LinkProperty(format, "6", "42")], link.Extra.Properties);
    }

    [Fact]
    public void A_list_of_items_that_lies_is_survived()
    {
        Assert.Empty(ShellItemList.Parse([0xFF]).Items);
        Assert.Single(ShellItemList.Parse([0xFF, 0xFF, 0x32]).Items);
        Assert.Empty(ShellItemList.Parse([2, 0, 2, 0]).Items);
        Assert.True(ShellItemList.Parse([.. Enumerable.Repeat<byte[]>([3, 0, 0x32], 10_000).SelectMany(item => item)]).Items.Count <= 256);
    }

    [Fact]
    public void Changed_shortcuts_are_read_or_refused_soon()
    {
        byte[][] seeds =
        [
            new ShellLinkWriter { Target = @"C:\Program Files\Some Tool\tool.exe", Arguments = "/x", EnvironmentTarget = "%x%", Comment = "c" }.ToArray(),
            new ShellLinkWriter { Target = null, Share = @"\\srv\tools\a.exe" }.ToArray(),
        ];
        Mutations.Run(seeds, 5000, bytes =>
        {
            ShellLinkFile link = ShellLinkFile.Parse(bytes);
            _ = link.Command + link.Extra.Tracker?.MacAddress + link.Extra.Tracker?.Made;
            Assert.InRange(link.Length, ShellLinkFile.HeaderSize, bytes.Length);
        });
    }
}

/// <summary>Seeded changes of valid files: bytes, numbers, cuts, copies of pieces.</summary>
internal static class Mutations
{
    public static void Run(byte[][] seeds, int rounds, Action<byte[]> read)
    {
        var random = new Random(20261128);
        var clock = Stopwatch.StartNew();
        for (int round = 0; round < rounds; round++)
        {
            byte[] bytes = [.. seeds[round % seeds.Length]];
            for (int changes = random.Next(1, 6); changes > 0 && bytes.Length > 8; changes--)
            {
                int at = random.Next(bytes.Length - 4);
                switch (random.Next(6))
                {
                    case 0:
                        bytes[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 2:
                        BitConverter.GetBytes((uint)random.Next()).CopyTo(bytes, at);
                        break;
                    case 3:
                        BitConverter.GetBytes(random.Next(2) == 0 ? uint.MaxValue : 0x7FFFFFFFu).CopyTo(bytes, at);
                        break;
                    case 4:
                        int length = random.Next(1, Math.Min(64, bytes.Length - at));
                        bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(at));
                        break;
                    default:
                        if (random.Next(8) == 0)
                        {
                            bytes = bytes[..at];
                        }
                        break;
                }
            }
            try
            {
                read(bytes);
            }
            catch (Forensics.Parsers.Diagnostics.ForensicException exception)
            {
                Assert.NotEmpty(exception.Code);
            }
        }
        // Far above what it takes; a loop or a bomb would not end below it.
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3), clock.Elapsed.ToString());
    }
}
