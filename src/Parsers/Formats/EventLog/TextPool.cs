using System.Runtime.InteropServices;
using System.Text;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Short UTF-16LE texts that come again and again as one string each: the names of elements, of providers, of accounts.</summary>
internal sealed class TextPool
{
    private const int Slots = 8192;
    private const int LongestPooled = 128;

    private readonly string?[] _texts = new string?[Slots];

    /// <summary>The text.</summary>
    public string Get(ReadOnlySpan<byte> utf16)
    {
        if (utf16.Length > LongestPooled || !BitConverter.IsLittleEndian)
        {
            return Encoding.Unicode.GetString(utf16);
        }
        ReadOnlySpan<char> text = MemoryMarshal.Cast<byte, char>(utf16);
        uint hash = 2166136261;
        foreach (char letter in text)
        {
            hash = unchecked((hash ^ letter) * 16777619);
        }
        ref string? slot = ref _texts[(hash ^ hash >> 15) % Slots];
        if (slot is null || !text.SequenceEqual(slot))
        {
            // The encoder, unlike a copy, replaces halves of surrogate pairs.
            slot = Encoding.Unicode.GetString(utf16);
        }
        return slot;
    }
}
