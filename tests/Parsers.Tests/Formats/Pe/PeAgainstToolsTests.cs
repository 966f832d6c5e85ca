using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Forensics.Parsers.Formats.Pe;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Pe;

/// <summary>Native programs of a package that every build of the tests brings, against objdump and 7z.</summary>
public sealed partial class PeAgainstToolsTests
{
    private static IReadOnlyList<string> Programs()
    {
        string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string folder = Path.Combine(packages, "microsoft.codecoverage");
        string[] found = !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => file.EndsWith(".dll", StringComparison.Ordinal) || file.EndsWith(".exe", StringComparison.Ordinal))
            .Where(file => PeFile.TryRead(File.ReadAllBytes(file), out PeFile program) && !program.IsManaged).Order(StringComparer.Ordinal)];
        if (found.Length == 0)
        {
            Assert.Skip("the package with native programs is not there");
        }
        return found;
    }

    [Fact]
    public void Imports_and_their_digest_are_those_of_objdump()
    {
        int compared = 0;
        foreach (string path in Programs())
        {
            (int code, string output, _) = TestTools.TryRun("objdump", "-p", path);
            if (code != 0)
            {
                // Built without this machine type.
                continue;
            }
            Assert.True(PeFile.TryRead(File.ReadAllBytes(path), out PeFile file));
            string table = output[(output.IndexOf("The Import Tables", StringComparison.Ordinal) is var at and >= 0 ? at : output.Length)..];
            var libraries = new List<string>();
            var functions = new List<string>();
            bool isNumbered = false;
            foreach (string line in table.Split('\n'))
            {
                if (DllName().Match(line) is { Success: true } dll)
                {
                    libraries.Add(dll.Groups[1].Value);
                }
                else if (libraries.Count > 0 && Member().Match(line) is { Success: true } member)
                {
                    string name = member.Groups[1].Value;
                    isNumbered |= name.Contains("<none>", StringComparison.Ordinal);
                    functions.Add(StripSuffix(libraries[^1].ToLowerInvariant()) + "." + name.ToLowerInvariant());
                }
                else if (libraries.Count > 0 && line.StartsWith("There is an", StringComparison.Ordinal))
                {
                    break;
                }
            }
            Assert.Equal(libraries, file.Imports);
            if (!isNumbered && functions.Count > 0)
            {
                Assert.Equal(Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(string.Join(',', functions)))), file.ImpHash);
                compared++;
            }
        }
        Assert.True(compared > 0);
    }

    [Fact]
    public void Version_resources_and_headers_are_those_of_7z()
    {
        foreach (string path in Programs())
        {
            string output = TestTools.Run("7z", "l", "-slt", path);
            Assert.True(PeFile.TryRead(File.ReadAllBytes(path), out PeFile file));
            string? Of(string key) => Regex.Match(output, "^" + key + @": (.*)$", RegexOptions.Multiline | RegexOptions.NonBacktracking) is { Success: true } match ? match.Groups[1].Value.Trim() : null;
            Assert.Equal(Of("CompanyName"), file.Version?.CompanyName);
            Assert.Equal(Of("OriginalFilename"), file.OriginalName);
            Assert.Equal(Of("InternalName"), file.Version?.InternalName);
            Assert.Equal(Of("FileDescription"), file.Version?.FileDescription);
            Assert.Equal(Of("FileVersion"), file.Version?.FixedFileVersion);
            if (Regex.Match(output, @"^Created = (.*)$", RegexOptions.Multiline | RegexOptions.NonBacktracking) is { Success: true } created && created.Groups[1].Value.Length > 0)
            {
                Assert.StartsWith(DateTimeOffset.FromUnixTimeSeconds(file.TimeStamp).UtcDateTime.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture), created.Groups[1].Value, StringComparison.Ordinal);
            }
            Assert.True(file.IsChecksumValid);
            Assert.True(file.HasSignature);
            Assert.EndsWith(".pdb", file.SymbolPath ?? ".pdb", StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void A_changed_byte_makes_the_checksum_wrong()
    {
        byte[] program = File.ReadAllBytes(Programs()[0]);
        program[program.Length / 2] ^= 1;
        Assert.True(PeFile.TryRead(program, out PeFile file));
        Assert.False(file.IsChecksumValid);
    }

    private static string StripSuffix(string library) => library.EndsWith(".dll", StringComparison.Ordinal) ? library[..^4] : library;

    [GeneratedRegex(@"^\s*DLL Name: (\S+)", RegexOptions.None)]
    private static partial Regex DllName();

    [GeneratedRegex(@"^\s+[0-9a-f]+\s+\S+\s+(\S+)\s*$", RegexOptions.None)]
    private static partial Regex Member();
}
