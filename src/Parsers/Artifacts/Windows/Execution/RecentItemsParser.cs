using Forensics.Parsers.Bytes;
using Forensics.Parsers.Formats.JumpLists;
using Forensics.Parsers.Formats.ShellLink;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads what users opened: shortcuts in <c>Recent</c> and the jump lists of the task bar.</summary>
/// <remarks><b>Limitations:</b> which application a jump list belongs to is left as its hash.</remarks>
public sealed class RecentItemsParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/recent-items";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/AppData/Roaming/Microsoft/Windows/Recent/*.lnk", "~/Recent/*.lnk", "~/AppData/Roaming/Microsoft/Office/Recent/*.lnk",
        "~/AppData/Roaming/Microsoft/Windows/Recent/AutomaticDestinations/*.automaticDestinations-ms",
        "~/AppData/Roaming/Microsoft/Windows/Recent/CustomDestinations/*.customDestinations-ms",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        string? user = WindowsProfiles.OwnerOf(input.Location.Path);
        if (input.Content.IsEmpty)
        {
            return;
        }
        if (name.EndsWith(".lnk", StringComparison.OrdinalIgnoreCase))
        {
            sink.Add(new OpenedItem(input.Location) { Link = ShellLinkFile.Parse(input.Content.Span), User = user });
            return;
        }
        IReadOnlyList<JumpListEntry> entries = name.EndsWith(".automaticDestinations-ms", StringComparison.OrdinalIgnoreCase)
            ? JumpList.ReadAutomatic(new MemorySource(input.Content), sink) : JumpList.ReadCustom(input.Content.Span);
        foreach (JumpListEntry entry in entries)
        {
            sink.Add(new OpenedItem(input.Location with { ByteOffset = entry.Offset }) { Link = entry.Link, Listed = entry.Listed, ApplicationId = name[..name.IndexOf('.', StringComparison.Ordinal)], User = user });
        }
    }
}
