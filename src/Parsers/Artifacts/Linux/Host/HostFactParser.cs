using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads what identifies the installed system: os-release(5), the release files of older distributions (<c>os.release</c>), hostname(5),
/// machine-id(5), localtime(5) and <c>/etc/timezone</c>.
/// </summary>
/// <remarks>Limitations: a host name set by the network or cloud agent at boot is not in these files; a copied (not linked) localtime has no zone name.</remarks>
public sealed class HostFactParser : ArtifactParser
{
    private const string Code = "linux.host-facts";
    private const int MachineIdLength = 32;
    private const int LongestHostName = 253;

    private static readonly Dictionary<string, string> OsReleaseFacts = new(StringComparer.Ordinal)
    {
        ["ID"] = "os.id",
        ["ID_LIKE"] = "os.idLike",
        ["NAME"] = "os.name",
        ["PRETTY_NAME"] = "os.prettyName",
        ["VERSION_ID"] = "os.versionId",
        ["VERSION_CODENAME"] = "os.versionCodename",
    };

    /// <inheritdoc/>
    public override string Name => "linux/host-facts";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/os-release", "/usr/lib/os-release", "/etc/hostname", "/etc/HOSTNAME", "/etc/machine-id", "/etc/localtime", "/etc/timezone",
        "/etc/redhat-release", "/etc/debian_version", "/etc/alpine-release", "/etc/SuSE-release",
    ];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, Code);
        string name = input.Location.Name;
        if (name == "localtime")
        {
            ReadZoneLink(file);
            return;
        }
        if (input.LinkTarget is not null)
        {
            return;
        }
        switch (name)
        {
            case "os-release":
                ReadOsRelease(file);
                break;
            case "machine-id":
                ReadMachineId(file);
                break;
            case "hostname" or "HOSTNAME":
                ReadFirstLine(file, "hostName", LongestHostName);
                break;
            case "timezone":
                ReadFirstLine(file, "timeZone", LongestHostName);
                break;
            default:
                ReadFirstLine(file, "os.release", input.Limits.LineBytes);
                break;
        }
    }

    private static void ReadZoneLink(ArtifactFile file)
    {
        const string Marker = "zoneinfo/";
        string target = file.Input.LinkTarget ?? "";
        int start = target.IndexOf(Marker, StringComparison.Ordinal);
        if (start >= 0)
        {
            string zone = target[(start + Marker.Length)..];
            foreach (string variant in new[] { "posix/", "right/" })
            {
                zone = zone.StartsWith(variant, StringComparison.Ordinal) ? zone[variant.Length..] : zone;
            }
            Add(file, file.Input.Location, "timeZone", zone);
        }
    }

    private static void ReadFirstLine(ArtifactFile file, string fact, int longest)
    {
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length > 0 && text[0] != '#')
            {
                Add(file, file.Input.Location.At(line.Number, line.ByteOffset), fact, text.Length > longest ? text[..longest] : text);
                return;
            }
        }
    }

    private static void ReadMachineId(ArtifactFile file)
    {
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == MachineIdLength && !text.AsSpan().ContainsAnyExcept("0123456789abcdefABCDEF"))
            {
                Add(file, file.Input.Location.At(line.Number, line.ByteOffset), "machineId", text.ToLowerInvariant());
            }
            else if (text is not ("" or "uninitialized"))
            {
                file.Report("machine-id", "no machine id", line, expected: "32 hexadecimal digits");
            }
            return;
        }
    }

    private static void ReadOsRelease(ArtifactFile file)
    {
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            int equals = text.IndexOf('=');
            if (equals > 0 && OsReleaseFacts.TryGetValue(text[..equals], out string? fact)
                && !Add(file, file.Input.Location.At(line.Number, line.ByteOffset), fact, Unquote(text[(equals + 1)..])))
            {
                return;
            }
        }
    }

    // Shell assignment without expansion: single quotes literal, in double quotes and bare a backslash keeps the next sign.
    private static string Unquote(string value)
    {
        char quote = value.Length > 0 && value[0] is '"' or '\'' ? value[0] : '\0';
        var result = new StringBuilder(value.Length);
        for (int i = quote == '\0' ? 0 : 1; i < value.Length; i++)
        {
            if (value[i] == '\\' && quote != '\'' && i + 1 < value.Length && (quote == '\0' || value[i + 1] is '"' or '$' or '`' or '\\'))
            {
                result.Append(value[++i]);
            }
            else if (quote != '\0' && value[i] == quote)
            {
                break;
            }
            else
            {
                result.Append(value[i]);
            }
        }
        return result.ToString();
    }

    private static bool Add(ArtifactFile file, EvidenceLocation location, string name, string value) =>
        value.Length == 0 || file.Add(new HostFact(location) { Name = name, Value = value });
}
