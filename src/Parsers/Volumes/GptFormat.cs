using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes;

/// <summary>
/// GUID partition table with 512 or 4096-byte sectors. Checksums are verified; when the primary copy is damaged or gone the backup at the end of the disk is used.
/// Specification: UEFI 2.10, chapter 5, https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html
/// </summary>
/// <remarks>
/// Throws <see cref="CorruptDataException"/> when neither copy can be used at all. With both copies damaged the better one is still read, with a diagnostic.
/// Limitations: at most 1,024 entries of 128 to 4096 bytes; a sound primary is not compared with its backup.
/// </remarks>
public sealed class GptFormat : IFormat<IVolumeSystem>
{
    private static readonly int[] s_sectorSizes = [512, 4096];

    /// <inheritdoc/>
    public string Name => "gpt";

    /// <inheritdoc/>
    public int HeaderSize => 4096 + 512;

    /// <inheritdoc/>
    /// <remarks>True for a GPT signature at either sector size and for a protective MBR, whose GPT may have only its backup left.</remarks>
    public bool Matches(ReadOnlySpan<byte> header) =>
        (header.Length > 520 && header[512..].StartsWith("EFI PART"u8))
        || (header.Length > 4104 && header[4096..].StartsWith("EFI PART"u8))
        || MbrSector.IsProtective(header);

    /// <inheritdoc/>
    public IVolumeSystem Open(IByteSource source, ParseContext context) =>
        TryOpen(source, context) ?? throw new CorruptDataException("gpt.header", 512, "a GPT header, primary or backup", "none that can be used");

    /// <summary>As <see cref="Open"/>, but null when neither copy can be used.</summary>
    internal static IVolumeSystem? TryOpen(IByteSource disk, ParseContext context)
    {
        GptTable? primary = null;
        foreach (int sectorSize in s_sectorSizes)
        {
            primary = GptTable.Read(disk, sectorSize, 1);
            if (primary is not null)
            {
                break;
            }
        }
        if (primary is { IsValid: true })
        {
            return Build(disk, primary, context);
        }
        context.Diagnostics.Report(primary is { Problem: { } problem }
            ? new Diagnostic("gpt." + problem.Code, "the primary GPT is damaged") { Offset = problem.Offset, Expected = problem.Expected, Actual = problem.Actual }
            : new Diagnostic("gpt.header.missing", "the primary GPT header is missing") { Offset = 512 });
        GptTable? backup = FindBackup(disk, primary);
        if (backup is { IsValid: true } || (backup?.Entries is not null && primary?.Entries is null))
        {
            context.Diagnostics.Report(new Diagnostic("gpt.backup.used", backup.IsValid ? "the backup GPT is used" : "the backup GPT, which is damaged too, is used")
            {
                Offset = backup.HeaderOffset,
                LosesContent = !backup.IsValid,
            });
            return Build(disk, backup, context);
        }
        if (primary?.Entries is null)
        {
            return null;
        }
        context.Diagnostics.Report(new Diagnostic("gpt.backup.unusable", "the backup GPT cannot be used either; the damaged primary is read as it is")
        {
            Offset = primary.HeaderOffset,
            LosesContent = true,
        });
        return Build(disk, primary, context);
    }

    /// <summary>Whether a sound backup GPT ends the disk, whatever its start looks like.</summary>
    internal static bool HasSoundBackup(IByteSource disk) => FindBackup(disk, null) is { IsValid: true };

    private static GptTable? FindBackup(IByteSource disk, GptTable? primary)
    {
        GptTable? best = null;
        foreach (int sectorSize in s_sectorSizes)
        {
            if (primary is not null && primary.SectorSize != sectorSize)
            {
                continue;
            }
            // The disk may have grown since the table was made; then the backup is where the primary says.
            long last = disk.Length / sectorSize - 1;
            long stated = primary?.AlternateLba is ulong lba && lba <= (ulong)Math.Max(0, last) ? (long)lba : last;
            GptTable? table = GptTable.Read(disk, sectorSize, stated) ?? (stated != last ? GptTable.Read(disk, sectorSize, last) : null);
            if (table is not null && (best is null || table.IsValid))
            {
                best = table;
            }
        }
        return best;
    }

    private static VolumeSystem Build(IByteSource disk, GptTable table, ParseContext context)
    {
        var layout = new PartitionLayout(disk, "gpt", table.SectorSize, context.Diagnostics);
        byte[] entries = table.Entries ?? [];
        for (int i = 0; (i + 1) * table.EntrySize <= entries.Length && table.EntrySize > 0; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var entry = new GptEntry(entries.AsSpan(i * table.EntrySize, table.EntrySize));
            Guid type = entry.PartitionTypeGuid;
            if (type == Guid.Empty)
            {
                continue;
            }
            string name = "gpt" + (i + 1).ToString(CultureInfo.InvariantCulture);
            if (entry.EndingLba < entry.StartingLba)
            {
                layout.Report("range", name + " ends before it begins and is left out", null, true, "at least sector " + Text(entry.StartingLba), Text(entry.EndingLba));
                continue;
            }
            string label = Label(entry.PartitionName);
            string unique = entry.UniquePartitionGuid.ToString();
            ulong sectors = entry.EndingLba - entry.StartingLba;
            layout.Add(name, entry.StartingLba, sectors == ulong.MaxValue ? sectors : sectors + 1, volume => volume with
            {
                TypeId = type.ToString(),
                TypeName = PartitionTypes.Name(type),
                Label = label.Length == 0 ? null : label,
                Uuid = unique,
            });
        }
        layout.ReportOverlaps();
        return new VolumeSystem("gpt", table.SectorSize, table.DiskGuid.ToString(), layout.Volumes);
    }

    private static string Label(ReadOnlySpan<byte> name)
    {
        string text = Encoding.Unicode.GetString(name);
        int end = text.IndexOf('\0', StringComparison.Ordinal);
        return PathText.FromText(end < 0 ? text : text[..end]);
    }

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
}
