using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A certificate in a store of Windows: what the machine, a policy or a user trusts or distrusts. Serialised stores: [MS-GPEF] 2.2.1.2.2.</summary>
/// <remarks><b>Limitations:</b> stores of services and lists (CTL) are not read; no signature is verified.</remarks>
public sealed record StoredCertificate(EvidenceLocation Location) : Artifact(Location)
{
    private const int HeaderSize = 12;
    private const uint CertificateProperty = 32;
    private const uint FriendlyNameProperty = 11;
    private const int LongestCertificate = 65536;
    private const int MostCertificates = 2000;
    private static readonly string[] s_stores = ["Root", "AuthRoot", "CA", "TrustedPublisher", "TrustedPeople", "Disallowed"];

    /// <inheritdoc/>
    public override string Kind => "stored-certificate";
    /// <summary>Store: <c>Root</c>, <c>AuthRoot</c>, <c>CA</c>, <c>TrustedPublisher</c>, <c>TrustedPeople</c>, <c>Disallowed</c>.</summary>
    public required string Store { get; init; }
    /// <summary>SHA-1 of the certificate, upper-case hexadecimal digits.</summary>
    public required string Thumbprint { get; init; }
    /// <summary>Name of its key, which should be the thumbprint.</summary>
    public required string KeyName { get; init; }
    /// <summary>Whom it names.</summary>
    public required string Subject { get; init; }
    /// <summary>Who issued it.</summary>
    public required string Issuer { get; init; }
    /// <summary>Subject and issuer are the same.</summary>
    public bool IsSelfIssued { get; init; }
    /// <summary>It may issue others, or is too old to say.</summary>
    public bool IsAuthority { get; init; }
    /// <summary>Begin of its validity.</summary>
    public Timestamp? NotBefore { get; init; }
    /// <summary>End of its validity.</summary>
    public Timestamp? NotAfter { get; init; }
    /// <summary>Name that Windows shows.</summary>
    public string? FriendlyName { get; init; }
    /// <summary>Set by policy.</summary>
    public bool IsPolicy { get; init; }
    /// <summary>User whose store it is in; null for that of the machine.</summary>
    public string? User { get; init; }
    /// <summary>Key, from <c>HKLM</c> or <c>HKU</c> on.</summary>
    public required string KeyPath { get; init; }
    /// <summary>Last write of the key.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("store", Store);
        fields.Text("thumbprint", Thumbprint);
        fields.Text("keyName", KeyName);
        fields.Text("subject", Subject);
        fields.Text("issuer", Issuer);
        fields.Flag("isSelfIssued", IsSelfIssued);
        fields.Flag("isAuthority", IsAuthority);
        fields.Time("notBefore", NotBefore);
        fields.Time("notAfter", NotAfter);
        fields.Text("friendlyName", FriendlyName);
        fields.Flag("isPolicy", IsPolicy);
        fields.Text("user", User);
        fields.Text("keyPath", KeyPath);
        fields.Time("lastWritten", LastWritten);
    }

    /// <summary>Reads the stores of the machine and of its policies below SOFTWARE.</summary>
    internal static void ReadMachine(HiveFacts facts)
    {
        Read(facts, @"Microsoft\SystemCertificates", @"HKLM\SOFTWARE\", isPolicy: false);
        Read(facts, @"Microsoft\EnterpriseCertificates", @"HKLM\SOFTWARE\", isPolicy: true);
        Read(facts, @"Policies\Microsoft\SystemCertificates", @"HKLM\SOFTWARE\", isPolicy: true);
    }

    /// <summary>Reads the stores of a user.</summary>
    internal static void ReadUser(HiveFacts facts, string root)
    {
        Read(facts, @"Software\Microsoft\SystemCertificates", root + "\\", isPolicy: false);
        Read(facts, @"Software\Policies\Microsoft\SystemCertificates", root + "\\", isPolicy: true);
    }

    private static void Read(HiveFacts facts, string path, string root, bool isPolicy)
    {
        if (facts.Hive.Find(path) is not { } stores)
        {
            return;
        }
        foreach (string store in s_stores)
        {
            int left = MostCertificates;
            foreach (RegistryKey key in stores.Find(store + @"\Certificates")?.Subkeys() ?? [])
            {
                if (--left < 0)
                {
                    facts.Report(new Diagnostic("windows.certificate.count", $"more than {MostCertificates} certificates in the store {store}; the others are not read") { Offset = key.FileOffset, LosesContent = true });
                    break;
                }
                if (key.FindValue("Blob") is { } value && Parse(facts, value, store, key, root + path, isPolicy) is { } certificate)
                {
                    facts.Add(certificate);
                }
            }
        }
    }

    private static StoredCertificate? Parse(HiveFacts facts, RegistryValue value, string store, RegistryKey key, string path, bool isPolicy)
    {
        ReadOnlySpan<byte> encoded = default;
        string? name = null;
        ReadOnlySpan<byte> rest = value.Data().Span;
        // Each property: number, a word that is 1, length, content.
        while (rest.Length >= HeaderSize)
        {
            uint property = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
            if (length > rest.Length - HeaderSize)
            {
                facts.Report(new Diagnostic("windows.certificate.property", "a property is longer than what is left") { Offset = value.FileOffset, Expected = $"at most {rest.Length - HeaderSize} bytes", Actual = $"{length} bytes" });
                break;
            }
            ReadOnlySpan<byte> content = rest.Slice(HeaderSize, (int)length);
            if (property == CertificateProperty)
            {
                encoded = content;
            }
            else if (property == FriendlyNameProperty && content.Length <= 1024)
            {
                name = Encoding.Unicode.GetString(content).TrimEnd('\0');
            }
            rest = rest[(HeaderSize + (int)length)..];
        }
        if (encoded.Length is 0 or > LongestCertificate)
        {
            facts.Report(new Diagnostic("windows.certificate.missing", "there is no certificate in the entry of a store, or one that is too long") { Offset = value.FileOffset });
            return null;
        }
        try
        {
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(encoded);
            return new StoredCertificate(facts.At(key))
            {
                Store = store,
                Thumbprint = certificate.Thumbprint,
                KeyName = key.Name,
                Subject = certificate.Subject,
                Issuer = certificate.Issuer,
                IsSelfIssued = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData),
                IsAuthority = certificate.Version < 3 || certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority),
                NotBefore = Timestamp.From(new DateTimeOffset(certificate.NotBefore.ToUniversalTime(), TimeSpan.Zero)),
                NotAfter = Timestamp.From(new DateTimeOffset(certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero)),
                FriendlyName = string.IsNullOrEmpty(name) ? null : name,
                IsPolicy = isPolicy,
                User = facts.User,
                KeyPath = path + "\\" + store + @"\Certificates\" + key.Name,
                LastWritten = key.LastWritten,
            };
        }
        catch (CryptographicException)
        {
            facts.Report(new Diagnostic("windows.certificate.damaged", "the certificate of a store cannot be read") { Offset = value.FileOffset });
            return null;
        }
    }
}
