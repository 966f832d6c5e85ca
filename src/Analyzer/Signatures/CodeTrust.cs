using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Forensics.Parsers.Formats.Authenticode;

namespace Forensics.Analyzer.Signatures;

/// <summary>Whose signatures of Windows code count: the roots in <c>signatures/certificates</c> and those of the user. They are read when the first program asks; thread-safe.</summary>
internal sealed class CodeTrust
{
    private readonly Lazy<AuthenticodeVerifier> _verifier;

    private CodeTrust(IReadOnlyList<string> userRoots) => _verifier = new(() => new AuthenticodeVerifier(Read(userRoots)));

    /// <summary>Verifies against the roots.</summary>
    public AuthenticodeVerifier Verifier => _verifier.Value;

    /// <summary>Takes the user's files of roots in PEM. Throws <see cref="SignatureException"/> when one cannot be read or holds no certificate.</summary>
    public static CodeTrust Load(IReadOnlyList<string> files)
    {
        var texts = new List<string>();
        foreach (string file in files)
        {
            string text;
            try
            {
                text = File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new SignatureException($"{file}: cannot be read: {e.Message}");
            }
            if (new TrustedRoots().AddPem(text, forCode: true, forTime: true) == 0)
            {
                throw new SignatureException($"{file}: there is no certificate in it");
            }
            texts.Add(text);
        }
        return new CodeTrust(texts);
    }

    /// <summary>SHA-1 thumbprints of all roots that are carried along, upper case.</summary>
    public static FrozenSet<string> CarriedThumbprints()
    {
        var found = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        string folder = Path.Combine(SignatureSet.BuiltInFolder, "certificates");
        foreach (string file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.pem") : [])
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(file);
            foreach (X509Certificate2 certificate in all)
            {
                found.Add(certificate.Thumbprint);
                certificate.Dispose();
            }
        }
        return found.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    private static TrustedRoots Read(IReadOnlyList<string> userRoots)
    {
        var roots = new TrustedRoots();
        string folder = Path.Combine(SignatureSet.BuiltInFolder, "certificates");
        void Add(string name, bool forCode, bool forTime, bool areMicrosoft = false)
        {
            string file = Path.Combine(folder, name);
            if (File.Exists(file))
            {
                roots.AddPem(File.ReadAllText(file), forCode, forTime, areMicrosoft);
            }
        }
        Add("microsoft.pem", forCode: true, forTime: true, areMicrosoft: true);
        Add("code-signing.pem", forCode: true, forTime: false);
        Add("time-stamping.pem", forCode: false, forTime: true);
        foreach (string text in userRoots)
        {
            roots.AddPem(text, forCode: true, forTime: true);
        }
        return roots;
    }
}
