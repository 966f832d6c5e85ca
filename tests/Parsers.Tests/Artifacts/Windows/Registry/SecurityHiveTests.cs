using System.Buffers.Binary;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>The hive SECURITY: audit policy, identifiers, names of secrets, cached logons.</summary>
public sealed class SecurityHiveTests
{
    private const string File = "/Windows/System32/config/SECURITY";

    [Fact]
    public void A_hive_of_windows_10()
    {
        ArtifactList found = HiveInput.Parse(new SecurityHiveParser(), File, new MemorySource(global::System.IO.File.ReadAllBytes(SharedImages.Unpack("hives/SECURITY.xz"))));

        var authority = Assert.IsType<SecurityAuthority>(Assert.Single(found.Artifacts));
        // By hivexregedit, and by what Windows 10 audits when nobody changed it.
        Assert.Equal("S-1-5-21-1786693902-1815088602-2777321892", authority.MachineSid);
        Assert.Null(authority.DomainSid);
        Assert.Equal(["DPAPI_SYSTEM", "DefaultPassword", "NL$KM"], authority.Secrets.Order(StringComparer.Ordinal));
        Assert.Equal((10, 0), (authority.CachedLogonSlots, authority.CachedLogons));
        Assert.Equal(59, authority.AuditSubcategories);
        Assert.Equal(
        [
            "System: Security State Change = success", "System: System Integrity = success and failure", "System: Other System Events = success and failure",
            "Logon/Logoff: Logon = success and failure", "Logon/Logoff: Logoff = success", "Logon/Logoff: Account Lockout = success", "Logon/Logoff: Special Logon = success", "Logon/Logoff: Network Policy Server = success and failure",
            "Policy Change: Audit Policy Change = success", "Policy Change: Authentication Policy Change = success",
            "Account Management: User Account Management = success", "Account Management: Security Group Management = success",
        ], authority.Audited!);
    }

    [Fact]
    public void A_member_of_a_domain_with_cached_logons()
    {
        var hive = new RegistryHiveWriter();
        WrittenKey policy = hive.Key("Policy");
        policy.Key("PolAcDmS").Value("", 0, [1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
        policy.Key("PolPrDmS").Value("", 0, [1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0]);
        policy.Key(@"Secrets\_SC_Backup\CurrVal").Value("", 0, [1, 2, 3, 4, 5, 6]);
        policy.Key("PolAdtEv").Value("", 0, Policy([5, 11, 14, 3, 5, 6, 6, 4, 5], (33, 1), (57, 2), (58, 3)));
        hive.Key("Cache").Binary("NL$1", [10, 0, 8, 0, 1, 1, 1, 1]).Binary("NL$2", new byte[96]).Binary("NL$Control", [4, 0, 1, 0, 10, 0, 0, 0]).Number("NL$IterationCount", 10);

        var authority = Assert.IsType<SecurityAuthority>(Assert.Single(HiveInput.Parse(new SecurityHiveParser(), File, hive).Artifacts));

        Assert.Equal(("S-1-5-21-1-2-3", "S-1-5-21-7-8-9"), (authority.MachineSid, authority.DomainSid));
        Assert.Equal(["_SC_Backup"], authority.Secrets);
        Assert.Equal((2, 1), (authority.CachedLogonSlots, authority.CachedLogons));
        Assert.Equal(["Detailed Tracking: Process Creation = success", "Account Logon: Kerberos Authentication Service = failure", "Account Logon: subcategory 5 = success and failure"], authority.Audited!);
    }

    [Fact]
    public void A_policy_of_another_layout_is_told_and_left_out()
    {
        byte[] good = Policy([5, 11, 14, 3, 5, 6, 6, 4, 4]);
        byte[][] strange = [[], new byte[44], good[..^1], [.. good[..8], 0xFF, 0xFF, .. good[10..]], Policy([5, 11, 14, 3, 5, 6, 6, 4, 4], claimed: 0xFFFF), [.. good[..8], 4, 0, .. good[10..]]];

        Assert.NotNull(AuditPolicy.Decode(good));
        foreach (byte[] data in strange)
        {
            Assert.Null(AuditPolicy.Decode(data));
            var hive = new RegistryHiveWriter();
            hive.Key(@"Policy\PolAdtEv").Value("", 0, data);
            ArtifactList found = HiveInput.Parse(new SecurityHiveParser(), File, hive);
            Assert.Null(Assert.IsType<SecurityAuthority>(Assert.Single(found.Artifacts)).Audited);
            Assert.Single(found.Diagnostics, diagnostic => diagnostic.Code == "windows.audit-policy");
        }
    }

    [Fact]
    public void Ten_thousand_random_policies()
    {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++)
        {
            byte[] data = Policy([5, 11, 14, 3, 5, 6, 6, 4, 4]);
            for (int change = random.Next(1, 8); change > 0; change--)
            {
                data[random.Next(data.Length)] = (byte)random.Next(256);
            }
            AuditPolicy? policy = AuditPolicy.Decode(data.AsSpan(0, random.Next(data.Length + 1)));
            Assert.True(policy is null || policy.Settings.Count <= policy.Count);
        }
    }

    // Header, words, one spare word, counts.
    private static byte[] Policy(ushort[] counts, params (int At, ushort Value)[] settings) => Policy(counts, null, settings);

    private static byte[] Policy(ushort[] counts, ushort? claimed, params (int At, ushort Value)[] settings)
    {
        int all = counts.Sum(count => count);
        int end = 12 + all * 2 + 2;
        byte[] data = new byte[end + counts.Length * 2];
        data[1] = 1;
        data[4] = (byte)counts.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(8), (ushort)end);
        foreach ((int at, ushort value) in settings)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(12 + at * 2), value);
        }
        for (int i = 0; i < counts.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(end + i * 2), i == 0 && claimed is { } wrong ? wrong : counts[i]);
        }
        return data;
    }
}
