using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Examiners;

/// <summary>Recognises ELF files that prelink has rewritten by the section it keeps to undo that (prelink(8)).</summary>
internal sealed class PrelinkExaminer : Examiner
{
    public override string Name => "prelink";

    public override bool Wants(in ExaminedContent content) => content.Kind is ContentKind.ElfExecutable or ContentKind.ElfSharedObject;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        if (ElfFile.TryOpen(content.Bytes, out ElfFile elf) && elf.HasSection(".gnu.prelink_undo"u8))
        {
            sink.Add(new PrelinkedFile(content.Location));
        }
    }
}
