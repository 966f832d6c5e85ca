using System.Text;

namespace Forensics.Parsers.Packages;

/// <summary>Raw paths of package databases: made absolute and clean, shown, and taken back from their display form.</summary>
internal static class PackagePaths
{
    /// <summary>Longest path that is kept, in bytes: PATH_MAX of Linux.</summary>
    public const int MaxLength = 4096;

    /// <summary>
    /// Writes the absolute form without empty and <c>.</c> components and without a final slash to <paramref name="buffer"/> (<see cref="MaxLength"/> bytes).
    /// Returns its length; 0 when the path is empty, too long, climbs with <c>..</c> or contains NUL.
    /// </summary>
    public static int Normalize(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        int length = 0;
        return Append(directory, buffer, ref length) && Append(name, buffer, ref length) ? length == 0 ? Root(buffer) : length : 0;
    }

    /// <summary>The display form of an absolute path: each name escaped for itself, as a directory walk shows it.</summary>
    public static string Display(ReadOnlySpan<byte> path)
    {
        if (IsPlain(path))
        {
            return Encoding.ASCII.GetString(path);
        }
        var text = new StringBuilder(path.Length + 16);
        while (path.Length > 0)
        {
            path = path[0] == (byte)'/' ? path[1..] : path;
            int end = path.IndexOf((byte)'/');
            ReadOnlySpan<byte> name = end < 0 ? path : path[..end];
            text.Append('/').Append(PathText.FromBytes(name));
            path = path[name.Length..];
        }
        return text.ToString();
    }

    /// <summary>The raw bytes of a display form; empty when it is malformed.</summary>
    public static byte[] FromDisplay(string path)
    {
        if (!path.Contains('\\'))
        {
            return Encoding.UTF8.GetBytes(path);
        }
        return PathText.TryToBytes(path, out byte[] bytes) ? bytes : [];
    }

    /// <summary>Where a link's target lies, as a clean absolute path without looking at anything; null when it leaves the root.</summary>
    public static string? Resolve(string link, string target)
    {
        var parts = new List<string>();
        if (!target.StartsWith('/'))
        {
            parts.AddRange(link.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(1));
        }
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count == 0)
                {
                    return null;
                }
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }

    private static int Root(Span<byte> buffer)
    {
        buffer[0] = (byte)'/';
        return 1;
    }

    private static bool Append(ReadOnlySpan<byte> path, Span<byte> buffer, ref int length)
    {
        if (path.Contains((byte)0))
        {
            return false;
        }
        // Nearly all paths are clean; then they are copied whole. "/." finds every component that begins with a dot.
        ReadOnlySpan<byte> plain = path.Trim((byte)'/');
        if (plain.Length > 0 && plain[0] != (byte)'.' && length + 1 + plain.Length <= MaxLength && plain.IndexOf("//"u8) < 0 && plain.IndexOf("/."u8) < 0)
        {
            buffer[length] = (byte)'/';
            plain.CopyTo(buffer[(length + 1)..]);
            length += 1 + plain.Length;
            return true;
        }
        while (path.Length > 0)
        {
            int end = path.IndexOf((byte)'/');
            ReadOnlySpan<byte> name = end < 0 ? path : path[..end];
            path = end < 0 ? [] : path[(end + 1)..];
            if (name.Length == 0 || (name.Length == 1 && name[0] == (byte)'.'))
            {
                continue;
            }
            if ((name.Length == 2 && name[0] == (byte)'.' && name[1] == (byte)'.') || length + 1 + name.Length > MaxLength)
            {
                return false;
            }
            buffer[length] = (byte)'/';
            name.CopyTo(buffer[(length + 1)..]);
            length += 1 + name.Length;
        }
        return true;
    }

    private static bool IsPlain(ReadOnlySpan<byte> path)
    {
        foreach (byte value in path)
        {
            if (value is < 0x20 or >= 0x7F or (byte)'\\')
            {
                return false;
            }
        }
        return true;
    }
}
