using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Examiners;

/// <summary>Reads what the headers of a Windows program say, and whether it has the words of a miner in it.</summary>
internal sealed class PeExaminer(PoolList pools) : Examiner
{
    public override string Name => "pe";

    public override bool Wants(in ExaminedContent content) => content.Kind == ContentKind.Pe;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        if (PeFile.TryRead(content.Bytes, out PeFile file))
        {
            // What its vendor signed is not searched for words: that costs passes over the content.
            EmbeddedText? text = file.HasSignature && content.StartedBy is null ? null : EmbeddedText.Find(content.Bytes, pools);
            sink.Add(new WindowsProgramFacts(content.Location, file)
            {
                Pools = text?.Pools ?? [], PoolAddresses = text?.Addresses ?? [], HasWallet = text?.HasWallet == true, MinerWords = text?.Words ?? [],
            });
        }
    }
}
