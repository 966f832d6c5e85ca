namespace Forensics.Parsers.Packages;

/// <summary>
/// Reads the state of update-alternatives: one file a group in <c>/var/lib/dpkg/alternatives</c> (Debian) or <c>/var/lib/alternatives</c> (Red Hat, SUSE), both of one form.
/// Specification: update-alternatives(1), section FILES of dpkg's implementation, and alternatives(8) of chkconfig.
/// </summary>
/// <remarks>Limitations: families and init scripts of chkconfig's form are not kept.</remarks>
internal static class AlternativesReader
{
    private const int MaxGroups = 20_000;
    private const int MaxLinks = 2_000;

    private static readonly string[] s_directories = ["/var/lib/dpkg/alternatives", "/var/lib/alternatives"];

    /// <summary>Adds every group of a host.</summary>
    public static void Read(IHostFiles files, PackageIndexBuilder index)
    {
        foreach (string directory in s_directories)
        {
            foreach (string name in files.List(directory).Take(MaxGroups).Order(StringComparer.Ordinal))
            {
                if (Parse(name, index.ReadFile(files, PathText.Join(directory, name)).Span) is { } alternative)
                {
                    index.AddAlternative(alternative);
                }
            }
        }
    }

    /// <summary>Parses one file; null when it is empty or cut before its first link.</summary>
    internal static Alternative? Parse(string name, ReadOnlySpan<byte> text)
    {
        if (!HostText.NextLine(ref text, out ReadOnlySpan<byte> mode) || !HostText.NextLine(ref text, out ReadOnlySpan<byte> link) || link.IsEmpty)
        {
            return null;
        }
        bool isManual = mode.SequenceEqual("manual"u8);
        var links = new List<KeyValuePair<string, string>> { KeyValuePair.Create(name, HostText.Path(link)) };
        while (links.Count < MaxLinks && HostText.NextLine(ref text, out ReadOnlySpan<byte> follower) && !follower.IsEmpty && HostText.NextLine(ref text, out link))
        {
            links.Add(KeyValuePair.Create(PathText.FromBytes(follower), HostText.Path(link)));
        }
        var choices = new List<AlternativeChoice>();
        while (choices.Count < MaxLinks && HostText.NextLine(ref text, out ReadOnlySpan<byte> target) && !target.IsEmpty)
        {
            int priority = HostText.NextLine(ref text, out ReadOnlySpan<byte> number) ? Priority(number) : 0;
            var targets = new List<string> { HostText.Path(target) };
            while (targets.Count < links.Count && HostText.NextLine(ref text, out target))
            {
                targets.Add(target.IsEmpty ? "" : HostText.Path(target));
            }
            choices.Add(new AlternativeChoice(priority, targets));
        }
        return new Alternative(name) { IsManual = isManual, Links = links, Choices = choices };
    }

    /// <summary><c>20</c>, or with family and init script <c>@java@20 script</c>.</summary>
    private static int Priority(ReadOnlySpan<byte> line)
    {
        int family = line.LastIndexOf((byte)'@');
        return System.Buffers.Text.Utf8Parser.TryParse(line[(family + 1)..], out int value, out _) ? value : 0;
    }
}
