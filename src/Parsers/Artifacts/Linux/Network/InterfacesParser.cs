using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Commands in the interface definitions of ifupdown: <c>up</c>, <c>post-up</c>, <c>pre-up</c>, <c>down</c> ... of a stanza, scripts of mappings, and files that are sourced. See interfaces(5).</summary>
/// <remarks><b>Limitations</b>: whether an <c>auto</c> line of another file brings the interface up is not looked at; <c>inherits</c> is not followed.</remarks>
public sealed class InterfacesParser : ArtifactParser
{
    private static readonly string[] s_defaults = ["/etc/network/interfaces.d/*", "/etc/network/interfaces.d", "interfaces.d", "interfaces.d/*", "/run/network/interfaces.d/*"];

    /// <inheritdoc/>
    public override string Name => "linux/interfaces";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/network/interfaces", "/etc/network/interfaces.d/**"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "interfaces");
        string? dormant = input.Location.Name is "interfaces" ? null : HookDirectory.Backup(input.Location.Name);
        string? subject = null;
        bool isMapping = false;
        foreach (ConfigLine line in ConfigLines.Read(file))
        {
            (string key, string value) = ConfigLines.Split(line.Text);
            EvidenceLocation location = input.Location.At(line.First.Number, line.First.ByteOffset);
            switch (key)
            {
                case "iface" or "mapping" or "template":
                    isMapping = key == "mapping";
                    subject = ConfigLines.Split(value).Word;
                    break;
                case "auto" or "no-auto-down" or "no-scripts" or "rename" or "allow-hotplug":
                    subject = null;
                    break;
                case "up" or "post-up" or "pre-up" or "down" or "pre-down" or "post-down" or "dhcp-script" when value.Length > 0:
                    if (!file.Add(Command(location, key, value, subject, dormant)))
                    {
                        return;
                    }
                    break;
                case "script" when isMapping && value.Length > 0:
                    if (!file.Add(Command(location, "mapping script", value, subject, dormant) with { ThroughShell = false }))
                    {
                        return;
                    }
                    break;
                case "source" or "source-directory" when value.Length > 0 && Array.IndexOf(s_defaults, value.TrimEnd('/')) < 0:
                    string target = RunlevelLinkParser.Absolute(input.Location.Path, value);
                    if (!file.Add(new HookFile(location) { Place = StartupPlace.InterfaceHook, Trigger = "interfaces " + key, Target = target, IsInclude = true, DormantBecause = dormant }))
                    {
                        return;
                    }
                    break;
            }
        }
    }

    private static HookCommand Command(EvidenceLocation location, string key, string value, string? subject, string? dormant) => new(location)
    {
        Place = StartupPlace.InterfaceHook, Trigger = "interfaces " + key, Command = value, Subject = subject, User = "root", DormantBecause = dormant,
    };
}
