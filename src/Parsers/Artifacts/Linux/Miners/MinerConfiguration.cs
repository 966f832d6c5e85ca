namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a file of settings says that only programs for mining cryptocurrency ask for.</summary>
public sealed record MinerConfiguration(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "miner-configuration";
    /// <summary>Settings whose names hardly any other program has, sorted: <c>donate-level</c>, <c>randomx</c>.</summary>
    public required IReadOnlyList<string> SpecificKeys { get; init; }
    /// <summary>Settings that miners have and other programs too, sorted: <c>pools</c>, <c>user</c>.</summary>
    public required IReadOnlyList<string> CommonKeys { get; init; }
    /// <summary>Addresses of pools as stated, at most 16.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];
    /// <summary>Accounts or wallets at the pools, at most 16.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];
    /// <summary>Algorithm or coin; null when none is stated.</summary>
    public string? Algorithm { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.List("specificKeys", SpecificKeys);
        fields.List("commonKeys", CommonKeys);
        fields.List("pools", Pools);
        fields.List("users", Users);
        fields.Text("algorithm", Algorithm);
    }
}
