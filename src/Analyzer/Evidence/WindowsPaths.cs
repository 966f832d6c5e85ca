using System.Text;

namespace Forensics.Analyzer.Evidence;

/// <summary>
/// Turns paths as Windows writes them into paths of the image. The system volume is <c>C:</c>; device and long-path prefixes, <c>\SystemRoot</c>, variables and what Win32 drops (blanks and dots at the end of a
/// name) are understood. <see href="https://learn.microsoft.com/windows/win32/fileio/naming-a-file"/>
/// </summary>
/// <remarks><b>Limitations:</b> drive letters other than <c>C:</c> and shares lead nowhere; the letters stand in the registry.</remarks>
internal static class WindowsPaths
{
    private const int LongestPath = 4096;

    // Variables of the machine on a system that was installed as it comes.
    private static readonly Dictionary<string, string> s_machine = new(StringComparer.OrdinalIgnoreCase)
    {
        ["SystemRoot"] = @"C:\Windows", ["windir"] = @"C:\Windows", ["SystemDrive"] = "C:", ["HOMEDRIVE"] = "C:", ["ProgramData"] = @"C:\ProgramData", ["ALLUSERSPROFILE"] = @"C:\ProgramData", ["PUBLIC"] = @"C:\Users\Public",
        ["ProgramFiles"] = @"C:\Program Files", ["ProgramW6432"] = @"C:\Program Files", ["ProgramFiles(x86)"] = @"C:\Program Files (x86)", ["CommonProgramFiles"] = @"C:\Program Files\Common Files",
        ["CommonProgramFiles(x86)"] = @"C:\Program Files (x86)\Common Files", ["CommonProgramW6432"] = @"C:\Program Files\Common Files", ["ComSpec"] = @"C:\Windows\System32\cmd.exe",
    };

    /// <summary>
    /// The path of the image that an absolute path of Windows states; null when it is relative, on another drive, or no path. The name of a stream is cut off.
    /// </summary>
    /// <param name="path">With or without prefix, either slash; variables expanded.</param>
    /// <param name="stream">Name of the stream behind the last colon; null when none is named.</param>
    public static string? ToImage(string path, out string? stream)
    {
        stream = null;
        path = path.Trim().Trim('"').Replace('/', '\\');
        foreach (string prefix in (string[])[@"\??\", @"\\?\", @"\\.\", @"\DosDevices\", @"\GLOBAL??\"])
        {
            if (path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                path = path[prefix.Length..];
                break;
            }
        }
        if (path.StartsWith(@"\SystemRoot\", StringComparison.OrdinalIgnoreCase))
        {
            path = @"C:\Windows" + path[11..];
        }
        if (path.Length < 2 || path.Length > LongestPath || path.StartsWith(@"\\", StringComparison.Ordinal))
        {
            return null;
        }
        if (path[1] == ':')
        {
            if (path[0] is not ('C' or 'c') || path.Length < 3 || path[2] != '\\')
            {
                return null;
            }
            path = path[2..];
        }
        else if (path[0] != '\\')
        {
            return null;
        }
        int colon = path.IndexOf(':');
        if (colon >= 0)
        {
            string name = path[(colon + 1)..];
            stream = name.EndsWith(":$DATA", StringComparison.OrdinalIgnoreCase) ? name[..^6] : name;
            stream = stream.Length == 0 || stream.Contains('\\') ? null : stream;
            path = path[..colon];
        }
        return Normalise(path);
    }

    /// <summary>Puts values in the place of <c>%NAME%</c>, <c>$env:NAME</c> and <c>${env:NAME}</c>; names that are not known stay as they are.</summary>
    public static string Expand(string text, Func<string, string?> valueOf)
    {
        if (!text.AsSpan().ContainsAny('%', '$'))
        {
            return text;
        }
        var expanded = new StringBuilder(text.Length + 32);
        for (int i = 0; i < text.Length;)
        {
            int length = Variable(text, i, out string name);
            if (length > 0 && valueOf(name) is string value && expanded.Length < LongestPath * 16)
            {
                expanded.Append(value);
                i += length;
                continue;
            }
            expanded.Append(text[i++]);
        }
        return expanded.ToString();
    }

    /// <summary>The value of a variable that is the same for all accounts; null for others.</summary>
    public static string? MachineVariable(string name) => s_machine.GetValueOrDefault(name);

    private static int Variable(string text, int at, out string name)
    {
        name = "";
        if (text[at] == '%')
        {
            int end = text.IndexOf('%', at + 1);
            if (end <= at + 1 || end - at > 64)
            {
                return 0;
            }
            name = text[(at + 1)..end];
            return end + 1 - at;
        }
        bool isBraced = text.AsSpan(at).StartsWith("${env:", StringComparison.OrdinalIgnoreCase);
        if (!isBraced && !text.AsSpan(at).StartsWith("$env:", StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }
        int start = at + (isBraced ? 6 : 5);
        int stop = start;
        while (stop < text.Length && stop - start < 64 && (isBraced ? text[stop] != '}' : char.IsAsciiLetterOrDigit(text[stop]) || text[stop] == '_'))
        {
            stop++;
        }
        name = text[start..stop];
        return name.Length == 0 ? 0 : stop - at + (isBraced ? 1 : 0);
    }

    private static string? Normalise(string path)
    {
        var parts = new List<string>();
        foreach (string component in path.Split('\\', StringSplitOptions.RemoveEmptyEntries))
        {
            if (component == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
                continue;
            }
            string part = component.TrimEnd(' ', '.');
            if (part.Length == 0)
            {
                continue;
            }
            if (part.AsSpan().ContainsAny("\"<>|*?") || part.AsSpan().ContainsAnyInRange('\0', '\x1F'))
            {
                return null;
            }
            parts.Add(part);
        }
        return parts.Count == 0 ? null : "/" + string.Join('/', parts);
    }
}
