using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes.Md;

namespace Forensics.Parsers.Volumes;

/// <summary>Finds the partition table of a disk: GPT, MBR, or none.</summary>
/// <remarks>
/// Never throws because of the table, only <see cref="ImageReadException"/> when the image fails.
/// Limitations: one table a disk; a table inside a partition is not looked for. A disk with an MBR that is not protective and a GPT is read by its MBR, as
/// operating systems do; partitions only the GPT names are reported.
/// </remarks>
public static class VolumeProbe
{
    /// <summary>The formats in probe order; the one that matches everything is last.</summary>
    public static IReadOnlyList<IFormat<IVolumeSystem>> Formats { get; } = [new GptFormat(), new MbrFormat(), new NoTable()];

    /// <summary>Opens the volume system of a disk.</summary>
    public static IVolumeSystem Open(IByteSource disk, ParseContext context)
    {
        var gpt = new GptFormat();
        var mbr = new MbrFormat();
        var none = new NoTable();
        if (MdReader.OwnsDisk(disk))
        {
            // What looks like a partition table is that of the array: the member as a whole belongs to it.
            return none.Open(disk, context);
        }
        if (KnownSignatures.FirmwareRaid(disk) is { } raid)
        {
            context.Diagnostics.Report(new Diagnostic("volume.firmware-raid", "the disk is a " + raid + "; it is read as a disk of its own, which is right for a mirror only") { LosesContent = true });
        }
        byte[] header = disk.ReadArray(0, gpt.HeaderSize);
        bool hasMbr = mbr.Matches(header);
        bool isProtective = MbrSector.IsProtective(header);
        if (hasMbr && !isProtective)
        {
            IVolumeSystem volumes = mbr.Open(disk, context);
            if (gpt.Matches(header))
            {
                ReportHiddenByMbr(disk, volumes, context);
            }
            return volumes;
        }
        if (gpt.Matches(header) && GptFormat.TryOpen(disk, context) is { } table)
        {
            if (hasMbr)
            {
                ReportHiddenByGpt(disk, table, mbr, context);
            }
            return table;
        }
        if (isProtective)
        {
            context.Diagnostics.Report(new Diagnostic("gpt.unusable", "the disk has a protective MBR but no GPT that can be used; its partitions are unknown")
            {
                Offset = 512,
                LosesContent = true,
            });
        }
        if (hasMbr)
        {
            return mbr.Open(disk, context);
        }
        if (GptFormat.HasSoundBackup(disk))
        {
            // The start of the disk was wiped: the backup GPT still tells the partitions, unless something was put over them since.
            string? known = KnownSignatures.Identify(disk);
            if (known is null or KnownSignatures.Empty && GptFormat.TryOpen(disk, context) is { } recovered)
            {
                return recovered;
            }
            context.Diagnostics.Report(new Diagnostic("gpt.backup.ignored", "the disk ends with a sound backup GPT but begins as " + known + "; it is read as one volume"));
        }
        return none.Open(disk, context);
    }

    private static void ReportHiddenByMbr(IByteSource disk, IVolumeSystem mbr, ParseContext context)
    {
        if (GptFormat.TryOpen(disk, context with { Diagnostics = NullDiagnosticSink.Instance }) is { } table)
        {
            ReportMissing("mbr.gpt.disagree", "the MBR is not protective and a GPT is there too; the MBR is read", table.Volumes, mbr.Volumes, context);
        }
    }

    private static void ReportHiddenByGpt(IByteSource disk, IVolumeSystem gpt, MbrFormat mbr, ParseContext context)
    {
        var others = new List<Volume>();
        foreach (Volume volume in mbr.Open(disk, context with { Diagnostics = NullDiagnosticSink.Instance }).Volumes)
        {
            if (volume.TypeId != "0xee")
            {
                others.Add(volume);
            }
        }
        if (others.Count > 0)
        {
            ReportMissing("gpt.mbr.hybrid", "the MBR is a hybrid of protective and real partitions; the GPT is read", others, gpt.Volumes, context);
        }
    }

    private static void ReportMissing(string code, string message, IReadOnlyList<Volume> other, IReadOnlyList<Volume> used, ParseContext context)
    {
        var known = new HashSet<long>();
        foreach (Volume volume in used)
        {
            known.Add(volume.Offset);
        }
        Volume? missing = null;
        foreach (Volume volume in other)
        {
            if (!known.Contains(volume.Offset))
            {
                missing = volume;
                break;
            }
        }
        context.Diagnostics.Report(new Diagnostic(code, missing is null ? message : message + ", which does not have " + missing.Identity)
        {
            Offset = missing?.Offset,
            LosesContent = missing is not null,
        });
    }
}
