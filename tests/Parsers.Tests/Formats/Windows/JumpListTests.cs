using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.CompoundFiles;
using Forensics.Parsers.Formats.JumpLists;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Compound files and the jump lists in them.</summary>
public sealed class JumpListTests
{
    private static readonly byte[] s_large = [.. Enumerable.Range(0, 9000).Select(i => (byte)(i * 7))];

    [Fact]
    public void Small_and_large_streams_are_read()
    {
        byte[] small = [.. Enumerable.Range(0, 700).Select(i => (byte)i)];
        CompoundFile file = CompoundFile.Open(new MemorySource(CompoundFileWriter.Make(("small", small), ("large", s_large), ("empty", []))), NullDiagnosticSink.Instance);
        Assert.Equal(["empty", "large", "small"], file.Entries.Select(entry => entry.Path).Order());
        Assert.Equal(small, Read(file, "SMALL"));
        Assert.Equal(s_large, Read(file, "large"));
        Assert.Empty(Read(file, "empty"));
        Assert.Null(file.Find("none"));
    }

    [Fact]
    public void An_independent_tool_knows_the_written_file()
    {
        if (!File.Exists("/usr/bin/olecfexport"))
        {
            Assert.Skip("olecfexport is not installed");
        }
        string folder = Directory.CreateTempSubdirectory("deadbox-cfb-").FullName;
        string path = Path.Combine(folder, "in.ole");
        File.WriteAllBytes(path, CompoundFileWriter.Make(("small", [1, 2, 3]), ("large", s_large)));
        SharedImages.Run("olecfexport", ["-t", Path.Combine(folder, "out"), path]);
        byte[][] streams = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => file != path).Select(File.ReadAllBytes)];
        Directory.Delete(folder, recursive: true);
        Assert.Contains(streams, stream => stream.SequenceEqual(s_large));
        Assert.Contains(streams, stream => stream.SequenceEqual(new byte[] { 1, 2, 3 }));
    }

    [Fact]
    public void Cycles_of_sectors_and_siblings_end()
    {
        byte[] bytes = CompoundFileWriter.Make(("aa", s_large), ("bb", [1]));
        // The sector of the FAT follows the header; the first sectors of the large stream lead to themselves.
        for (int i = 3; i < 60; i++)
        {
            BitConverter.GetBytes((uint)i).CopyTo(bytes, 512 + i * 4);
        }
        // The second entry is its own sibling.
        BitConverter.GetBytes(2u).CopyTo(bytes, 1024 + 2 * 128 + 72);
        var diagnostics = new DiagnosticList();
        CompoundFile file = CompoundFile.Open(new MemorySource(bytes), diagnostics);
        Assert.Contains(diagnostics.Items, item => item.Code == "cfb.directory.tree");
        Assert.Equal(9000, Read(file, "aa").Length);
        Assert.Throws<UnknownFormatException>(() => CompoundFile.Open(new MemorySource(new byte[600]), diagnostics));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_index_of_a_list_and_its_shortcuts_are_joined(int version)
    {
        byte[] link = new ShellLinkWriter { Target = @"C:\Users\alice\evil.exe" }.ToArray();
        byte[] file = CompoundFileWriter.Make(("DestList", DestListBytes(version, (0x1F, @"C:\Users\alice\evil.exe"), (3, "gone"))), ("1f", link), ("a", link));
        IReadOnlyList<JumpListEntry> entries = JumpList.ReadAutomatic(new MemorySource(file), NullDiagnosticSink.Instance);
        Assert.Equal(3, entries.Count);
        Assert.Equal(@"C:\Users\alice\evil.exe", entries[0].Link?.TargetPath);
        DestListEntry listed = Assert.IsType<DestListEntry>(entries[0].Listed);
        Assert.Equal((0x1Fu, @"C:\Users\alice\evil.exe", version == 1 ? null : 9u, true), (listed.EntryNumber, listed.Path, listed.AccessCount, listed.IsPinned));
        Assert.Equal(("ws01", "00:1d:09:fa:5a:1c", "2026-05-04T00:00:00.000000000Z"), (listed.Tracker.MachineId, listed.Tracker.MacAddress, listed.LastAccessed.ToString()));
        Assert.Null(entries[1].Link);
        Assert.Equal("gone", entries[1].Listed?.Path);
        Assert.Null(entries[2].Listed);
    }

    [Fact]
    public void A_custom_list_gives_its_shortcuts()
    {
        byte[] link = new ShellLinkWriter { Target = @"C:\a\one.exe" }.ToArray();
        byte[] other = new ShellLinkWriter { Target = @"C:\a\two.exe", Arguments = "-x" }.ToArray();
        byte[] clsid = new Guid("00021401-0000-0000-C000-000000000046").ToByteArray();
        byte[] file = [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, .. clsid, .. link, .. clsid, .. other, 0xAB, 0xFB, 0xBF, 0xBA];
        IReadOnlyList<JumpListEntry> entries = JumpList.ReadCustom(file);
        Assert.Equal([@"C:\a\one.exe", @"C:\a\two.exe -x"], entries.Select(entry => entry.Link?.Command));
        Assert.Equal(32, entries[0].Offset);
    }

    [Fact]
    public void Changed_lists_are_read_or_refused_soon()
    {
        byte[] link = new ShellLinkWriter().ToArray();
        byte[] automatic = CompoundFileWriter.Make(("DestList", DestListBytes(3, (1, "a"), (2, "b"))), ("1", link), ("2", link), ("c", s_large));
        Mutations.Run([automatic], 5000, bytes => Assert.NotNull(JumpList.ReadAutomatic(new MemorySource(bytes), NullDiagnosticSink.Instance)));
        Mutations.Run([[.. link, .. link, .. link]], 2000, bytes => Assert.NotNull(JumpList.ReadCustom(bytes)));
    }

    private static byte[] Read(CompoundFile file, string path)
    {
        CompoundFileEntry entry = Assert.IsType<CompoundFileEntry>(file.Find(path));
        IByteSource stream = file.OpenStream(entry);
        return stream.ReadArray(0, (int)stream.Length);
    }

    private static byte[] DestListBytes(int version, params (uint Number, string Path)[] entries)
    {
        ByteWriter list = new ByteWriter().U32((uint)version).U32((uint)entries.Length).U32(1).Zeros(20);
        foreach ((uint number, string path) in entries)
        {
            list.U64(0).Raw(ShellLinkWriter.Volume.ToByteArray()).Raw(ShellLinkWriter.Object.ToByteArray()).Raw(ShellLinkWriter.Volume.ToByteArray()).Raw(ShellLinkWriter.Object.ToByteArray()).Ansi("ws01", 16)
                .U32(number).U32(0).U32(0).U64(ByteWriter.Ticks(2026, 5, 4)).U32(number == 0x1F ? 0 : uint.MaxValue);
            _ = version == 1 ? list : list.U32(uint.MaxValue).U32(9).U64(0);
            list.U16(path.Length).Utf16(path);
            _ = version == 1 ? list : list.U32(0);
        }
        return list.ToArray();
    }
}
