using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Forensics.Parsers.Formats.Authenticode;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Signs planted programs and catalogs as the tools of Windows do: PKCS #7 over the digest of the image, or over a list of digests. One signer a process.</summary>
internal static class PlantSigner
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private static readonly Asn1Tag s_context = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly RSA s_key = RSA.Create(2048);
    private static readonly RSA s_rootKey = RSA.Create(2048);
    private static readonly X509Certificate2 s_root = Root();
    private static readonly X509Certificate2 s_certificate = Leaf();
    private static readonly Lazy<string> s_rootFile = new(() =>
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("forensics-test-").FullName, "root.pem");
        File.WriteAllText(file, s_root.ExportCertificatePem());
        return file;
    });

    /// <summary>The root as a file for <c>--trusted-roots</c>.</summary>
    public static string RootFile => s_rootFile.Value;

    /// <summary>The program with an embedded signature.</summary>
    public static byte[] Sign(byte[] program)
    {
        var content = new AsnWriter(AsnEncodingRules.DER);
        Indirect(content, PeImageDigest.Of(program, HashAlgorithmName.SHA256)!);
        byte[] message = Message("1.3.6.1.4.1.311.2.1.4", content.Encode());
        int size = 8 + (message.Length + 7) / 8 * 8;
        byte[] file = [.. program, .. new byte[size]];
        int entry = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(60)) + 24 + 112 + 32;
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(entry), program.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(entry + 4), size);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(program.Length), size);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(program.Length + 4), 0x0002_0200);
        message.CopyTo(file, program.Length + 8);
        return file;
    }

    /// <summary>A catalog that holds programs.</summary>
    public static byte[] Catalog(params byte[][] programs)
    {
        var list = new AsnWriter(AsnEncodingRules.DER);
        using (list.PushSequence())
        {
            using (list.PushSequence())
            {
                list.WriteObjectIdentifier("1.3.6.1.4.1.311.12.1.1");
            }
            list.WriteOctetString(new byte[16]);
            list.WriteUtcTime(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
            using (list.PushSequence())
            {
                list.WriteObjectIdentifier("1.3.6.1.4.1.311.12.1.3");
                list.WriteNull();
            }
            using AsnWriter.Scope members = list.PushSequence();
            foreach (byte[] program in programs)
            {
                byte[] digest = PeImageDigest.Of(program, HashAlgorithmName.SHA256)!;
                using AsnWriter.Scope member = list.PushSequence();
                list.WriteOctetString(digest);
                using AsnWriter.Scope attributes = list.PushSetOf();
                using AsnWriter.Scope attribute = list.PushSequence();
                list.WriteObjectIdentifier("1.3.6.1.4.1.311.2.1.4");
                using AsnWriter.Scope values = list.PushSetOf();
                Indirect(list, digest);
            }
        }
        return Message("1.3.6.1.4.1.311.10.1", list.Encode());
    }

    private static void Indirect(AsnWriter writer, byte[] digest)
    {
        using AsnWriter.Scope indirect = writer.PushSequence();
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.3.6.1.4.1.311.2.1.15");
        }
        using AsnWriter.Scope info = writer.PushSequence();
        Algorithm(writer, Sha256);
        writer.WriteOctetString(digest);
    }

    private static void Algorithm(AsnWriter writer, string oid)
    {
        using AsnWriter.Scope algorithm = writer.PushSequence();
        writer.WriteObjectIdentifier(oid);
        writer.WriteNull();
    }

    private static byte[] Message(string type, byte[] content)
    {
        AsnDecoder.ReadSequence(content, AsnEncodingRules.DER, out int offset, out int length, out _);
        byte[] signature = s_key.SignData(content.AsSpan(offset, length).ToArray(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.7.2");
            using AsnWriter.Scope message = writer.PushSequence(s_context);
            using AsnWriter.Scope signed = writer.PushSequence();
            writer.WriteInteger(1);
            using (writer.PushSetOf())
            {
                Algorithm(writer, Sha256);
            }
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(type);
                using AsnWriter.Scope inner = writer.PushSequence(s_context);
                writer.WriteEncodedValue(content);
            }
            using (writer.PushSetOf(s_context))
            {
                writer.WriteEncodedValue(s_certificate.RawData);
            }
            using AsnWriter.Scope signers = writer.PushSetOf();
            using AsnWriter.Scope signer = writer.PushSequence();
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(s_certificate.IssuerName.RawData);
                writer.WriteInteger(s_certificate.SerialNumberBytes.Span);
            }
            Algorithm(writer, Sha256);
            Algorithm(writer, "1.2.840.113549.1.1.1");
            writer.WriteOctetString(signature);
        }
        return writer.Encode();
    }

    private static X509Certificate2 Root()
    {
        var request = new CertificateRequest("CN=Planted Root,O=Planted", s_rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static X509Certificate2 Leaf()
    {
        var request = new CertificateRequest("CN=Planted Vendor,O=Planted Vendor", s_key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], critical: false));
        return request.Create(s_root.SubjectName, X509SignatureGenerator.CreateForRSA(s_rootKey, RSASignaturePadding.Pkcs1), new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2039, 1, 1, 0, 0, 0, TimeSpan.Zero), [1, 2, 3]);
    }
}
