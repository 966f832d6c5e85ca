using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads where packages come from: apt's one-line and deb822 forms, the sections of yum, dnf and zypper, and apk's list.
/// Specification: sources.list(5), yum.conf(5), dnf.conf(5), apk-repositories(5).
/// </summary>
/// <remarks>Limitations: defaults of <c>yum.conf</c> and <c>apt.conf</c> are not applied; variables (<c>$releasever</c>) stay as written. At most 64 addresses an entry.</remarks>
public sealed class PackageRepositoryParser : ArtifactParser
{
    private const int MaximumUrls = 64;

    /// <inheritdoc/>
    public override string Name => "linux/package-repository";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/apt/sources.list", "/etc/apt/sources.list.d/*.{list,sources}", "/etc/yum.repos.d/*.repo", "/etc/distro.repos.d/*.repo", "/etc/zypp/repos.d/*.repo", "/etc/apk/repositories", "/etc/apk/repositories.d/*",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string path = input.Location.Path;
        if (path.StartsWith("/etc/apk/", StringComparison.Ordinal))
        {
            ReadApk(input, sink);
        }
        else if (path.EndsWith(".sources", StringComparison.Ordinal))
        {
            ReadFields(input, sink, "apt", isSection: false);
        }
        else if (path.EndsWith(".repo", StringComparison.Ordinal))
        {
            ReadFields(input, sink, path.StartsWith("/etc/zypp/", StringComparison.Ordinal) ? "zypper" : "yum", isSection: true);
        }
        else
        {
            ReadOneLine(input, sink);
        }
    }

    /// <summary><c>deb [ trusted=yes signed-by=/x ] http://host/debian bookworm main</c>.</summary>
    private static void ReadOneLine(ArtifactInput input, IArtifactSink sink)
    {
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            string text = line.Text.Split('#')[0].Trim();
            if (!text.StartsWith("deb ", StringComparison.Ordinal) && !text.StartsWith("deb\t", StringComparison.Ordinal) && !text.StartsWith("deb-src", StringComparison.Ordinal) && !text.StartsWith("deb[", StringComparison.Ordinal))
            {
                continue;
            }
            int open = text.IndexOf('[', StringComparison.Ordinal);
            int close = open < 0 ? -1 : text.IndexOf(']', open);
            // Brackets of an IPv6 address stand inside a word.
            bool hasOptions = close > 0 && text[..open].Trim() is "deb" or "deb-src";
            string[] options = hasOptions ? Words(text[(open + 1)..close]) : [];
            string[] words = Words(hasOptions ? text[(close + 1)..] : text[(text.AsSpan().IndexOfAny(' ', '\t') + 1)..]);
            if (words.Length == 0)
            {
                continue;
            }
            string? lax = options.FirstOrDefault(option => IsLax(option.ToLowerInvariant()));
            sink.Add(new PackageRepository(input.Location.At(line.Number, line.ByteOffset))
            {
                Manager = "apt", Name = words.Length > 1 ? words[1] : "", Urls = [words[0]], ChecksSignatures = lax is null ? null : false, UncheckedBecause = lax,
                SignedBy = options.FirstOrDefault(option => option.StartsWith("signed-by=", StringComparison.OrdinalIgnoreCase))?["signed-by=".Length..],
            });
        }
    }

    private static bool IsLax(string option) => option is "trusted=yes" or "trusted=true" or "trusted=1" or "trusted=on" or "allow-insecure=yes" or "allow-insecure=true" or "allow-insecure=1" or "allow-weak=yes";

    private static void ReadApk(ArtifactInput input, IArtifactSink sink)
    {
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits, skipsEmpty: true))
        {
            string[] words = Words(line.Text.Split('#')[0]);
            if (words.Length > 0 && words[^1].Contains('/'))
            {
                sink.Add(new PackageRepository(input.Location.At(line.Number, line.ByteOffset)) { Manager = "apk", Name = words[0].StartsWith('@') ? words[0] : "", Urls = [words[^1]] });
            }
        }
    }

    /// <summary>Sections of <c>key=value</c>, or paragraphs of <c>Key: value</c>; a line that begins with a blank goes on with the value before.</summary>
    private static void ReadFields(ArtifactInput input, IArtifactSink sink, string manager, bool isSection)
    {
        Draft? draft = null;
        string key = "";
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits))
        {
            string raw = line.Text;
            string text = raw.Trim();
            if (text.Length == 0 && !isSection)
            {
                Emit(sink, manager, draft);
                draft = null;
                continue;
            }
            if (text.Length == 0 || text[0] is '#' or ';')
            {
                continue;
            }
            if (isSection && text[0] == '[')
            {
                Emit(sink, manager, draft);
                draft = new Draft(input.Location.At(line.Number, line.ByteOffset)) { Name = text.Trim('[', ']') };
                key = "";
                continue;
            }
            if (!isSection && draft is null)
            {
                draft = new Draft(input.Location.At(line.Number, line.ByteOffset));
            }
            int separator = text.IndexOf(isSection ? '=' : ':', StringComparison.Ordinal);
            bool goesOn = raw[0] is ' ' or '\t';
            if (!goesOn && separator > 0)
            {
                key = text[..separator].Trim().ToLowerInvariant();
                text = text[(separator + 1)..].Trim();
            }
            draft?.Take(key, text);
        }
        Emit(sink, manager, draft);
    }

    private static void Emit(IArtifactSink sink, string manager, Draft? draft)
    {
        if (draft is { Urls.Count: > 0 })
        {
            sink.Add(new PackageRepository(draft.Location)
            {
                Manager = manager, Name = draft.Name, Urls = draft.Urls, IsEnabled = draft.IsEnabled, ChecksSignatures = draft.Checks, UncheckedBecause = draft.Lax, SignedBy = draft.SignedBy,
            });
        }
    }

    private static string[] Words(string text) => text.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);

    private sealed class Draft(EvidenceLocation location)
    {
        public EvidenceLocation Location { get; } = location;
        public string Name { get; set; } = "";
        public List<string> Urls { get; } = [];
        public bool IsEnabled { get; private set; } = true;
        public bool? Checks { get; private set; }
        public string? Lax { get; private set; }
        public string? SignedBy { get; private set; }

        public void Take(string key, string value)
        {
            string low = value.ToLowerInvariant();
            bool isNo = low is "0" or "no" or "false" or "off";
            switch (key)
            {
                case "baseurl" or "mirrorlist" or "metalink" or "uris":
                    Urls.AddRange(Words(value).Take(MaximumUrls - Math.Min(MaximumUrls, Urls.Count)));
                    break;
                case "enabled":
                    IsEnabled = !isNo;
                    break;
                case "suites":
                    Name = value;
                    break;
                case "gpgcheck":
                    Checks = !isNo;
                    Lax = isNo ? "gpgcheck=" + value : Lax;
                    break;
                case "trusted" or "allow-insecure" when low is "yes" or "true" or "1" or "on":
                    Checks = false;
                    Lax = key + ": " + value;
                    break;
                case "signed-by" or "gpgkey":
                    SignedBy ??= value.Length > 200 ? value[..200] : value;
                    break;
            }
        }
    }
}
