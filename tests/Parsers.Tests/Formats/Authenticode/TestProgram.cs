using System.Buffers.Binary;

namespace Forensics.Parsers.Tests.Formats.Authenticode;

/// <summary>A small program after the format's specification, and changes to its certificate table.</summary>
internal static class TestProgram
{
    public static byte[] Small(int seed = 1, int size = 0x2000)
    {
        var file = new byte[size];
        void U16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        new Random(seed).NextBytes(file.AsSpan(0x200));
        "MZ"u8.CopyTo(file);
        U32(60, 0x80);
        "PE\0\0"u8.CopyTo(file.AsSpan(0x80));
        U16(0x84, 0x8664);
        U16(0x86, 1);
        U16(0x94, 240);
        U16(0x96, 0x22);
        U16(0x98, 0x20B);
        U32(0x98 + 32, 0x1000);
        U32(0x98 + 36, 0x200);
        U32(0x98 + 56, 0x3000);
        U32(0x98 + 60, 0x200);
        U32(0x98 + 108, 16);
        int section = 0x98 + 240;
        ".text"u8.CopyTo(file.AsSpan(section));
        U32(section + 8, (uint)size - 0x200);
        U32(section + 12, 0x1000);
        U32(section + 16, (uint)size - 0x200);
        U32(section + 20, 0x200);
        return file;
    }

    /// <summary>Offset of the certificate table.</summary>
    public static int TableOffset(byte[] program) => BinaryPrimitives.ReadInt32LittleEndian(program.AsSpan(Entry(program)));

    /// <summary>The program with a certificate table behind it.</summary>
    public static byte[] WithTable(byte[] program, byte[] table, bool growEntry = false)
    {
        byte[] file = [.. program, .. table];
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Entry(file)), program.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Entry(file) + 4), table.Length);
        if (growEntry)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(program.Length), table.Length);
        }
        return file;
    }

    private static int Entry(byte[] program)
    {
        int optional = BinaryPrimitives.ReadInt32LittleEndian(program.AsSpan(60)) + 24;
        return optional + (BinaryPrimitives.ReadUInt16LittleEndian(program.AsSpan(optional)) == 0x20B ? 112 : 96) + 32;
    }
}
