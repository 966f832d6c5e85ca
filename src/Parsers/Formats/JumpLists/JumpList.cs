using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.CompoundFiles;
using Forensics.Parsers.Formats.ShellLink;

namespace Forensics.Parsers.Formats.JumpLists;

/// <summary>An entry of a jump list: a shortcut, and what the index says of it.</summary>
/// <param name="Link">The shortcut; null when only the index knows the entry.</param>
/// <param name="Listed">What DestList says; null in custom lists and for shortcuts it does not know.</param>
/// <param name="Offset">Byte offset in a custom list.</param>
public sealed record JumpListEntry(ShellLinkFile? Link, DestListEntry? Listed, long? Offset);

/// <summary>
/// Jump lists of the task bar: <c>.automaticDestinations-ms</c> (a compound file with DestList and shortcuts) and <c>.customDestinations-ms</c> (shortcuts one behind the other).
/// Source: https://github.com/libyal/dtformats/blob/main/documentation/Jump%20lists%20format.asciidoc
/// </summary>
/// <remarks>Limitations: categories of custom lists are not told apart: their shortcuts are found by their headers; at most 16 MiB and 16,384 entries.</remarks>
public static class JumpList
{
    private const int MaximumEntries = 16_384;
    private const int MaximumStream = 16 << 20;
    private const int MaximumLink = 1 << 20;

    /// <summary>Reads an automatic list.</summary>
    /// <exception cref="UnknownFormatException">Not a compound file.</exception>
    /// <exception cref="CorruptDataException">The compound file cannot be used.</exception>
    public static IReadOnlyList<JumpListEntry> ReadAutomatic(IByteSource source, IDiagnosticSink diagnostics)
    {
        CompoundFile file = CompoundFile.Open(source, diagnostics);
        var links = new Dictionary<uint, ShellLinkFile>();
        // Streams that share sectors must not be read again and again: all together no more than a few times the file.
        long budget = (source.Length + MaximumLink) * 2;
        foreach (CompoundFileEntry entry in file.Entries)
        {
            if (entry is { IsStream: true, Size: > 0 and <= MaximumLink } && links.Count < MaximumEntries && (budget -= entry.Size) >= 0
                && uint.TryParse(entry.Name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number))
            {
                byte[] bytes = Read(file, entry, MaximumLink, diagnostics);
                if (ShellLinkFile.Matches(bytes))
                {
                    links.TryAdd(number, ShellLinkFile.Parse(bytes));
                }
            }
        }
        var found = new List<JumpListEntry>();
        if (file.Find("DestList") is { IsStream: true, Size: > 0 } list)
        {
            DestList index = DestList.Parse(Read(file, list, MaximumStream, diagnostics));
            if (index.IsDamaged)
            {
                diagnostics.Report(new Diagnostic("jumplist.destlist.cut", "DestList ends before what it states") { LosesContent = true });
            }
            foreach (DestListEntry listed in index.Entries)
            {
                links.Remove(listed.EntryNumber, out ShellLinkFile? link);
                found.Add(new JumpListEntry(link, listed, null));
            }
        }
        found.AddRange(links.OrderBy(link => link.Key).Select(link => new JumpListEntry(link.Value, null, null)));
        return found;
    }

    /// <summary>Reads a custom list; never throws.</summary>
    public static IReadOnlyList<JumpListEntry> ReadCustom(ReadOnlySpan<byte> file)
    {
        var found = new List<JumpListEntry>();
        ReadOnlySpan<byte> header = [ShellLinkFile.HeaderSize, 0, 0, 0, 0x01, 0x14, 0x02, 0];
        for (int at = 0; found.Count < MaximumEntries;)
        {
            int next = file[at..].IndexOf(header);
            if (next < 0)
            {
                break;
            }
            at += next;
            if (!ShellLinkFile.Matches(file[at..]))
            {
                at += header.Length;
                continue;
            }
            // No shortcut holds the header of another: the next one bounds it.
            int end = file[(at + header.Length)..].IndexOf(header) is var following and >= 0 ? at + header.Length + following : file.Length;
            found.Add(new JumpListEntry(ShellLinkFile.Parse(file[at..end]), null, at));
            at = end;
        }
        return found;
    }

    private static byte[] Read(CompoundFile file, CompoundFileEntry entry, int maximum, IDiagnosticSink diagnostics)
    {
        try
        {
            IByteSource stream = file.OpenStream(entry);
            return stream.ReadArray(0, (int)Math.Min(stream.Length, maximum));
        }
        catch (CorruptDataException exception)
        {
            diagnostics.Report(new Diagnostic(exception.Code, exception.Message) { LosesContent = true });
            return [];
        }
    }
}
