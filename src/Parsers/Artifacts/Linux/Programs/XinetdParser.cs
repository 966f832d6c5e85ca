using System.Globalization;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads the services of xinetd: <c>service name { server = ...  server_args = ...  disable = yes }</c>. Specification: xinetd.conf(5).</summary>
/// <remarks><b>Limitations</b>: <c>enabled</c> and <c>disabled</c> lists of the defaults section apply to services of the same file only.</remarks>
public sealed class XinetdParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/xinetd";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/xinetd.conf", "/etc/xinetd.d/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "xinetd");
        string name = input.Location.Name;
        string? refusal = input.Location.Path.StartsWith("/etc/xinetd.d/", StringComparison.Ordinal) && (name.Contains('.') || name.EndsWith('~')) ? "xinetd ignores files with a dot or a tilde at the end in their name" : null;
        var disabled = new HashSet<string>(StringComparer.Ordinal);
        Service? service = null;
        bool inDefaults = false;
        foreach (ConfigLine line in ConfigLines.Read(file, joinsBackslash: false))
        {
            string text = line.Text;
            if (text[0] == '{')
            {
                continue;
            }
            if (text[0] == '}')
            {
                if (service?.Server is not null && !file.Add(Made(input, service, disabled, refusal)))
                {
                    return;
                }
                (service, inDefaults) = (null, false);
                continue;
            }
            (string key, string value) = ConfigLines.Split(text, " \t=+");
            value = Assigned(value);
            if (key == "service" && service is null)
            {
                service = new Service { Name = value.TrimEnd('{', ' '), Line = line.First };
            }
            else if (key == "defaults")
            {
                inDefaults = true;
            }
            else if (inDefaults && key == "disabled")
            {
                disabled.UnionWith(value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(1024));
            }
            else if (service is not null)
            {
                Set(service, key, value, line.First);
            }
        }
        if (service?.Server is not null)
        {
            file.Report("unclosed", "the last service has no closing brace", service.Line);
            file.Add(Made(input, service, disabled, refusal ?? "xinetd drops a service without a closing brace"));
        }
    }

    /// <summary>What stands behind <c>=</c>, <c>+=</c> or <c>-=</c>.</summary>
    private static string Assigned(string value)
    {
        int equals = value.IndexOf('=', StringComparison.Ordinal);
        return equals is 0 || (equals == 1 && value[0] is '+' or '-') ? value[(equals + 1)..].Trim() : value.Trim();
    }

    private sealed class Service
    {
        public string Name { get; set; } = "";
        public string? Server { get; set; }
        public string Arguments { get; set; } = "";
        public string? User { get; set; }
        public string? Protocol { get; set; }
        public string? Port { get; set; }
        public string Id { get; set; } = "";
        public bool NamesArgument0 { get; set; }
        public bool IsDisabled { get; set; }
        public TextLine Line { get; set; }
    }

    private static void Set(Service service, string key, string value, TextLine line)
    {
        switch (key)
        {
            case "server":
                (service.Server, service.Line) = (value, line);
                break;
            case "server_args":
                service.Arguments = value;
                break;
            case "user":
                service.User = value;
                break;
            case "protocol":
                service.Protocol = value;
                break;
            case "port":
                service.Port = value;
                break;
            case "id":
                service.Id = value;
                break;
            case "flags":
                service.NamesArgument0 = value.Contains("NAMEINARGS", StringComparison.OrdinalIgnoreCase);
                break;
            case "disable":
                service.IsDisabled = value.Equals("yes", StringComparison.OrdinalIgnoreCase);
                break;
        }
    }

    private static InetdService Made(ArtifactInput input, Service service, HashSet<string> disabled, string? refusal)
    {
        string arguments = service.NamesArgument0 ? ConfigLines.Split(service.Arguments).Tail : service.Arguments;
        bool isWrapped = service.NamesArgument0 && service.Server!.EndsWith("/tcpd", StringComparison.Ordinal);
        string server = isWrapped ? ConfigLines.Split(service.Arguments).Word : service.Server!;
        return new InetdService(input.Location.At(service.Line.Number, service.Line.ByteOffset))
        {
            Daemon = "xinetd", Service = service.Port is null ? service.Name : string.Create(CultureInfo.InvariantCulture, $"{service.Name} {service.Port}"), Protocol = service.Protocol, User = service.User,
            Command = (server + " " + arguments).Trim(),
            DormantBecause = refusal ?? (service.IsDisabled ? "disable = yes" : disabled.Contains(service.Name) || disabled.Contains(service.Id) ? "the defaults disable it" : null),
        };
    }
}
