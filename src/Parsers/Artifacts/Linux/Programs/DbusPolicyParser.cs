using System.Xml;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Rules of the message bus that allow more than a named account or group may do anyway: owning names, and talking to everything. See dbus-daemon(1).</summary>
/// <remarks><b>Limitations</b>: only <c>allow</c> rules with <c>own</c>, <c>own_prefix</c> or an unrestricted <c>send_destination</c>; a document type is skipped and never resolved.</remarks>
public sealed class DbusPolicyParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/dbus-policy";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{etc,usr/share,usr/local/share}/dbus-1/{system.d,session.d}/*.conf", "/{etc,usr/share}/dbus-1/{system,session}{,-local}.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "dbus-policy");
        file.ReportTruncation();
        string context = "";
        try
        {
            using XmlReader reader = SafeXml.Open(input.Content);
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    continue;
                }
                if (reader.Name == "policy")
                {
                    context = reader.GetAttribute("context") ?? (reader.GetAttribute("user") is { } user ? "user " + user : reader.GetAttribute("group") is { } group ? "group " + group
                        : reader.GetAttribute("at_console") is not null ? "console" : "");
                }
                else if (reader.Name == "allow")
                {
                    string? own = reader.GetAttribute("own") ?? (reader.GetAttribute("own_prefix") is { } prefix ? prefix + ".*" : null);
                    string? send = reader.GetAttribute("send_destination");
                    bool isWide = send is "*" && reader.AttributeCount == 1;
                    int line = reader is IXmlLineInfo info ? info.LineNumber : 0;
                    if ((own is not null || isWide) && !file.Add(new DbusPolicy(line > 0 ? input.Location with { Line = line } : input.Location) { Context = context, Own = own, SendDestination = isWide ? send : null }))
                    {
                        return;
                    }
                }
            }
        }
        catch (XmlException error)
        {
            sink.Report(new Diagnostic("dbus-policy.xml", $"the file is no well-formed XML from line {error.LineNumber} on; the bus ignores such a file")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true,
            });
        }
    }
}
