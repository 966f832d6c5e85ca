using System.Security.Cryptography;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.Authenticode;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Authenticode;

/// <summary>Catalogs of both versions, and files that are signed by them.</summary>
public sealed class CatalogTests(SigningLab lab) : IClassFixture<SigningLab>
{
    private static CatalogSource Source(string path, byte[] content) => new(path, () => new MemorySource(content));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_program_in_a_verified_catalog_is_signed_by_it(bool asText)
    {
        byte[] program = TestProgram.Small();
        byte[] sha1 = PeImageDigest.Of(program, HashAlgorithmName.SHA1)!;
        byte[] sha256 = PeImageDigest.Of(program, HashAlgorithmName.SHA256)!;
        byte[] flat = SHA256.HashData("a script"u8);
        byte[] catalog = lab.Catalog([sha1, sha256, flat], asText);
        (bool isGood, string said) = lab.OsslVerify(program, catalog);
        Assert.True(isGood, said);
        var problems = new DiagnosticList();
        CatalogIndex index = CatalogIndex.Build(lab.Verifier(), [Source("/a.cat", catalog), Source("/b.cat", "no catalog"u8.ToArray())], problems, TestContext.Current.CancellationToken);
        Assert.Equal(3, index.Count);
        Assert.Equal("/b.cat", Assert.Single(problems.Items).Path);
        foreach (byte[] digest in (byte[][])[sha1, sha256, flat])
        {
            CodeSignature found = Assert.IsType<CodeSignature>(index.Find(digest));
            Assert.Equal((SignatureState.Signed, "/a.cat", "Lab Signer"), (found.State, found.Catalog, found.Signer!.CommonName));
        }
        Assert.Null(index.Find(new byte[20]));
        byte[] near = [.. sha1];
        near[^1] ^= 1;
        Assert.Null(index.Find(near));
        Assert.Null(index.Find([1, 2, 3]));
    }

    [Fact]
    public void A_changed_catalog_is_tampered_and_a_good_one_beside_it_counts()
    {
        byte[] digest = SHA1.HashData("x"u8);
        byte[] good = lab.Catalog([digest], asText: false);
        byte[] changed = [.. good];
        int second = changed.AsSpan().LastIndexOf(SHA1.HashData("x"u8));
        Assert.True(second > 0);
        byte[] other = SHA1.HashData("y"u8);
        other.CopyTo(changed, second);
        CatalogIndex alone = CatalogIndex.Build(lab.Verifier(), [Source("/changed.cat", changed)], NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(SignatureState.Tampered, alone.Find(other)!.State);
        CatalogIndex both = CatalogIndex.Build(lab.Verifier(), [Source("/changed.cat", changed), Source("/good.cat", good)], NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
        Assert.Equal((SignatureState.Signed, "/good.cat"), (both.Find(digest)!.State, both.Find(digest)!.Catalog));
        CatalogIndex unknown = CatalogIndex.Build(lab.Verifier(knowsRoot: false), [Source("/good.cat", good)], NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(SignatureState.Untrusted, unknown.Find(digest)!.State);
    }

    [Fact]
    public void A_signature_of_a_program_is_no_catalog()
    {
        byte[] program = lab.Sign(TestProgram.Small(), "rsa", "sha256");
        byte[] message = program[(TestProgram.TableOffset(program) + 8)..];
        Assert.Equal(SignatureState.NotReadable, lab.Verifier().VerifyCatalog(message).State);
        var problems = new DiagnosticList();
        Assert.Equal(0, CatalogIndex.Build(lab.Verifier(), [Source("/p.cat", message)], problems, TestContext.Current.CancellationToken).Count);
        Assert.Single(problems.Items);
    }

    [Fact]
    public void Many_catalogs_are_one_index()
    {
        var digests = new List<byte[]>();
        for (int i = 0; i < 2_000; i++)
        {
            digests.Add(SHA1.HashData(BitConverter.GetBytes(i)));
        }
        byte[] catalog = lab.Catalog(digests, asText: true);
        CatalogIndex index = CatalogIndex.Build(lab.Verifier(), [.. Enumerable.Range(0, 10).Select(i => Source("/" + i, catalog))], NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);
        Assert.Equal(20_000, index.Count);
        Assert.Equal(SignatureState.Signed, index.Find(digests[777])!.State);
    }
}
