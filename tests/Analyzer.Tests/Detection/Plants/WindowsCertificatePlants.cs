using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Forensics.Analyzer.Risk;
using Forensics.Parsers.Tests.Formats.Registry;
using static Forensics.Analyzer.Tests.Detection.WindowsStockHives;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Certificates that Windows is told to trust or to distrust.</summary>
internal static class WindowsCertificatePlants
{
    private const string Id = "W-ROOTCERT";
    private const string Stores = @"Microsoft\SystemCertificates\";

    public static IReadOnlyList<Plant> All { get; } =
    [
        .. new Plant[]
        {
            new(Id, "loud-scanner-distrusted", PlantKind.Loud, tree => Hives(tree, software: hive => Put(hive, Stores + "Disallowed", "CN=AVAST Software s.r.o., O=AVAST Software s.r.o., C=CZ", isAuthority: false))) { Rule = "scanner-distrusted" },
            new(Id, "quiet-root", PlantKind.Quiet, tree => Hives(tree, software: hive => Put(hive, Stores + "Root", "CN=Global Secure Validation, O=GSV"))) { Rule = "unknown", AtLeast = Severity.Medium, Entries = [Software] },
            new(Id, "quiet-root-of-user", PlantKind.Quiet, tree => Hives(tree, user: hive => Put(hive, @"Software\" + Stores + "Root", "CN=Microsoft Root Certificate Authority 2011, O=Microsoft Corporation"))) { Rule = "unknown", AtLeast = Severity.Medium, Entries = [User] },
            new(Id, "quiet-leaked-key", PlantKind.Quiet, tree => Hives(tree, software: hive => Put(hive, Stores + "Root", "CN=eDellRoot"))) { Rule = "leaked-key", Entries = [Software] },
            new(Id, "quiet-under-another-thumbprint", PlantKind.Quiet, tree => Hives(tree, software: hive => Put(hive, Stores + "AuthRoot", "CN=Validation 2", keyName: "CDD4EEAE6000AC7F40C3802C171E30148030C072"))) { Rule = "wrong-thumbprint", Entries = [Software] },
            new(Id, "dormant-root", PlantKind.Dormant, tree => Hives(tree, software: hive =>
            {
                Put(hive, Stores + "Root", "CN=Global Secure Validation, O=GSV");
                Put(hive, Stores + "Disallowed", "CN=Global Secure Validation, O=GSV");
            })) { TwinOf = "quiet-root" },
            new(Id, "benign-proxies-and-tools", PlantKind.Benign, tree => Hives(tree, software: hive =>
            {
                Put(hive, Stores + "Root", "CN=Example-CA, DC=example, DC=com");
                Put(hive, Stores + "Root", "CN=Zscaler Root CA, O=Zscaler Inc.");
                Put(hive, Stores + "Root", "CN=localhost", isAuthority: false);
                Put(hive, Stores + "Root", "CN=WMSvc-SHA2-WS01", isAuthority: false);
                Put(hive, @"Policies\Microsoft\SystemCertificates\Root", "CN=Contoso Trust");
                Put(hive, Stores + "AuthRoot", "CN=Programme Root 7");
                Put(hive, Stores + "CA", "CN=Some Intermediate");
                Put(hive, Stores + "Disallowed", "CN=addons.mozilla.org, O=Google Inc", isAuthority: false);
                hive.Key(Stores + @"Root\Certificates\0000").Binary("Blob", [32, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 127]);
                foreach (X509Certificate2 shipped in Shipped())
                {
                    Store(hive, Stores + "Root", shipped.Thumbprint, shipped.RawData);
                }
            }, user: hive => Put(hive, @"Software\" + Stores + "Root", @"CN=""mkcert WS01\alice@WS01"", O=mkcert development CA"))),
        }.Select(plant => plant with { Host = PlantHost.Windows }),
    ];

    /// <summary>Roots of Microsoft, as carried in <c>signatures/certificates</c>.</summary>
    private static X509Certificate2Collection Shipped()
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(Path.Combine(AppContext.BaseDirectory, "signatures", "certificates", "microsoft.pem"));
        return all;
    }

    private static void Put(RegistryHiveWriter hive, string store, string subject, bool isAuthority = true, string? keyName = null)
    {
        // The generator of the curve is a key like any other, and always the same.
        var point = new ECPoint { X = Convert.FromHexString("6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"), Y = Convert.FromHexString("4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5") };
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        using X509Certificate2 certificate = request.Create(request.SubjectName, new Unrandom(), DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), DateTimeOffset.FromUnixTimeSeconds(2_000_000_000), [1, 2, 3]);
        Store(hive, store, keyName ?? certificate.Thumbprint, certificate.RawData);
    }

    private static void Store(RegistryHiveWriter hive, string store, string name, byte[] certificate) =>
        hive.Key(store + @"\Certificates\" + name).Binary("Blob", [.. Property(11, Encoding.Unicode.GetBytes("Friendly\0")), .. Property(32, certificate)]);

    private static byte[] Property(uint number, byte[] content)
    {
        var header = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(header, number);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), (uint)content.Length);
        return [.. header, .. content];
    }

    /// <summary>No signature at all: what is stored is not verified, and the same subject has to give the same thumbprint.</summary>
    private sealed class Unrandom : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => [0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01];

        protected override PublicKey BuildPublicKey() => throw new NotSupportedException();
    }
}
