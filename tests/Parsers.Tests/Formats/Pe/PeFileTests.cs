using System.Buffers.Binary;
using System.Text;
using Forensics.Parsers.Formats.Pe;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Pe;

public sealed class PeFileTests
{
    /// <summary>Built after the format's specification: one section, two imported libraries, a signature and three bytes behind everything.</summary>
    private static byte[] Build()
    {
        byte[] file = new byte[0x400 + 16 + 3];
        void U16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        "MZ"u8.CopyTo(file);
        U32(60, 0x80);
        "PE\0\0"u8.CopyTo(file.AsSpan(0x80));
        U16(0x84, 0x8664);
        U16(0x86, 1);
        U32(0x88, 1_700_000_000);
        U16(0x94, 240);
        U16(0x96, 0x2022);
        U16(0x98, 0x20B);
        U32(0x98 + 112 + 8, 0x1000);
        U32(0x98 + 112 + 12, 60);
        U32(0x98 + 112 + 32, 0x400);
        U32(0x98 + 112 + 36, 16);
        int section = 0x98 + 240;
        ".rdata"u8.CopyTo(file.AsSpan(section));
        U32(section + 8, 0x200);
        U32(section + 12, 0x1000);
        U32(section + 16, 0x200);
        U32(section + 20, 0x200);
        U32(0x200 + 12, 0x1080);
        U32(0x200 + 20 + 12, 0x1090);
        "KERNEL32.dll\0"u8.CopyTo(file.AsSpan(0x280));
        "WS2_32.dll\0"u8.CopyTo(file.AsSpan(0x290));
        Encoding.Unicode.GetBytes("OriginalFilename\0\0tool.exe\0").CopyTo(file, 0x300);
        return file;
    }

    [Fact]
    public void Headers_are_read()
    {
        Assert.True(PeFile.TryRead(Build(), out PeFile file));
        Assert.Equal("x86-64", file.Machine);
        Assert.True(file.IsLibrary);
        Assert.True(file.Is64Bit);
        Assert.Equal(1_700_000_000u, file.TimeStamp);
        Assert.Equal([".rdata"], file.Sections.Select(section => section.Name));
        Assert.Equal(["KERNEL32.dll", "WS2_32.dll"], file.Imports);
        Assert.True(file.HasSignature);
        Assert.Equal(3, file.OverlayBytes);
        Assert.Equal("tool.exe", file.OriginalName);
    }

    /// <summary>One resource directory whose only entry leads back to itself, one whose version lies outside, and a count without end.</summary>
    [Fact]
    public void Resource_trees_in_a_circle_end()
    {
        byte[] file = Build();
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        U32(0x98 + 112 + 16, 0x1100);
        U32(0x98 + 112 + 20, 0x100);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x300 + 14), 0xFFFF);
        for (int entry = 0x310; entry < 0x3F8; entry += 8)
        {
            U32(entry, 16);
            U32(entry + 4, 0x8000_0000);
        }
        Assert.True(PeFile.TryRead(file, out PeFile read));
        Assert.Null(read.Version);
    }

    [Fact]
    public void The_digest_of_imports_of_a_program_of_the_runtime_is_the_known_one()
    {
        // The import of every .NET library for x86: mscoree.dll, _CorDllMain.
        byte[] file = Build();
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        "mscoree.dll\0"u8.CopyTo(file.AsSpan(0x280));
        U32(0x200, 0x10A0);
        U32(0x200 + 20 + 12, 0);
        U32(0x2A0, 0x10B0);
        "\0\0_CorDllMain\0"u8.CopyTo(file.AsSpan(0x2B0));
        Assert.True(PeFile.TryRead(file, out PeFile read));
        Assert.Equal("dae02f32a21e03ce65412f6e56942daa", read.ImpHash);
    }

    [Fact]
    public void Cut_and_broken_files_are_survived()
    {
        byte[] whole = Build();
        for (int length = 0; length < whole.Length; length++)
        {
            PeFile.TryRead(whole.AsSpan(0, length), out _);
        }
        for (int i = 2; i < 0x400; i++)
        {
            foreach (byte value in (byte[])[0x7F, 0xFF])
            {
                byte[] broken = [.. whole];
                broken.AsSpan(i, 4).Fill(value);
                if (PeFile.TryRead(broken, out PeFile file))
                {
                    Assert.True(file.Sections.Count <= 96 && file.Imports.Count <= 512);
                }
            }
        }
    }
}
