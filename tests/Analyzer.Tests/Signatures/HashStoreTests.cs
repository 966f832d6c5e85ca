using System.Security.Cryptography;
using System.Text;
using Forensics.Analyzer.Signatures;
using Xunit;

namespace Forensics.Analyzer.Tests.Signatures;

public sealed class HashStoreTests
{
    private static readonly string A256 = Convert.ToHexStringLower(SHA256.HashData("a"u8));
    private static readonly string A1 = Convert.ToHexStringLower(SHA1.HashData("a"u8));
    private static readonly string A5 = Convert.ToHexStringLower(MD5.HashData("a"u8));
    private static readonly string B5 = Convert.ToHexStringLower(MD5.HashData("b"u8));

    private static HashStore Load(string text, out IReadOnlyList<string> problems, string name = "list.csv") => HashStore.Load(new MemoryStream(Encoding.UTF8.GetBytes(text)), name, out problems);

    private static HashListEntry? Find(HashStore store, string hex) => store.TryFind(Convert.FromHexString(hex), out HashListEntry entry) ? entry : null;

    [Fact]
    public void One_digest_a_line_of_mixed_kinds()
    {
        HashStore store = Load($"# comment\n{A256}\r\n\n{A1.ToUpperInvariant()}\n  {A5}\n", out IReadOnlyList<string> problems);
        Assert.Empty(problems);
        Assert.Equal((1, 1, 1), (store.Md5Count, store.Sha1Count, store.Sha256Count));
        Assert.Equal(new HashListEntry("sha256", null, "list.csv"), Find(store, A256));
        Assert.Equal("sha1", Find(store, A1)?.Algorithm);
        Assert.Null(Find(store, B5));
    }

    [Fact]
    public void Digest_name_and_source_columns()
    {
        HashStore store = Load($"{A256},Kinsing,Some Vendor\n\"{A5}\",\"Miner, generic\"\n{B5}", out IReadOnlyList<string> problems);
        Assert.Empty(problems);
        Assert.Equal(new HashListEntry("sha256", "Kinsing", "list.csv: Some Vendor"), Find(store, A256));
        Assert.Equal(new HashListEntry("md5", "Miner, generic", "list.csv"), Find(store, A5));
        Assert.Null(Find(store, B5)?.Name);
    }

    [Theory]
    [InlineData("{0}  some file.bin", "some file.bin")]
    [InlineData("{0} *some file.bin", "some file.bin")]
    [InlineData("{0};a comment, with comma", "a comment, with comma")]
    [InlineData("{0}:1234:Linux.Miner", "Linux.Miner")]
    [InlineData("{0}\tname", "name")]
    public void Other_tools_formats(string format, string name)
    {
        HashStore store = Load(string.Format(System.Globalization.CultureInfo.InvariantCulture, format, A5) + "\n", out IReadOnlyList<string> problems);
        Assert.Empty(problems);
        Assert.Equal(name, Find(store, A5)?.Name);
    }

    [Fact]
    public void A_header_names_the_columns()
    {
        HashStore store = Load($"file_name,sha256,imphash,signature\nx.bin,{A256},{B5},Mirai\n", out IReadOnlyList<string> problems);
        Assert.Empty(problems);
        Assert.Equal("Mirai", Find(store, A256)?.Name);
        Assert.Null(Find(store, B5));
    }

