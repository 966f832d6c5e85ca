using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// The head of the value <c>Triggers</c> of a task in the scheduler's cache: whether the task counts, and whom it runs as. It is undocumented; the layout is that of
/// https://cyber.wtf/2022/06/01/windows-registry-analysis-todays-episode-tasks/: every field is aligned to eight bytes.
/// </summary>
/// <remarks><b>Limitations:</b> the triggers themselves are not decoded.</remarks>
/// <param name="IsEnabled">The settings say it runs; null when the value ends before them.</param>
/// <param name="IsHidden">The user interface leaves it out.</param>
/// <param name="Account">Security identifier or name it runs as; null when none is stated.</param>
public sealed record TaskCacheSettings(bool? IsEnabled, bool? IsHidden, string? Account)
{
    private const int FlagsOffset = 40; // after the version and two times of sixteen bytes
    private const int UserOffset = 56;
    private const uint Enabled = 0x400000;
    private const uint Hidden = 0x800000;
    private const int FirstWithPrincipal = 0x16;
    private const int FirstWithName = 0x17;

    /// <summary>Decodes; never throws.</summary>
    public static TaskCacheSettings Decode(ReadOnlySpan<byte> data)
    {
        if (data.Length < UserOffset)
        {
            return new TaskCacheSettings(null, null, null);
        }
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(data[FlagsOffset..]);
        byte version = data[0];
        ReadOnlySpan<byte> rest = data[UserOffset..];
        if (version >= FirstWithPrincipal)
        {
            Counted(ref rest);
        }
        if (version >= FirstWithName)
        {
            Counted(ref rest);
        }
        return new TaskCacheSettings((flags & Enabled) != 0, (flags & Hidden) != 0, User(rest));
    }

    private static string? User(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 16 || rest[0] != 0)
        {
            return null;
        }
        bool hasIdentifier = rest[8] == 0;
        rest = rest[16..];
        if (hasIdentifier && rest.Length >= 8)
        {
            rest = rest[8..]; // what kind of account it is
            if (SecurityIdentifier.Text(Counted(ref rest)) is { } identifier)
            {
                return identifier;
            }
        }
        return Encoding.Unicode.GetString(Counted(ref rest)).TrimEnd('\0') is { Length: > 0 } name ? name : null;
    }

    /// <summary>A length in eight bytes, and so many, padded to eight.</summary>
    private static ReadOnlySpan<byte> Counted(ref ReadOnlySpan<byte> rest)
    {
        uint length = rest.Length >= 8 ? BinaryPrimitives.ReadUInt32LittleEndian(rest) : uint.MaxValue;
        if (length > (uint)Math.Max(rest.Length - 8, 0))
        {
            rest = default;
            return default;
        }
        ReadOnlySpan<byte> taken = rest.Slice(8, (int)length);
        int padded = 8 + (((int)length + 7) & ~7);
        rest = padded >= rest.Length ? default : rest[padded..];
        return taken;
    }
}
