using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// The binary form of an OpenSSH public key: a sequence of length-prefixed strings, the first its type. See RFC 4253 section 6.6 and
/// OpenSSH's PROTOCOL.certkeys.
/// </summary>
/// <remarks>Limitations: structure and sizes are checked, not the mathematics; a certificate's signature is not verified.</remarks>
public sealed class SshPublicKey
{
    private const string CertificateSuffix = "-cert-v01@openssh.com";
    private const int SmallestRsaModulusBits = 1024;
    private const int Ed25519Length = 32;

    private SshPublicKey(string type, string fingerprint, string? defect)
    {
        Type = type;
        Fingerprint = fingerprint;
        Defect = defect;
    }

    /// <summary>The type inside the blob; empty when the blob does not even hold one.</summary>
    public string Type { get; }

    /// <summary><c>SHA256:</c> and the unpadded base64, as <c>ssh-keygen -l</c> prints it; for a certificate that of the key it certifies.</summary>
    public string Fingerprint { get; }

    /// <summary>Why OpenSSH does not take the blob as a key of that type; null when it does or the type is not known here.</summary>
    public string? Defect { get; }

    /// <summary>Decodes the base64 column; false when it is not base64 as OpenSSH accepts it.</summary>
    public static bool TryDecode(string base64, out byte[] blob)
    {
        blob = new byte[base64.Length / 4 * 3 + 3];
        if (base64.Length == 0 || !Convert.TryFromBase64String(base64, blob, out int length))
        {
            blob = [];
            return false;
        }
        Array.Resize(ref blob, length);
        // OpenSSH refuses unused bits that are not zero; .NET lets them pass.
        return base64 == Convert.ToBase64String(blob);
    }

    /// <summary>Reads a blob. Never throws.</summary>
    public static SshPublicKey Read(byte[] blob)
    {
        ReadOnlySpan<byte> rest = blob;
        if (!TryString(ref rest, out ReadOnlySpan<byte> name) || name.IsEmpty)
        {
            return new SshPublicKey("", Sha256(blob), "the key data is cut short");
        }
        string type = Encoding.Latin1.GetString(name);
        bool certificate = type.EndsWith(CertificateSuffix, StringComparison.Ordinal);
        string plainType = certificate ? PlainType(type) : type;
        int fields = FieldCount(plainType);
        if (fields == 0)
        {
            return new SshPublicKey(type, Sha256(blob), null);
        }
        if (certificate && !TryString(ref rest, out _))
        {
            return new SshPublicKey(type, Sha256(blob), "the key data is cut short");
        }
        ReadOnlySpan<byte> body = rest;
        string? defect = null;
        for (int i = 0; i < fields; i++)
        {
            if (!TryString(ref rest, out ReadOnlySpan<byte> field))
            {
                return new SshPublicKey(type, Sha256(blob), "the key data is cut short");
            }
            defect ??= Judge(plainType, i, field);
        }
        if (!certificate)
        {
            return new SshPublicKey(type, Sha256(blob), defect ?? (rest.IsEmpty ? null : "data follows the key"));
        }
        body = body[..(body.Length - rest.Length)];
        byte[] plain = new byte[4 + plainType.Length + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(plain, plainType.Length);
        Encoding.Latin1.GetBytes(plainType, plain.AsSpan(4));
        body.CopyTo(plain.AsSpan(4 + plainType.Length));
        return new SshPublicKey(type, Sha256(plain), defect);
    }

    private static string PlainType(string type)
    {
        string plain = type[..^CertificateSuffix.Length];
        return plain.StartsWith("sk-", StringComparison.Ordinal) ? plain + "@openssh.com" : plain;
    }

    private static int FieldCount(string type) => type switch
    {
        "ssh-ed25519" => 1,
        "ssh-rsa" or "sk-ssh-ed25519@openssh.com" => 2,
        "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521" => 2,
        "sk-ecdsa-sha2-nistp256@openssh.com" => 3,
        "ssh-dss" => 4,
        _ => 0,
    };

    private static string? Judge(string type, int index, ReadOnlySpan<byte> field)
    {
        if (index == 0 && type.Contains("ed25519", StringComparison.Ordinal))
        {
            return field.Length == Ed25519Length ? null : "the key has a wrong length";
        }
        if (index == 1 && type == "ssh-rsa")
        {
            ReadOnlySpan<byte> modulus = field.TrimStart((byte)0);
            long bits = modulus.IsEmpty ? 0 : modulus.Length * 8L - int.LeadingZeroCount(modulus[0]) % 8;
            return bits < SmallestRsaModulusBits ? "the RSA key is shorter than OpenSSH accepts" : null;
        }
        if (index == 0 && type.StartsWith("ecdsa-sha2-", StringComparison.Ordinal))
        {
            return field.SequenceEqual(Encoding.ASCII.GetBytes(type[11..])) ? null : "the curve does not belong to the key type";
        }
        return null;
    }

    private static bool TryString(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (rest.Length < 4)
        {
            return false;
        }
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > (uint)(rest.Length - 4))
        {
            return false;
        }
        value = rest.Slice(4, (int)length);
        rest = rest[(4 + (int)length)..];
        return true;
    }

    private static string Sha256(ReadOnlySpan<byte> data) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(data)).TrimEnd('=');
}
