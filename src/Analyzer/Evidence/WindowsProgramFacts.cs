using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Formats.Authenticode;
using Forensics.Parsers.Formats.Pe;

namespace Forensics.Analyzer.Evidence;

/// <summary>Facts from the headers of a Windows program, wherever it lies.</summary>
public sealed record WindowsProgramFacts(EvidenceLocation Location, PeFile File) : Artifact(Location)
{
    private const double PackedBits = 7.2;

    /// <inheritdoc/>
    public override string Kind => "windows-program";

    /// <summary>Its code is noise or its sections bear the names of a packer.</summary>
    public bool IsPacked => File.Sections.Any(section => section.Name is "UPX0" or "UPX1" or ".aspack" or ".vmp0" or ".themida" || (section.RawSize > 4096 && section.Name is ".text" or "CODE" && section.Entropy >= PackedBits));

    /// <summary>The signature that counts: its own, or that of a catalog of its host which holds its digest.</summary>
    public CodeSignature Signature { get; init; } = CodeSignature.None;
    /// <summary>SHA-1 of the image as catalogs state it, lower-case hex; null when its own signature is good.</summary>
    public string? ImageSha1 { get; init; }
    /// <summary>SHA-256 of the image as catalogs state it, lower-case hex; null when its own signature is good.</summary>
    public string? ImageSha256 { get; init; }
    /// <summary>The catalogs of its host were read and hold digests: that none holds its own means something.</summary>
    public bool AreCatalogsKnown { get; init; }

    /// <summary>It is as somebody signed it whose certificate leads to a known root.</summary>
    public bool IsSigned => Signature.IsGood;

    /// <summary>Mining pools named with a port, at most 16.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];
    /// <summary>Addresses with the scheme of mining pools, at most 16.</summary>
    public IReadOnlyList<string> PoolAddresses { get; init; } = [];
    /// <summary>A Monero wallet stands in it.</summary>
    public bool HasWallet { get; init; }
    /// <summary>Words of miners in it: algorithms, options, messages.</summary>
    public IReadOnlyList<string> MinerWords { get; init; } = [];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("machine", File.Machine);
        fields.Flag("isLibrary", File.IsLibrary);
        fields.Flag("isPacked", IsPacked);
        fields.Flag("hasSignature", File.HasSignature);
        fields.Text("signature", Signature.Word);
        fields.Text("signer", Signature.Signer?.Subject);
        fields.Text("signatureProblem", Signature.Problem);
        fields.Time("signingTime", Signature.SigningTime is { } time ? Forensics.Parsers.Timestamp.From(time) : null);
        fields.Text("catalog", Signature.Catalog);
        fields.Flag("signedByMicrosoft", Signature.IsMicrosoft);
        fields.Text("company", File.Version?.CompanyName);
        fields.Text("product", File.Version?.ProductName);
        fields.Text("fileVersion", File.Version?.FixedFileVersion ?? File.Version?.FileVersion);
        fields.Text("internalName", File.Version?.InternalName);
        fields.Text("impHash", File.ImpHash);
        fields.Text("symbolPath", File.SymbolPath);
        fields.List("tellingImports", File.TellingImports);
        fields.Text("originalName", File.OriginalName);
        fields.Number("overlayBytes", File.OverlayBytes);
        fields.List("sections", [.. File.Sections.Select(section => section.Name)]);
        fields.List("imports", File.Imports);
        fields.List("pools", Pools);
        fields.List("poolAddresses", PoolAddresses);
        fields.Flag("hasWallet", HasWallet);
        fields.List("minerWords", MinerWords);
    }
}
