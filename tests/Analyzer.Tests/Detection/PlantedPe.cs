using System.Buffers.Binary;
using System.Text;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>A small program of Windows, built after the format's specification; not a word in it that a rule knows unless it is asked for.</summary>
internal sealed record PlantedPe
{
    /// <summary>Makes the content differ from that of others.</summary>
    public required string Seed { get; init; }
    /// <summary>It is signed, by somebody whose root the scan is told.</summary>
    public bool IsSigned { get; init; }
    /// <summary>A byte of its code was changed after signing.</summary>
    public bool IsTampered { get; init; }
    /// <summary>OriginalFilename of its version resource; null for none.</summary>
    public string? OriginalName { get; init; }
    /// <summary>Texts in its data section.</summary>
    public IReadOnlyList<string> Strings { get; init; } = [];
    /// <summary>Names of its two sections.</summary>
    public (string Code, string Data) Sections { get; init; } = (".text", ".rdata");
    /// <summary>File version, four numbers; null for none.</summary>
    public (ushort Major, ushort Minor, ushort Build, ushort Revision)? Version { get; init; }

    public byte[] Build()
    {
        byte[] data = [.. Strings.SelectMany(text => Encoding.ASCII.GetBytes(text + "\0")), .. OriginalName is null ? [] : Encoding.Unicode.GetBytes($"OriginalFilename\0\0{OriginalName}\0"), .. VersionBytes()];
        int dataSize = (data.Length + 0x1FF) / 0x200 * 0x200 + 0x200;
        int end = 0x600 + dataSize;
        var file = new byte[end];
        void U16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);
        void U32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);
        "MZ"u8.CopyTo(file);
        U32(60, 0x80);
        "PE\0\0"u8.CopyTo(file.AsSpan(0x80));
        U16(0x84, 0x8664);
        U16(0x86, 2);
        U32(0x88, 1_700_000_000);
        U16(0x94, 240);
        U16(0x96, 0x22);
        U16(0x98, 0x20B);
        int section = 0x98 + 240;
        foreach ((string name, int at, int size) in ((string, int, int)[])[(Sections.Code, 0x400, 0x200), (Sections.Data, 0x600, dataSize)])
        {
            Encoding.ASCII.GetBytes(name).CopyTo(file, section);
            U32(section + 8, (uint)size);
            U32(section + 12, (uint)(0x1000 + at));
            U32(section + 16, (uint)size);
            U32(section + 20, (uint)at);
            section += 40;
        }
        Encoding.ASCII.GetBytes("seed " + Seed).AsSpan(0, Math.Min(0x100, Seed.Length + 5)).CopyTo(file.AsSpan(0x400));
        data.CopyTo(file, 0x600);
        if (!IsSigned)
        {
            return file;
        }
        byte[] signed = PlantSigner.Sign(file);
        if (IsTampered)
        {
            signed[0x500] ^= 0xFF;
        }
        return signed;
    }

    private byte[] VersionBytes()
    {
        if (Version is not { } version)
        {
            return [];
        }
        var bytes = new byte[52];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0xFEEF04BD);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), version.Minor);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), version.Major);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), version.Revision);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), version.Build);
        return bytes;
    }
}
