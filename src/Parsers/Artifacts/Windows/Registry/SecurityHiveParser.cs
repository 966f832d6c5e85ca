using System.Buffers.Binary;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>What the local security authority keeps: audit policy, identifiers of machine and domain, which secrets there are, how many logons of domain accounts are cached. Secrets and hashes themselves are not read.</summary>
/// <remarks><b>Limitations:</b> see <see cref="Windows.AuditPolicy"/>.</remarks>
public sealed record SecurityAuthority(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "security-authority";
    /// <summary>Security identifier of the machine's own accounts.</summary>
    public string? MachineSid { get; init; }
    /// <summary>Security identifier of the domain the machine belongs to; null in a workgroup.</summary>
    public string? DomainSid { get; init; }
    /// <summary>What is audited; null when it could not be read.</summary>
    public IReadOnlyList<string>? Audited { get; init; }
    /// <summary>Subcategories of the audit policy in all; null when it could not be read.</summary>
    public long? AuditSubcategories { get; init; }
    /// <summary>Last change of the audit policy.</summary>
    public Timestamp? AuditChanged { get; init; }
    /// <summary>Names of secrets: <c>_SC_NAME</c> the password of a service's account, <c>DefaultPassword</c> that of an automatic logon, <c>$MACHINE.ACC</c> that of the machine in its domain.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];
    /// <summary>Places for cached logons.</summary>
    public long CachedLogonSlots { get; init; }
    /// <summary>Cached logons.</summary>
    public long CachedLogons { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("machineSid", MachineSid);
        fields.Text("domainSid", DomainSid);
        fields.List("audited", Audited ?? []);
        fields.Number("auditSubcategories", AuditSubcategories);
        fields.Time("auditChanged", AuditChanged);
        fields.List("secrets", Secrets);
        fields.Number("cachedLogonSlots", CachedLogonSlots);
        fields.Number("cachedLogons", CachedLogons);
    }
}

/// <summary>Reads the hive SECURITY. Sources: https://github.com/libyal/winreg-kb (cached credentials, LSA secrets, security policy).</summary>
/// <remarks><b>Limitations:</b> rights of accounts are not read.</remarks>
public sealed class SecurityHiveParser : RegistryHiveParser
{
    private const int MostSecrets = 1024;

    /// <inheritdoc/>
    public override string Name => "windows/security-hive";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/System32/config/SECURITY"];

    private protected override void Read(HiveFacts facts)
    {
        if (facts.Hive.Find("Policy") is not { } policy)
        {
            return;
        }
        RegistryKey? audit = policy.FindSubkey("PolAdtEv");
        AuditPolicy? audited = audit?.FindValue("") is { } value ? AuditPolicy.Decode(value.Data().Span) : null;
        if (audit is not null && audited is null)
        {
            facts.Report(new Diagnostic("windows.audit-policy", "the audit policy has a layout that is not known") { Offset = audit.FileOffset });
        }
        RegistryValue[] slots = [.. (facts.Hive.Find("Cache")?.Values() ?? []).Where(IsSlot)];
        facts.Add(new SecurityAuthority(facts.At(policy))
        {
            MachineSid = Sid(policy, "PolAcDmS"),
            DomainSid = Sid(policy, "PolPrDmS"),
            Audited = audited?.Settings,
            AuditSubcategories = audited?.Count,
            AuditChanged = audit?.LastWritten,
            Secrets = [.. (policy.FindSubkey("Secrets")?.Subkeys() ?? []).Take(MostSecrets).Select(key => key.Name)],
            CachedLogonSlots = slots.Length,
            CachedLogons = slots.Count(IsUsed),
        });
    }

    private static string? Sid(RegistryKey policy, string name) => policy.FindSubkey(name)?.FindValue("") is { } value ? SecurityIdentifier.Text(value.Data().Span) : null;

    // NL$Control and NL$IterationCount stand beside them.
    private static bool IsSlot(RegistryValue value) => value.Name.StartsWith("NL$", StringComparison.OrdinalIgnoreCase) && value.Name.Length > 3 && value.Name.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0;

    // A record begins with the length of the account's name; that of an empty place is zero.
    private static bool IsUsed(RegistryValue value) => value.Data().Span is { Length: >= 2 } data && BinaryPrimitives.ReadUInt16LittleEndian(data) != 0;
}
