using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Tests.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows.Registry;

/// <summary>Whom a host trusts: certificates of the stores, policies of Remote Desktop, keys of OpenSSH.</summary>
public sealed class TrustHiveTests
{
    private const string Store = @"Microsoft\SystemCertificates\Root\Certificates\";

    [Fact]
    public void Certificates_of_the_machine_of_policies_and_of_users_are_facts()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Example Root, O=Example", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), DateTimeOffset.FromUnixTimeSeconds(1_900_000_000));
        byte[] blob = [.. Property(11, Encoding.Unicode.GetBytes("Mine\0")), .. Property(3, new byte[20]), .. Property(32, certificate.RawData)];
        var hive = new RegistryHiveWriter();
        hive.Key(Store + certificate.Thumbprint).Binary("Blob", blob);
        hive.Key(@"Policies\" + Store + certificate.Thumbprint).Binary("Blob", blob);
        var user = new RegistryHiveWriter();
        user.Key(@"Software\" + Store + certificate.Thumbprint).Binary("Blob", blob);

        StoredCertificate[] found = [.. HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).Artifacts.Concat(HiveInput.Parse(new UserHiveParser(), "/Users/alice/NTUSER.DAT", user).Artifacts).OfType<StoredCertificate>()];

        Assert.Equal([(false, (string?)null), (true, null), (false, "alice")], found.Select(one => (one.IsPolicy, one.User)));
        Assert.All(found, one => Assert.Equal(("Root", certificate.Thumbprint, certificate.Thumbprint, "CN=Example Root, O=Example", "Mine", true, true), (one.Store, one.Thumbprint, one.KeyName, one.Subject, one.FriendlyName, one.IsSelfIssued, one.IsAuthority)));
        Assert.Equal(new Timestamp(1_700_000_000, 0), found[0].NotBefore);
        Assert.Equal(@"HKU\alice\Software\" + Store + certificate.Thumbprint, found[2].KeyPath);
    }

    [Fact]
    public void What_is_no_certificate_is_reported()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(Store + "01").Binary("Blob", Property(32, [0x30, 0x82, 0xFF, 0xFF]));
        hive.Key(Store + "02").Binary("Blob", [32, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
        hive.Key(Store + "03").Binary("Blob", []);

        ArtifactList found = HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive);

        Assert.Empty(found.Artifacts.OfType<StoredCertificate>());
        Assert.Equal(["windows.certificate.damaged", "windows.certificate.property", "windows.certificate.missing", "windows.certificate.missing"], found.Diagnostics.Select(one => one.Code));
    }

    [Fact]
    public void Policies_of_remote_desktop_are_settings()
    {
        var hive = new RegistryHiveWriter();
        hive.Key(@"Policies\Microsoft\Windows NT\Terminal Services").Number("Shadow", 2).Number("fDenyTSConnections", 0);

        RemoteDesktopSetting found = Assert.Single(HiveInput.Parse(new SoftwareHiveParser(), "/Windows/System32/config/SOFTWARE", hive).Artifacts.OfType<RemoteDesktopSetting>());

        Assert.Equal((true, 2L, false, (bool?)null), (found.IsPolicy, found.Shadow, found.DeniesConnections, found.NeedsNetworkAuthentication));
    }

    [Fact]
    public void Keys_and_settings_of_openssh_are_those_of_linux()
    {
        const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl alice@laptop\r\n";
        foreach (byte[] content in (byte[][])[Encoding.UTF8.GetBytes(Key), [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Key)], [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Key)]])
        {
            var keys = new ArtifactList();
            new WindowsAuthorizedKeysParser().Parse(WindowsInput.Of("/ProgramData/ssh/administrators_authorized_keys", content), keys);
            Assert.Equal(("ssh-ed25519", "alice@laptop", 1), Assert.IsType<AuthorizedKey>(Assert.Single(keys.Artifacts)) is var key ? (key.KeyType, key.Comment, key.Location.Line) : default);
        }
        var options = new ArtifactList();
        new WindowsSshServerConfigParser().Parse(WindowsInput.Of("/ProgramData/ssh/sshd_config", "#Port 22\r\nSubsystem\tsftp\tsftp-server.exe\r\n"u8.ToArray()), options);
        Assert.Equal(("Subsystem", "sftp sftp-server.exe"), Assert.IsType<SshServerOption>(Assert.Single(options.Artifacts)) is var option ? (option.Keyword, string.Join(' ', option.Arguments)) : default);
    }

    private static byte[] Property(uint number, byte[] content)
    {
        var header = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(header, number);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), (uint)content.Length);
        return [.. header, .. content];
    }
}
