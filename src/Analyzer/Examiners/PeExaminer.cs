using System.Security.Cryptography;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Formats.Authenticode;
using Forensics.Parsers.Formats.Pe;

namespace Forensics.Analyzer.Examiners;

/// <summary>Reads what the headers of a Windows program say, verifies its signature, and looks whether it has the words of a miner in it.</summary>
internal sealed class PeExaminer(PoolList pools, CodeTrust trust) : Examiner
{
    public override string Name => "pe";

    public override bool Wants(in ExaminedContent content) => content.Kind == ContentKind.Pe;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        if (!PeFile.TryRead(content.Bytes, out PeFile file))
        {
            return;
        }
        CodeSignature signature = trust.Verifier.Verify(content.Bytes);
        // Windows signs most of its own programs by catalogs, which hold these digests.
        bool mayBeInCatalog = !signature.IsGood && content.Entry.DosAttributes is not null;
        // What its vendor signed is not searched for words: that costs passes over the content.
        EmbeddedText? text = signature.IsGood && content.StartedBy is null ? null : EmbeddedText.Find(content.Bytes, pools);
        sink.Add(new WindowsProgramFacts(content.Location, file)
        {
            Signature = signature,
            ImageSha1 = mayBeInCatalog ? Hex(PeImageDigest.Of(content.Bytes, HashAlgorithmName.SHA1)) : null,
            ImageSha256 = mayBeInCatalog ? Hex(PeImageDigest.Of(content.Bytes, HashAlgorithmName.SHA256)) : null,
            Pools = text?.Pools ?? [], PoolAddresses = text?.Addresses ?? [], HasWallet = text?.HasWallet == true, MinerWords = text?.Words ?? [],
        });
    }

    private static string? Hex(byte[]? digest) => digest is null ? null : Convert.ToHexStringLower(digest);
}
