using System.Text;

namespace Forensics.Parsers.Formats;

/// <summary>
/// What the Rust compiler leaves in a program about itself: its version in the section <c>.comment</c>, or the commit it was built from in the paths of its library that panic messages name
/// (<c>/rustc/COMMIT/library/...</c>). <see href="https://doc.rust-lang.org/rustc/command-line-arguments.html#--remap-path-prefix-remap-source-names-in-output"/>
/// </summary>
public static class RustBuildInfo
{
    private const int CommitDigits = 40;
    private const int LongestVersion = 64;

    /// <summary>What stands before the commit.</summary>
    public static ReadOnlySpan<byte> PathMark => "/rustc/"u8;

    private static ReadOnlySpan<byte> VersionMark => "rustc version "u8;

    /// <summary>The version in the text of <c>.comment</c> (<c>1.75.0 (82e1608df 2023-12-21)</c>); null when there is none.</summary>
    public static string? Version(ReadOnlySpan<byte> comment)
    {
        int at = comment.IndexOf(VersionMark);
        if (at < 0)
        {
            return null;
        }
        ReadOnlySpan<byte> text = comment[(at + VersionMark.Length)..];
        text = text[..Math.Min(text.Length, LongestVersion)];
        int end = text.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7E);
        return Encoding.ASCII.GetString(end < 0 ? text : text[..end]);
    }

    /// <summary>The commit behind <see cref="PathMark"/>; null when what stands there is none.</summary>
    public static string? Commit(ReadOnlySpan<byte> afterMark) =>
        afterMark.Length > CommitDigits && afterMark[CommitDigits] == (byte)'/' && afterMark[..CommitDigits].IndexOfAnyExcept("0123456789abcdef"u8) < 0
            ? Encoding.ASCII.GetString(afterMark[..CommitDigits]) : null;
}
