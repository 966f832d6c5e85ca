using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Examiners;

/// <summary>Reads what the headers of a Windows program say.</summary>
internal sealed class PeExaminer : Examiner
{
    public override string Name => "pe";

    public override bool Wants(in ExaminedContent content) => content.Kind == ContentKind.Pe;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        if (PeFile.TryRead(content.Bytes, out PeFile file))
        {
            sink.Add(new WindowsProgramFacts(content.Location, file));
        }
    }
}
