namespace Forensics.Analyzer.Evidence;

/// <summary>Why a name deceives whoever lists a directory.</summary>
public enum Deception
{
    /// <summary>It does not.</summary>
    None,
    /// <summary>Dots and blanks only: <c>...</c>, <c>.. </c>, a single blank.</summary>
    DotsAndBlanks,
    /// <summary>A blank at the end of a name that begins with a dot or stands where no user names files.</summary>
    TrailingBlank,
    /// <summary>Characters that change the direction of text.</summary>
    Direction,
    /// <summary>Characters without width.</summary>
    Invisible,
    /// <summary>Almost one of the directories of X11 in <c>/tmp</c>, or one of them elsewhere.</summary>
    SocketDirectory,
    /// <summary>Inside, or in place of, a directory of X11 that holds sockets only.</summary>
    InSocketDirectory,
}

/// <summary>Finds names that are made to be overlooked. Paths are in display form, in which characters that cannot be printed are <c>\xNN</c>.</summary>
public static class DeceptiveNames
{
    private static readonly string[] s_temporary = ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/shm/"];
    private static readonly string[] s_userPlaces = ["/home/", "/root/", "/srv/", "/mnt/", "/media/", "/data/", "/opt/", "/usr/local/", "/var/lib/", "/var/www/", "/export/", "/nfs/", "/backup/"];
    private static readonly string[] s_real = [".X11-unix", ".ICE-unix", ".XIM-unix", ".font-unix", ".Test-unix"];
    // U+202A to U+202E and U+2066 to U+2069; U+200B, U+2060 and the byte order mark. Joiners are part of emoji and of Persian.
    private static readonly string[] s_direction = [@"\xe2\x80\xaa", @"\xe2\x80\xab", @"\xe2\x80\xad", @"\xe2\x80\xae", @"\xe2\x81\xa6", @"\xe2\x81\xa7", @"\xe2\x81\xa8"];
    private static readonly string[] s_invisible = [@"\xe2\x80\x8b", @"\xe2\x81\xa0", @"\xef\xbb\xbf", @"\xc2\xad", @"\xe3\x85\xa4"];

    /// <summary>The first component that deceives: the path up to and including it, and why.</summary>
    public static (string Path, Deception Why)? Find(string path)
    {
        if (!path.Contains("/.", StringComparison.Ordinal) && !path.Contains(' ') && !path.Contains('\\'))
        {
            return null;
        }
        bool isUserPlace = PathTraits.StartsWithAny(path, s_userPlaces);
        string? temporary = Array.Find(s_temporary, place => path.StartsWith(place, StringComparison.Ordinal));
        for (int start = 1; start < path.Length;)
        {
            int end = path.IndexOf('/', start);
            end = end < 0 ? path.Length : end;
            string name = path[start..end];
            Deception why = Judge(name, isUserPlace, temporary is not null && start == temporary.Length ? temporary : null, end < path.Length);
            if (why != Deception.None)
            {
                return (why == Deception.InSocketDirectory ? path : path[..end], why);
            }
            start = end + 1;
        }
        return null;
    }

    /// <summary>One of the directories of X11 in <c>/tmp</c>, in which only sockets lie.</summary>
    public static bool IsSocketDirectory(string name) => Array.IndexOf(s_real, name) >= 0;

    private static Deception Judge(string name, bool isUserPlace, string? temporary, bool hasMore)
    {
        if (name.AsSpan().IndexOfAnyExcept('.', ' ') < 0)
        {
            return Deception.DotsAndBlanks;
        }
        if (name[^1] == ' ' && (name[0] == '.' || !isUserPlace))
        {
            return Deception.TrailingBlank;
        }
        if (name.Contains('\\'))
        {
            if (Array.Exists(s_direction, name.Contains))
            {
                return Deception.Direction;
            }
            if (!isUserPlace && Array.Exists(s_invisible, name.Contains))
            {
                return Deception.Invisible;
            }
        }
        if (temporary is null || name[0] != '.' || !name.EndsWith("-unix", StringComparison.Ordinal))
        {
            return Deception.None;
        }
        return !IsSocketDirectory(name) || temporary != "/tmp/" ? Deception.SocketDirectory : hasMore ? Deception.InSocketDirectory : Deception.None;
    }
}