    [Fact]
    public void The_full_export_of_MalwareBazaar()
    {
        const string header = "# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\",\"sha1_hash\",\"reporter\",\"file_name\",\"file_type_guess\",\"mime_type\",\"signature\",\"clamav\",\"vtpercent\",\"imphash\",\"ssdeep\",\"tlsh\"";
        string text = "################################\n# MalwareBazaar full malware samples dump (CSV)   #\n# Last updated: 2026-11-01 00:00:00 UTC            #\n################################\n#\n" + header + "\n"
            + $"\"2026-10-31 23:58:01\", \"{A256}\", \"{A5}\", \"{A1}\", \"abuse_ch\", \"x,y.elf\", \"elf\", \"application/x-executable\", \"Mirai\", \"n/a\", \"52.1\", \"{B5}\", \"3:a:b\", \"T1ABC\"\n"
            + $"\"2026-10-31 23:59:01\", \"{Convert.ToHexStringLower(SHA256.HashData("c"u8))}\", \"n/a\", \"n/a\", \"abuse_ch\", \"z.sh\", \"sh\", \"text/plain\", \"n/a\", \"n/a\", \"\", \"n/a\", \"n/a\", \"n/a\"\n";
        HashStore store = Load(text, out IReadOnlyList<string> problems, "full.csv");
        Assert.Empty(problems);
        Assert.Equal(("Mirai", "full.csv"), (Find(store, A256)?.Name, Find(store, A256)?.Source));
        Assert.Equal("Mirai", Find(store, A5)?.Name);
        Assert.Equal("Mirai", Find(store, A1)?.Name);
        Assert.Null(Find(store, B5));
        Assert.Equal("z.sh", Find(store, Convert.ToHexString(SHA256.HashData("c"u8)))?.Name);
        Assert.Equal(A256, Convert.ToHexStringLower(SHA256.HashData("a"u8)));
        HashStore stripped = Load(string.Join('\n', text.Split('\n').Where(line => !line.StartsWith('#'))), out problems);
        Assert.Empty(problems);
        Assert.Equal("Mirai", Find(stripped, A1)?.Name);
    }

    [Fact]
    public void The_empty_file_is_never_bad()
    {
        HashStore store = Load("d41d8cd98f00b204e9800998ecf8427e\nda39a3ee5e6b4b0d3255bfef95601890afd80709\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n" + A5, out IReadOnlyList<string> problems);
        Assert.Equal(1, store.Count);
        Assert.Contains("3 digests of the empty file", Assert.Single(problems));
    }

    [Fact]
    public void Bad_lines_are_counted_and_the_first_is_named()
    {
        HashStore store = Load($"{A5}\nnot a hash\n{A5[..31]}\n{B5}\n{A5[..31]}g", out IReadOnlyList<string> problems);
        Assert.Equal(2, store.Count);
        Assert.Equal("list.csv: 3 lines without an MD5, SHA-1 or SHA-256 digest, the first is line 2", Assert.Single(problems));
    }

    [Fact]
    public void A_missing_file_is_a_user_error() => Assert.Throws<SignatureException>(() => HashStore.Load(["/nonexistent/list.csv"], out _));

    [Fact]
    public void The_first_list_names_a_digest_that_several_hold()
    {
        string folder = Directory.CreateTempSubdirectory("hashes").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "one.csv"), A5 + ",First\n");
            File.WriteAllText(Path.Combine(folder, "two.csv"), A5 + ",Second\n" + A5 + ",Third\n");
            HashStore store = HashStore.Load([Path.Combine(folder, "one.csv"), Path.Combine(folder, "two.csv")], out _);
            Assert.Equal(1, store.Count);
            Assert.Equal(("First", "one.csv"), (Find(store, A5)?.Name, Find(store, A5)?.Source));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    [InlineData(70000)]
    public void Every_record_of_a_list_is_found_and_nothing_else(int count)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            text.AppendLine(Convert.ToHexString(MD5.HashData(BitConverter.GetBytes(i)))).AppendLine(Convert.ToHexString(SHA256.HashData(BitConverter.GetBytes(i))));
        }
        HashStore store = Load(text.ToString(), out _);
        for (int i = 0; i < count; i++)
        {
            Assert.True(store.TryFind(MD5.HashData(BitConverter.GetBytes(i)), out _));
            Assert.True(store.TryFind(SHA256.HashData(BitConverter.GetBytes(i)), out _));
            Assert.False(store.TryFind(MD5.HashData(BitConverter.GetBytes(-1 - i)), out _));
            Assert.False(store.TryFind(SHA1.HashData(BitConverter.GetBytes(i)), out _));
        }
    }

    [Fact]
    public void Shipped_lists_load_without_a_complaint()
    {
        HashStore store = HashStore.Load(Directory.GetFiles(Path.Combine(SignatureSet.BuiltInFolder, "hashes")), out IReadOnlyList<string> problems);
        Assert.Empty(problems);
        byte[] eicar = Encoding.ASCII.GetBytes("X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
        Assert.True(store.TryFind(SHA256.HashData(eicar), out HashListEntry entry));
        Assert.Equal("EICAR-Test-File", entry.Name);
    }
}
