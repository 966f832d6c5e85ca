namespace Forensics.Parsers.Packages.Dpkg;

/// <summary>One paragraph of a dpkg status file. Specification: deb-control(5), dpkg(1) and Debian Policy, chapter 5.</summary>
internal sealed class DpkgStanza
{
    private const int MaxFieldBytes = 4096;

    public string Name { get; private set; } = "";
    public string Architecture { get; private set; } = "";
    public string Version { get; private set; } = "";
    public string Maintainer { get; private set; } = "";
    public string Origin { get; private set; } = "";
    public string Source { get; private set; } = "";
    public string Status { get; private set; } = "";
    public bool IsAutoInstalled { get; private set; }

    /// <summary>Lines of the field <c>Conffiles</c>: path, MD5, flags.</summary>
    public ReadOnlyMemory<byte> Conffiles { get; private set; }

    /// <summary>Third word of <c>Status</c>; a paragraph without that field (distroless) is installed.</summary>
    public PackageState State => Status.Length == 0 ? PackageState.Installed : Status[(Status.LastIndexOf(' ') + 1)..] switch
    {
        "installed" or "triggers-pending" or "triggers-awaited" => PackageState.Installed,
        "config-files" => PackageState.ConfigFiles,
        "not-installed" => PackageState.NotInstalled,
        _ => PackageState.Partly,
    };

    /// <summary>Reads the next paragraph from <paramref name="offset"/> on, which moves past it; null at the end. Paragraphs without a name are passed over.</summary>
    public static DpkgStanza? Next(ReadOnlyMemory<byte> text, ref int offset)
    {
        DpkgStanza? stanza = null;
        while (offset < text.Length)
        {
            ReadOnlySpan<byte> rest = text.Span[offset..];
            int before = rest.Length;
            HostText.NextLine(ref rest, out ReadOnlySpan<byte> line);
            offset += before - rest.Length;
            if (line.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0)
            {
                if (stanza is { Name.Length: > 0 })
                {
                    return stanza;
                }
                continue;
            }
            int colon = line.IndexOf((byte)':');
            if (line[0] is (byte)' ' or (byte)'\t' || colon <= 0)
            {
                continue;
            }
            stanza ??= new DpkgStanza();
            if (Is(line[..colon], "Conffiles"u8))
            {
                stanza.Conffiles = text.Slice(offset, ContinuationLength(rest));
                offset += stanza.Conffiles.Length;
            }
            else
            {
                stanza.Set(line[..colon], line[(colon + 1)..]);
            }
        }
        return stanza is { Name.Length: > 0 } ? stanza : null;
    }

    private void Set(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        if (field.Length > 16)
        {
            return;
        }
        value = value[..Math.Min(value.Length, MaxFieldBytes)];
        if (Is(field, "Package"u8))
        {
            Name = HostText.Text(value);
        }
        else if (Is(field, "Status"u8))
        {
            Status = HostText.Text(value);
        }
        else if (Is(field, "Architecture"u8))
        {
            Architecture = HostText.Text(value);
        }
        else if (Is(field, "Version"u8))
        {
            Version = HostText.Text(value);
        }
        else if (Is(field, "Maintainer"u8))
        {
            Maintainer = HostText.Text(value);
        }
        else if (Is(field, "Origin"u8))
        {
            Origin = HostText.Text(value);
        }
        else if (Is(field, "Source"u8))
        {
            // "source (version)" when the versions differ.
            int end = value.IndexOf((byte)'(');
            Source = HostText.Text(end < 0 ? value : value[..end]);
        }
        else if (Is(field, "Auto-Installed"u8))
        {
            IsAutoInstalled = value.Trim(" \t"u8).SequenceEqual("1"u8);
        }
    }

    private static bool Is(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name) => System.Text.Ascii.EqualsIgnoreCase(field, name);

    private static int ContinuationLength(ReadOnlySpan<byte> rest)
    {
        int length = 0;
        while (length < rest.Length && rest[length] is (byte)' ' or (byte)'\t')
        {
            int end = rest[length..].IndexOf((byte)'\n');
            length = end < 0 ? rest.Length : length + end + 1;
        }
        return length;
    }
}
