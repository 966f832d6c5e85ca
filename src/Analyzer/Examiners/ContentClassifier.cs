using System.Buffers.Binary;
using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Windows;

namespace Forensics.Analyzer.Examiners;

/// <summary>Says what a file is from its first bytes, not from its name or execute bit.</summary>
public static class ContentClassifier
{
    /// <summary>How many bytes <see cref="Classify"/> likes to see.</summary>
    public const int HeadBytes = 512;

    /// <summary>The kind of content that begins with <paramref name="head"/>; <paramref name="length"/> is the whole length in bytes.</summary>
    public static ContentKind Classify(ReadOnlySpan<byte> head, long length)
    {
        if (length == 0)
        {
            return ContentKind.Empty;
        }
        if (head.StartsWith("\u007fELF"u8))
        {
            if (head.Length < 18)
            {
                return ContentKind.ElfOther;
            }
            int type = head[5] == 2 ? BinaryPrimitives.ReadUInt16BigEndian(head[16..]) : BinaryPrimitives.ReadUInt16LittleEndian(head[16..]);
            return type switch { 2 => ContentKind.ElfExecutable, 3 => ContentKind.ElfSharedObject, _ => ContentKind.ElfOther };
        }
        if (head.StartsWith("#!"u8) || head.StartsWith("<?php"u8) || head.StartsWith("\uFEFF#!"u8))
        {
            return ContentKind.Script;
        }
        if (head.StartsWith("MZ"u8))
        {
            return ContentKind.Pe;
        }
        if (head.Length >= 4 && EncodedText.IsUtf16(head) && head[0] is 0xFF or 0xFE)
        {
            return ContentKind.Text;
        }
        return LooksLikeText(head) ? ContentKind.Text : ContentKind.Binary;
    }

    /// <summary>The interpreter a shebang line names, without arguments; <c>env</c> is seen through. Null without a shebang.</summary>
    public static string? Interpreter(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("\uFEFF"u8))
        {
            head = head[3..];
        }
        if (!head.StartsWith("#!"u8))
        {
            return null;
        }
        head = head[2..];
        int end = head.IndexOfAny((byte)'\n', (byte)'\r');
        string line = Encoding.Latin1.GetString(end < 0 ? head[..Math.Min(head.Length, 256)] : head[..end]);
        string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length > 1 && words[0].EndsWith("/env", StringComparison.Ordinal))
        {
            string? program = words.Skip(1).FirstOrDefault(word => !word.StartsWith('-') && !word.Contains('=', StringComparison.Ordinal));
            return program ?? words[0];
        }
        return words.Length > 0 ? words[0] : "";
    }

    private static bool LooksLikeText(ReadOnlySpan<byte> head)
    {
        foreach (byte value in head)
        {
            if (value < 0x20 && value is not ((byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\f' or 0x1B or (byte)'\b'))
            {
                return false;
            }
        }
        return true;
    }
}
