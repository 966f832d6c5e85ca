using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Forensics.Parsers.Formats.Authenticode;
using Forensics.Parsers.Tests.Images;

namespace Forensics.Parsers.Tests.Formats.Authenticode;

/// <summary>An authority of our own with signers and a time-stamp authority; signs with osslsigncode, an independent implementation.</summary>
public sealed class SigningLab : IDisposable
{
    public static readonly DateTimeOffset Begin = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset End = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private readonly TempFolder _folder = new();
    private readonly RSA _rootKey = RSA.Create(2048);
    private readonly RSA _middleKey = RSA.Create(2048);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _middle;
    private int _files;

    public SigningLab()
    {
        _root = Authority("CN=Lab Root,O=Lab", _rootKey, null, _rootKey);
        _middle = Authority("CN=Lab Issuing,O=Lab", _middleKey, _root, _rootKey);
        Signer("rsa", "CN=Lab Signer,O=Lab Software", RSA.Create(2048), CodeSigning, Begin, End);
        Signer("ecdsa", "CN=Lab Curve,O=Lab Software", ECDsa.Create(ECCurve.NamedCurves.nistP256), CodeSigning, Begin, End);
        Signer("server", "CN=www.example.org,O=Lab Software", RSA.Create(2048), "1.3.6.1.5.5.7.3.1", Begin, End);
        Signer("short", "CN=Lab Short,O=Lab Software", RSA.Create(2048), CodeSigning, Begin, Begin.AddDays(30));
        Signer("msft", "CN=Lab Windows,O=Microsoft Corporation", RSA.Create(2048), CodeSigning, Begin, End);
        Signer("tsa", "CN=Lab Time,O=Lab", RSA.Create(2048), TimeStamping, Begin, End);
    }

    public AuthenticodeVerifier Verifier(bool knowsRoot = true, bool rootIsMicrosoft = false)
    {
        var roots = new TrustedRoots();
        if (knowsRoot)
        {
            roots.AddPem(_root.ExportCertificatePem(), forCode: true, forTime: true, rootIsMicrosoft);
        }
        return new AuthenticodeVerifier(roots);
    }

    /// <summary>Signs with osslsigncode and returns the file.</summary>
    public byte[] Sign(byte[] program, string signer, string digest, params string[] more)
    {
        string suffix = program.AsSpan().StartsWith("MZ"u8) ? ".exe" : ".cat";
        string input = _folder.Write($"in{++_files}{suffix}", program);
        string output = _folder.File($"out{_files}{suffix}");
        TestTools.Run("osslsigncode", ["sign", "-certs", _folder.File(signer + ".pem"), "-key", _folder.File(signer + ".key"), "-h", digest, .. more, "-in", input, "-out", output]);
        return File.ReadAllBytes(output);
    }

    public string[] Stamp(DateTimeOffset time) =>
        ["-TSA-certs", _folder.File("tsa.pem"), "-TSA-key", _folder.File("tsa.key"), "-TSA-time", time.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture)];

    /// <summary>What osslsigncode says of a file with our root: whether it verifies.</summary>
    public (bool IsGood, string Output) OsslVerify(byte[] program, byte[]? catalog = null)
    {
        File.WriteAllText(_folder.File("root.pem"), _root.ExportCertificatePem());
        (int code, string output, string error) = TestTools.TryRun("osslsigncode", ["verify", "-CAfile", _folder.File("root.pem"), "-TSA-CAfile", _folder.File("root.pem"), "-ignore-crl", "-time",
            Begin.AddDays(100).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), .. catalog is null ? (string[])[] : ["-catalog", _folder.Write($"verify{++_files}.cat", catalog)], _folder.Write($"verify{++_files}.bin", program)]);
        return (code == 0, output + error);
    }

    /// <summary>A signed catalog over digests, as <c>inf2cat</c> lays one out.</summary>
    /// <param name="digests">20 or 32 bytes each.</param>
    /// <param name="asText">Members are named by hex text (first version) or by bytes (second).</param>
    /// <param name="signer">Whose key signs.</param>
    public byte[] Catalog(IEnumerable<byte[]> digests, bool asText, string signer = "rsa")
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        var context = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.7.2");
            using AsnWriter.Scope message = writer.PushSequence(context);
            using AsnWriter.Scope signed = writer.PushSequence();
            writer.WriteInteger(1);
            using (writer.PushSetOf())
            {
            }
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.6.1.4.1.311.10.1");
                using AsnWriter.Scope content = writer.PushSequence(context);
                List(writer, digests, asText);
            }
            using (writer.PushSetOf())
            {
            }
        }
        // Nobody has signed it yet; osslsigncode does.
        return Sign(writer.Encode(), signer, "sha256");
    }

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
        _middle.Dispose();
        _rootKey.Dispose();
        _middleKey.Dispose();
    }

    private static void List(AsnWriter writer, IEnumerable<byte[]> digests, bool asText)
    {
        using AsnWriter.Scope list = writer.PushSequence();
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.4.1.311.12.1.1");
        }
        writer.WriteOctetString(new byte[16]);
        writer.WriteUtcTime(Begin);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(asText ? "1.3.6.1.4.1.311.12.1.2" : "1.3.6.1.4.1.311.12.1.3");
            writer.WriteNull();
        }
        using AsnWriter.Scope members = writer.PushSequence();
        foreach (byte[] digest in digests)
        {
            Member(writer, digest, asText);
        }
    }

    private static void Member(AsnWriter writer, byte[] digest, bool asText)
    {
        using AsnWriter.Scope member = writer.PushSequence();
        writer.WriteOctetString(asText ? Encoding.Unicode.GetBytes(Convert.ToHexString(digest) + "\0") : digest);
        using AsnWriter.Scope attributes = writer.PushSetOf();
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.4.1.311.12.2.1");
            using (writer.PushSetOf())
            {
                writer.WriteNull();
            }
        }
        using AsnWriter.Scope attribute = writer.PushSequence();
        writer.WriteObjectIdentifier("1.3.6.1.4.1.311.2.1.4");
        using AsnWriter.Scope values = writer.PushSetOf();
        using AsnWriter.Scope indirect = writer.PushSequence();
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.4.1.311.2.1.15");
            // SpcPeImageData: no flags, an empty name of the file.
            writer.WriteEncodedValue([0x30, 0x09, 0x03, 0x01, 0x00, 0xA0, 0x04, 0xA2, 0x02, 0x80, 0x00]);
        }
        using AsnWriter.Scope info = writer.PushSequence();
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(digest.Length == 20 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1");
            writer.WriteNull();
        }
        writer.WriteOctetString(digest);
    }

    private static X509Certificate2 Authority(string name, RSA key, X509Certificate2? issuer, RSA issuerKey)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return issuer is null ? request.CreateSelfSigned(Begin, End)
            : request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForRSA(issuerKey, RSASignaturePadding.Pkcs1), Begin, End, [2]);
    }

    private void Signer(string file, string name, AsymmetricAlgorithm key, string usage, DateTimeOffset from, DateTimeOffset to)
    {
        CertificateRequest request = key is RSA rsa ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        using X509Certificate2 certificate = request.Create(_middle.SubjectName, X509SignatureGenerator.CreateForRSA(_middleKey, RSASignaturePadding.Pkcs1), from, to, Encoding.ASCII.GetBytes("1" + file));
        File.WriteAllText(_folder.File(file + ".pem"), certificate.ExportCertificatePem() + "\n" + _middle.ExportCertificatePem() + "\n");
        File.WriteAllText(_folder.File(file + ".key"), key.ExportPkcs8PrivateKeyPem());
        key.Dispose();
    }
}
