using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vhdx;

/// <summary>Replays the log of an image that was not closed, in memory; the file is never written. [MS-VHDX] 2.3.</summary>
internal static class VhdxLog
{
    /// <summary>The longest log that is replayed; Hyper-V makes one of 1 MiB.</summary>
    private const uint MaxLength = 64 << 20;
    private const uint Unit = 1 << 20;

    /// <summary>The file as it is after the replay, and what was done, for <c>info</c>. Without a log, or when it cannot be used, the file itself.</summary>
    public static (IByteSource File, string State) Replay(IByteSource source, in VhdxHeader header, IDiagnosticSink diagnostics)
    {
        if (header.LogGuid == Guid.Empty)
        {
            return (source, "empty");
        }
        string? refusal = header.LogVersion != 0 ? "it has version " + header.LogVersion.ToString(CultureInfo.InvariantCulture)
            : header.LogLength > MaxLength ? "it is longer than 64 MiB"
            : header.LogLength == 0 || header.LogLength % Unit != 0 || header.LogOffset < Unit || header.LogOffset % Unit != 0 ? "its place in the header is none where a log can be"
            : header.LogOffset > (ulong)source.Length || header.LogLength > (ulong)source.Length - header.LogOffset ? "it lies past the end of the image file"
            : null;
        if (refusal is null)
        {
            byte[] log = source.ReadArray((long)header.LogOffset, (int)header.LogLength);
            IReadOnlyList<int> entries = log.Length == header.LogLength ? VhdxLogSequence.Find(log, header.LogGuid) : [];
            if (entries.Count > 0)
            {
                return (Apply(source, log, entries, diagnostics), string.Create(CultureInfo.InvariantCulture, $"replayed in memory ({entries.Count} entries)"));
            }
            refusal = "it has no complete sequence of entries";
        }
        diagnostics.Report(new Diagnostic("vhdx.log.unusable", "the log of the image cannot be replayed, " + refusal + "; the image is read as it was before, and its last changes are missing")
        {
            Offset = header.LogOffset <= long.MaxValue ? (long)header.LogOffset : null,
            LosesContent = true,
        });
        return (source, "not replayed");
    }

    private static VhdxOverlay Apply(IByteSource source, byte[] log, IReadOnlyList<int> entries, IDiagnosticSink diagnostics)
    {
        var writes = new List<VhdxLogWrite>();
        ulong length = 0;
        ulong flushed = 0;
        foreach (int sector in entries)
        {
            var entry = new VhdxLogEntry(VhdxLogSequence.Bytes(log, sector));
            length = Math.Max(length, entry.LastFileOffset);
            flushed = Math.Max(flushed, entry.FlushedFileOffset);
            int data = sector + entry.DescriptorSectors;
            for (int i = 0; i < entry.DescriptorCount; i++)
            {
                VhdxLogDescriptor descriptor = entry.Descriptor(i);
                int place = -1;
                if (descriptor.IsData)
                {
                    place = data++ * VhdxLogEntry.SectorSize % log.Length;
                    // The ends of a data sector bear its mark in the log; what belongs there is kept in the descriptor.
                    descriptor.LeadingBytes.CopyTo(log.AsSpan(place));
                    descriptor.TrailingBytes.CopyTo(log.AsSpan(place + VhdxLogEntry.SectorSize - 4));
                }
                if (descriptor.Length > 0)
                {
                    writes.Add(new VhdxLogWrite((long)descriptor.FileOffset, (long)descriptor.Length, place));
                }
            }
        }
        if (flushed > (ulong)source.Length)
        {
            diagnostics.Report(new Diagnostic("vhdx.file.cut", "the image file is shorter than it was when its log was written")
            {
                Offset = source.Length,
                Expected = "at least " + flushed.ToString(CultureInfo.InvariantCulture) + " bytes",
                Actual = source.Length.ToString(CultureInfo.InvariantCulture) + " bytes",
                LosesContent = true,
            });
        }
        diagnostics.Report(new Diagnostic("vhdx.log.replayed", string.Create(CultureInfo.InvariantCulture,
            $"the image was not closed; {entries.Count} entries of its log are applied in memory")));
        return new VhdxOverlay(source, (long)Math.Min(length, long.MaxValue), log, writes);
    }
}
