using System.Globalization;
using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// The mark of the web: stream <c>Zone.Identifier</c>, which browsers, mail programs and the shell put beside a file that came from elsewhere.
/// <see href="https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc/6e3f7352-d11c-4d76-8c39-2516a9df36e8">[MS-FSCC] 5.6.1</see>
/// </summary>
public sealed record DownloadMark(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "download-mark";
    /// <summary>URLZONE: 0 this machine, 1 intranet, 2 trusted, 3 internet, 4 untrusted; null when it is no number.</summary>
    public int? ZoneId { get; init; }
    /// <summary>The page that led to it.</summary>
    public string? ReferrerUrl { get; init; }
    /// <summary>Where its bytes came from.</summary>
    public string? HostUrl { get; init; }
    /// <summary>The address of the host, where the program wrote that.</summary>
    public string? HostIpAddress { get; init; }
    /// <summary>The store application that wrote it.</summary>
    public string? LastWriterPackageFamilyName { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Number("zoneId", ZoneId);
        fields.Text("referrerUrl", ReferrerUrl);
        fields.Text("hostUrl", HostUrl);
        fields.Text("hostIpAddress", HostIpAddress);
        fields.Text("lastWriterPackageFamilyName", LastWriterPackageFamilyName);
    }
}

/// <summary>Reads <c>Zone.Identifier</c>: lines <c>Key=Value</c> below <c>[ZoneTransfer]</c>, in ANSI, UTF-8 or UTF-16 with a byte order mark.</summary>
/// <remarks><b>Limitations:</b> of a key that is there twice the first counts; keys outside of the section are left out; ANSI that is not UTF-8 is read as Latin-1.</remarks>
public sealed class DownloadMarkParser : ArtifactParser
{
    private const int MaximumBytes = 64 << 10;

    /// <inheritdoc/>
    public override string Name => "windows/zone-identifier";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims => [];

    /// <inheritdoc/>
    public override IReadOnlyList<string> ClaimedStreams { get; } = ["Zone.Identifier"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlyMemory<byte> content = input.Content.Length > MaximumBytes ? input.Content[..MaximumBytes] : input.Content;
        if (content.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
        {
            content = Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(content.Span[2..]));
        }
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        bool isInside = false;
        foreach (TextLine line in TextLines.Read(content, input.Limits))
        {
            string text = line.Text.Trim();
            if (text.StartsWith('['))
            {
                isInside = text.Equals("[ZoneTransfer]", StringComparison.OrdinalIgnoreCase);
            }
            else if (isInside && text.IndexOf('=', StringComparison.Ordinal) is > 0 and int equals)
            {
                values.TryAdd(text[..equals].Trim(), text[(equals + 1)..].Trim());
            }
        }
        if (values.Count == 0)
        {
            return;
        }
        sink.Add(new DownloadMark(input.Location)
        {
            ZoneId = int.TryParse(values.GetValueOrDefault("ZoneId"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int zone) ? zone : null,
            ReferrerUrl = values.GetValueOrDefault("ReferrerUrl"),
            HostUrl = values.GetValueOrDefault("HostUrl"),
            HostIpAddress = values.GetValueOrDefault("HostIpAddress"),
            LastWriterPackageFamilyName = values.GetValueOrDefault("LastWriterPackageFamilyName"),
        });
    }
}
