using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Forensics.Parsers.Formats.Authenticode;
using Forensics.Parsers.Formats.Pe;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Authenticode;

/// <summary>The programs that Microsoft and others signed and that lie on every machine that builds this: the framework and packages. Compared with osslsigncode.</summary>
public sealed partial class RealSignatureTests
{
    private const int Sample = 24;

    [Fact]
    public void The_framework_is_signed_by_Microsoft_and_osslsigncode_sees_the_same()
    {
        string folder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        List<string> programs = [.. Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal).Where(file => CanBeSigned(File.ReadAllBytes(file)))];
        if (programs.Count == 0)
        {
            Assert.Skip("the framework on this machine is not signed");
        }
        bool all = Environment.GetEnvironmentVariable("DEADBOX_ALL_SIGNATURES") is { Length: > 0 };
        AuthenticodeVerifier verifier = CarriedRoots.Verifier();
        int step = all ? 1 : Math.Max(1, programs.Count / Sample);
        for (int i = 0; i < programs.Count; i += step)
        {
            byte[] content = File.ReadAllBytes(programs[i]);
            CodeSignature signature = verifier.Verify(content);
            Assert.True(signature is { State: SignatureState.Signed, IsMicrosoft: true }, programs[i] + ": " + signature);
            Compare(programs[i], content, signature);
            content[content.Length / 3] ^= 0x10;
            Assert.Equal(SignatureState.Tampered, verifier.Verify(content).State);
        }
    }

    [Fact]
    public void Packages_of_this_build_agree_with_osslsigncode()
    {
        // The libraries beside the test come from packages of several vendors.
        int compared = 0;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Order(StringComparer.Ordinal))
        {
            byte[] content = File.ReadAllBytes(file);
            CodeSignature signature = CarriedRoots.Verifier().Verify(content);
            if (signature.State != SignatureState.Unsigned)
            {
                Compare(file, content, signature);
                compared++;
            }
        }
        if (compared == 0)
        {
            Assert.Skip("no package of this build is signed");
        }
    }

    private static void Compare(string path, byte[] content, CodeSignature signature)
    {
        (int code, string output, string error) = TestTools.TryRun("osslsigncode", "verify", "-CAfile", CarriedRoots.All, "-TSA-CAfile", CarriedRoots.All, "-ignore-crl", path);
        Assert.True(code == 0 == (signature.State == SignatureState.Signed), path + ": " + signature + output + error);
        string current = CurrentDigest().Match(output).Groups[1].Value;
        Assert.Equal(current.ToLowerInvariant(), signature.SignedDigest);
        string calculated = CalculatedDigest().Match(output).Groups[1].Value;
        Assert.Equal(calculated, Convert.ToHexString(PeImageDigest.Of(content, new HashAlgorithmName(signature.DigestAlgorithm!))!));
        Assert.Contains("CN=" + signature.Signer!.CommonName, output, StringComparison.Ordinal);
        Assert.Equal(output.Contains("Timestamp time:", StringComparison.Ordinal), signature.SigningTime is not null);
        if (signature.SigningTime is { } time)
        {
            Assert.Contains("Timestamp time: " + time.UtcDateTime.ToString("MMM d HH:mm:ss yyyy", System.Globalization.CultureInfo.InvariantCulture), Spaces().Replace(output, " "), StringComparison.Ordinal);
        }
        Assert.True(PeFile.TryRead(content, out PeFile file));
        if (file.IsChecksumValid is { } isValid)
        {
            Assert.Equal(!output.Contains("MISMATCH", StringComparison.Ordinal) || !ChecksumMismatch().IsMatch(output), isValid);
        }
    }

    private static bool CanBeSigned(byte[] content) => PeFile.TryRead(content, out PeFile file) && file.HasSignature;

    [GeneratedRegex(@"Current message digest\s*: ([0-9A-F]+)", RegexOptions.None)]
    private static partial Regex CurrentDigest();

    [GeneratedRegex(@"Calculated message digest\s*: ([0-9A-F]+)", RegexOptions.None)]
    private static partial Regex CalculatedDigest();

    [GeneratedRegex(@"PE checksum[^\n]*\n?[^\n]*MISMATCH", RegexOptions.None)]
    private static partial Regex ChecksumMismatch();

    [GeneratedRegex(" +", RegexOptions.None)]
    private static partial Regex Spaces();
}

/// <summary>The roots that are carried along, as a file for osslsigncode and as ours.</summary>
internal static class CarriedRoots
{
    public static string Folder { get; } = Locate();

    private static readonly Lazy<string> s_all = new(() =>
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("forensics-roots-").FullName, "all.pem");
        File.WriteAllText(file, string.Concat(Directory.EnumerateFiles(Folder, "*.pem").Order(StringComparer.Ordinal).Select(File.ReadAllText)));
        return file;
    });

    public static string All => s_all.Value;

    public static AuthenticodeVerifier Verifier()
    {
        var roots = new TrustedRoots();
        roots.AddPem(File.ReadAllText(Path.Combine(Folder, "microsoft.pem")), forCode: true, forTime: true, areMicrosoft: true);
        roots.AddPem(File.ReadAllText(Path.Combine(Folder, "code-signing.pem")), forCode: true, forTime: false);
        roots.AddPem(File.ReadAllText(Path.Combine(Folder, "time-stamping.pem")), forCode: false, forTime: true);
        return new AuthenticodeVerifier(roots);
    }

    private static string Locate()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !Directory.Exists(Path.Combine(folder, "signatures", "certificates")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return Path.Combine(folder!, "signatures", "certificates");
    }
}
