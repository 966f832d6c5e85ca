using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads the hosts file of Windows. It has the form of <c>/etc/hosts</c>, and so its entries are the same fact.</summary>
/// <remarks><b>Limitations:</b> another directory that the registry names (<c>DataBasePath</c>) is not looked for; at most 64 names a line.</remarks>
public sealed class WindowsHostsFileParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/hosts";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/System32/drivers/etc/{hosts,hosts.ics}"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink) =>
        HostsFileParser.ReadEntries(new ArtifactFile(EncodedText.IsUtf16(input.Content.Span) ? input with { Content = System.Text.Encoding.UTF8.GetBytes(EncodedText.Decode(input.Content.Span)) } : input, sink, "windows.hosts"));
}
