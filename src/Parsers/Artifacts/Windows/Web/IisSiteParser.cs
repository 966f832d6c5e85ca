using System.Xml;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Which directories IIS publishes: the <c>physicalPath</c> of the virtual directories of all sites and applications in <c>applicationHost.config</c>. Specification:
/// <see href="https://learn.microsoft.com/iis/configuration/system.applicationhost/sites/site/application/virtualdirectory"/>.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> directories on other volumes than the system's and on shares are passed over, as are those of a configuration that <c>redirection.config</c> moves elsewhere and of IIS 6 (<c>MetaBase.xml</c>);
/// at most 1024 directories.
/// </remarks>
public sealed class IisSiteParser : ArtifactParser
{
    private const int MaximumDirectories = 1024;

    /// <inheritdoc/>
    public override string Name => "windows/web-server-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/Windows/System32/inetsrv/config/applicationHost.config"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(sink);
        if (input.Content.IsEmpty)
        {
            return;
        }
        string? damage;
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
            sink.Report(new Diagnostic("windows.web.sites", "the sites of IIS could not be read to their end") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = damage, LosesContent = true });
        }
    }

    private static string? Read(ArtifactInput input, IArtifactSink sink)
    {
        using XmlReader reader = EvidenceXml.Open(input.Content.Span);
        var said = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
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
            if (reader.LocalName != "virtualDirectory" || DirectoryOf(EvidenceXml.Attribute(reader, "physicalPath")) is not { } directory || said.Contains(directory))
            {
                continue;
            }
            if (said.Count >= MaximumDirectories)
            {
                return "there are more directories than the limit";
            }
            said.Add(directory);
            int line = EvidenceXml.Line(reader);
            sink.Add(new WebRoot(line > 0 ? input.Location.At(line, 0) with { ByteOffset = null } : input.Location) { Directory = directory });
        }
        return null;
    }

    /// <summary>A path of the system volume; null for every other.</summary>
    private static string? DirectoryOf(string? physicalPath)
    {
        // A bare name is no path here, and the root of the volume would make everything a page.
        if (physicalPath is null || !physicalPath.Contains('\\', StringComparison.Ordinal) || RegistryText.ImagePath(physicalPath)?.TrimEnd('/') is not { Length: > 1 } path)
        {
            return null;
        }
        return path.Split('/').Any(part => part is "." or "..") ? null : path;
    }
}
