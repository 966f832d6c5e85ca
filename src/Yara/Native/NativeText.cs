using System.Runtime.InteropServices;
using System.Text;

namespace Forensics.Yara.Native;

/// <summary>C strings of libyara. Rule files are arbitrary bytes, so decoding never fails: invalid UTF-8 becomes U+FFFD.</summary>
internal static unsafe class NativeText
{
    /// <summary>Longest text taken over, in bytes: enough for any meta, too little to fill memory.</summary>
    private const int MaximumBytes = 16 << 10;

    public static string Read(byte* text)
    {
        if (text == null)
        {
            return "";
        }
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
        return Encoding.UTF8.GetString(bytes.Length > MaximumBytes ? bytes[..MaximumBytes] : bytes);
    }

    /// <summary>UTF-8 with a terminating NUL. A NUL inside would cut the text short on the other side, so it becomes a question mark.</summary>
    public static byte[] ToNative(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length) + 1];
        Write(text, bytes);
        return bytes;
    }

    /// <summary>As <see cref="ToNative"/>, into a buffer of at least 3 bytes a character and one more.</summary>
    public static void Write(string text, Span<byte> destination)
    {
        int length = Encoding.UTF8.GetBytes(text, destination);
        destination[..length].Replace((byte)0, (byte)'?');
        destination[length] = 0;
    }
}
