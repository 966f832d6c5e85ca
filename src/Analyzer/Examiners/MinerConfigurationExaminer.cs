using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Examiners;

/// <summary>Recognises the settings of a miner in any text that is looked into, whatever its name.</summary>
internal sealed class MinerConfigurationExaminer : Examiner
{
    private const int MaximumBytes = 256 << 10;

    public override string Name => "miner-configuration";

    public override bool Wants(in ExaminedContent content) =>
        content.Kind is ContentKind.Text or ContentKind.Binary or ContentKind.Script && content.Bytes.Length is > 16 and <= MaximumBytes && (content.Bytes.IndexOf("pool"u8) >= 0 || content.Bytes.IndexOf("stratum"u8) >= 0 || content.Bytes.IndexOf("\"url\""u8) >= 0 || content.Bytes.IndexOf("donate-level"u8) >= 0);

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        if (MinerConfigurationReader.TryRead(content.Bytes, content.Location, out MinerConfiguration configuration))
        {
            sink.Add(configuration);
        }
    }
}
