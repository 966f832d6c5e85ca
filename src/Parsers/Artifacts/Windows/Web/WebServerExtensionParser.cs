using System.Xml;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Reads which modules, handlers and filters IIS loads (<c>applicationHost.config</c>, <c>web.config</c>) and which agents Exchange's transport does (<c>agents.config</c>). Specification: the schemas in
/// <c>inetsrv\config\schema</c>, <see href="https://learn.microsoft.com/iis/configuration/system.webserver/globalmodules/"/>, <see href="https://learn.microsoft.com/exchange/client-developer/transport-agents/agent"/>.
/// </summary>
/// <remarks><b>Limitations:</b> at most 4096 entries a file; configuration that is inherited, removed or encrypted further down is not merged.</remarks>
public sealed class WebServerExtensionParser : ArtifactParser
{
    private const int MaximumEntries = 4096;

    /// <inheritdoc/>
    public override string Name => "windows/web-server-extension";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/Windows/System32/inetsrv/config/{applicationHost,administration}.config", "/inetpub/**/web.config", "/wwwroot/**/web.config", "/websites/**/web.config",
        "/Program Files/Microsoft/Exchange Server/*/{FrontEnd/HttpProxy,ClientAccess}/**/web.config", "/Program Files/Microsoft/Exchange Server/*/TransportRoles/Shared/{agents,fetagents}.config",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Content.IsEmpty)
        {
            return;
        }
        string? damage = null;
        try
        {
            damage = Read(input, sink);
        }
        catch (XmlException exception)
        {
            damage = exception.Message;
        }
        if (damage is not null)
        {
            sink.Report(new Diagnostic("windows.web.configuration", "the XML of a server's configuration could not be read to its end") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = damage, LosesContent = true });
        }
    }

    private static string? Read(ArtifactInput input, IArtifactSink sink)
    {
        using XmlReader reader = EvidenceXml.Open(input.Content.Span);
        var sections = new List<string>();
        string? site = null;
        int left = MaximumEntries;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }
            if (reader.Depth > EvidenceXml.MaximumDepth)
            {
                return "elements are nested deeper than the limit";
            }
            sections.RemoveRange(Math.Min(reader.Depth, sections.Count), Math.Max(0, sections.Count - reader.Depth));
            string section = sections.Count == 0 ? "" : sections[^1];
            sections.Add(reader.LocalName);
            site = reader.LocalName == "location" ? EvidenceXml.Attribute(reader, "path") : reader.Depth <= 1 ? null : site;
            if (Entry(reader, section, input) is not { } entry)
            {
                continue;
            }
            if (--left < 0)
            {
                return "there are more entries than the limit";
            }
            sink.Add(entry with { Site = site });
        }
        return null;
    }

    private static WebServerExtension? Entry(XmlReader reader, string section, ArtifactInput input)
    {
        WebExtensionKind? kind = (section, reader.LocalName) switch
        {
            ("globalModules", "add") => WebExtensionKind.NativeModule,
            ("modules" or "httpModules", "add") when reader.GetAttribute("type") is not null => WebExtensionKind.ManagedModule,
            ("handlers" or "httpHandlers", "add") => WebExtensionKind.Handler,
            ("isapiFilters", "filter") => WebExtensionKind.IsapiFilter,
            ("agentList", "agent") => WebExtensionKind.TransportAgent,
            _ => null,
        };
        if (kind is not { } known)
        {
            return null;
        }
        int line = EvidenceXml.Line(reader);
        string? image = EvidenceXml.Attribute(reader, known switch
        {
            WebExtensionKind.NativeModule => "image", WebExtensionKind.TransportAgent => "assemblyPath", WebExtensionKind.IsapiFilter => "path", WebExtensionKind.Handler => "scriptProcessor", _ => "image",
        });
        string? type = EvidenceXml.Attribute(reader, known == WebExtensionKind.TransportAgent ? "classFactory" : "type");
        bool isOff = EvidenceXml.Attribute(reader, "enabled")?.Equals("false", StringComparison.OrdinalIgnoreCase) == true;
        return new WebServerExtension(line > 0 ? input.Location.At(line, 0) with { ByteOffset = null } : input.Location)
        {
            Extension = known, Name = EvidenceXml.Attribute(reader, "name"), Image = image, Type = type, RequestPath = known == WebExtensionKind.Handler ? EvidenceXml.Attribute(reader, "path") : null,
            DormantBecause = isOff ? "it is switched off" : null, NamedFiles = Files(image, type, input.Location.Path),
        };
    }

    // A handler's program stands before its arguments; a class of an application lies in the directory bin beside its configuration.
    private static IReadOnlyList<string> Files(string? image, string? type, string configuration)
    {
        string text = (image ?? "").Split('|')[0].Trim();
        text = text.StartsWith("%IIS_BIN%", StringComparison.OrdinalIgnoreCase) ? @"%windir%\System32\inetsrv" + text[9..] : text;
        if (RegistryText.ImagePath(text) is { } path && text.Length > 0)
        {
            return [path];
        }
        string[] parts = (type ?? "").Split(',', StringSplitOptions.TrimEntries);
        bool isOfApplication = configuration.EndsWith("/web.config", StringComparison.OrdinalIgnoreCase) && parts.Length > 1 && parts[1].Length is > 0 and < 128 && !parts[1].AsSpan().ContainsAny('/', '\\', ':');
        return isOfApplication && !parts[1].StartsWith("System", StringComparison.OrdinalIgnoreCase) ? [configuration[..(configuration.LastIndexOf('/') + 1)] + "bin/" + parts[1] + ".dll"] : [];
    }
}
