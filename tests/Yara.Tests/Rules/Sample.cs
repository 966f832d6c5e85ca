using System.Buffers.Binary;
using System.Text;

namespace Forensics.Yara.Tests.Rules;

/// <summary>
/// A harmless content and the shipped rules that must match it; none for a benign twin. Words that virus scanners look for are broken by <c>~</c> in the
/// source, so that neither this repository nor the test program is taken for malware.
/// </summary>
public sealed record Sample(string Name, byte[] Content, string[] Expected)
{
    public override string ToString() => Name;

    public static Sample Text(string name, string text, params string[] expected) => new(name, Bytes(text), expected);

    /// <summary>An ELF64 file of 8 KiB or more with sections announced, and strings behind its header.</summary>
    /// <param name="name">Name of the sample.</param>
    /// <param name="type">1 relocatable (kernel module), 2 executable, 3 shared object.</param>
    /// <param name="strings">Texts, each ended by NUL.</param>
    /// <param name="expected">Rules.</param>
    public static Sample Elf(string name, ushort type, string strings, params string[] expected)
    {
        byte[] text = Bytes(strings.Replace("\r", "", StringComparison.Ordinal).Replace('\n', '\0'));
        byte[] file = new byte[8192 + text.Length];
        "\u007FELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), type);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x34), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x36), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x38), 9);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(0x3C), 30);
        text.CopyTo(file, 4097);
        return new Sample(name, file, expected);
    }

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text.Replace("~", "", StringComparison.Ordinal));
}
