using System.Buffers.Binary;
using Forensics.Parsers.Formats.Authenticode;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Authenticode;

/// <summary>Programs that osslsigncode signed, good, changed and with things appended.</summary>
public sealed class AuthenticodeTests(SigningLab lab) : IClassFixture<SigningLab>
{
    [Theory]
    [InlineData("rsa", "sha1", "SHA1", "Lab Signer")]
    [InlineData("rsa", "sha256", "SHA256", "Lab Signer")]
    [InlineData("rsa", "sha384", "SHA384", "Lab Signer")]
    [InlineData("rsa", "sha512", "SHA512", "Lab Signer")]
    [InlineData("ecdsa", "sha256", "SHA256", "Lab Curve")]
    public void A_signed_program_is_signed_by_who_signed_it(string signer, string digest, string algorithm, string name)
    {
        byte[] program = lab.Sign(TestProgram.Small(), signer, digest, "-n", "A fine program");
        CodeSignature signature = lab.Verifier().Verify(program);
        Assert.Null(signature.Problem);
        Assert.Equal(SignatureState.Signed, signature.State);
        Assert.True(signature.IsGood);
        Assert.Equal(algorithm, signature.DigestAlgorithm);
        Assert.Equal(name, signature.Signer!.CommonName);
        Assert.Equal("Lab Software", signature.Signer.Organization);
        Assert.Equal("A fine program", signature.ProgramName);
        Assert.Contains("Lab Root", signature.Root, StringComparison.Ordinal);
        Assert.Null(signature.SigningTime);
        Assert.False(signature.IsMicrosoft);
        Assert.True(lab.OsslVerify(program).IsGood);
    }

    [Fact]
    public void A_digest_of_MD5_is_signed_and_weak()
    {
        CodeSignature signature = lab.Verifier().Verify(lab.Sign(TestProgram.Small(), "rsa", "md5"));
        Assert.Equal(SignatureState.Signed, signature.State);
        Assert.True(signature.IsWeak);
        Assert.False(signature.IsGood);
    }

    [Fact]
    public void Any_changed_byte_of_the_program_is_seen()
    {
        byte[] program = lab.Sign(TestProgram.Small(), "rsa", "sha256");
        AuthenticodeVerifier verifier = lab.Verifier();
        int table = TestProgram.TableOffset(program);
        int checksum = BinaryPrimitives.ReadInt32LittleEndian(program.AsSpan(60)) + 24 + 64;
        foreach (int at in (int[])[2, checksum - 1, checksum + 4, 0x300, table / 2, table - 1])
        {
            byte[] changed = [.. program];
            changed[at] ^= 1;
            CodeSignature signature = verifier.Verify(changed);
            Assert.Equal(SignatureState.Tampered, signature.State);
            Assert.Equal("Lab Signer", signature.Signer!.CommonName);
            Assert.False(signature.IsGood);
        }
        byte[] otherSum = [.. program];
        otherSum[checksum] ^= 1;
        Assert.Equal(SignatureState.Signed, verifier.Verify(otherSum).State);
    }

    [Fact]
    public void A_signature_moved_to_another_program_is_seen()
    {
        byte[] good = lab.Sign(TestProgram.Small(), "rsa", "sha256");
        byte[] other = TestProgram.Small(seed: 9);
        byte[] stolen = TestProgram.WithTable(other, good.AsSpan(TestProgram.TableOffset(good)).ToArray());
        CodeSignature signature = lab.Verifier().Verify(stolen);
        Assert.Equal(SignatureState.Tampered, signature.State);
        Assert.False(lab.OsslVerify(stolen).IsGood);
    }

    [Fact]
    public void Data_in_the_table_keeps_the_signature_and_is_counted_and_data_behind_it_breaks_it()
    {
        byte[] program = lab.Sign(TestProgram.Small(), "rsa", "sha256");
        int table = TestProgram.TableOffset(program);
        byte[] larger = TestProgram.WithTable(program[..table], [.. program[table..], .. Enumerable.Repeat((byte)0x41, 64)], growEntry: true);
        CodeSignature inside = lab.Verifier().Verify(larger);
        Assert.Equal(SignatureState.Signed, inside.State);
        Assert.Equal(64, inside.UnsignedBytes);
        CodeSignature behind = lab.Verifier().Verify([.. program, .. Enumerable.Repeat((byte)0x41, 64)]);
        Assert.Equal(SignatureState.Tampered, behind.State);
    }

    [Fact]
    public void An_overlay_that_was_there_when_it_was_signed_is_covered()
    {
        byte[] program = lab.Sign([.. TestProgram.Small(), .. "installer data "u8], "rsa", "sha256");
        Assert.Equal(SignatureState.Signed, lab.Verifier().Verify(program).State);
        program[TestProgram.Small().Length] ^= 1;
        Assert.Equal(SignatureState.Tampered, lab.Verifier().Verify(program).State);
    }

    [Fact]
    public void Two_signatures_are_both_read()
    {
        byte[] program = lab.Sign(lab.Sign(TestProgram.Small(), "rsa", "sha1"), "ecdsa", "sha256", "-nest");
        CodeSignature signature = lab.Verifier().Verify(program);
        Assert.Equal(("SHA1", SignatureState.Signed), (signature.DigestAlgorithm, signature.State));
        CodeSignature nested = Assert.Single(signature.Nested);
        Assert.Equal(("SHA256", SignatureState.Signed, "Lab Curve"), (nested.DigestAlgorithm, nested.State, nested.Signer!.CommonName));
        program[0x300] ^= 1;
        signature = lab.Verifier().Verify(program);
        Assert.Equal([SignatureState.Tampered, SignatureState.Tampered], [signature.State, signature.Nested[0].State]);
    }

    [Fact]
    public void A_time_stamp_gives_the_time_and_decides_on_a_certificate_that_ended()
    {
        DateTimeOffset early = SigningLab.Begin.AddDays(10);
        CodeSignature good = lab.Verifier().Verify(lab.Sign(TestProgram.Small(), "short", "sha256", lab.Stamp(early)));
        Assert.Null(good.Problem);
        Assert.Equal(early, good.SigningTime);
        Assert.Equal(SignatureState.Signed, good.State);
        CodeSignature late = lab.Verifier().Verify(lab.Sign(TestProgram.Small(), "short", "sha256", lab.Stamp(SigningLab.Begin.AddDays(60))));
        Assert.Equal(SignatureState.Untrusted, late.State);
        Assert.Equal(SigningLab.Begin.AddDays(60), late.SigningTime);
    }

    [Fact]
    public void Unknown_roots_and_certificates_for_other_uses_are_not_trusted()
    {
        CodeSignature unknown = lab.Verifier(knowsRoot: false).Verify(lab.Sign(TestProgram.Small(), "rsa", "sha256"));
        Assert.Equal(SignatureState.Untrusted, unknown.State);
        Assert.Equal("Lab Signer", unknown.Signer!.CommonName);
        Assert.Null(unknown.Root);
        CodeSignature server = lab.Verifier().Verify(lab.Sign(TestProgram.Small(), "server", "sha256"));
        Assert.Equal(SignatureState.Untrusted, server.State);
    }

    [Fact]
    public void Only_root_and_organisation_together_make_it_Microsoft()
    {
        byte[] program = lab.Sign(TestProgram.Small(), "msft", "sha256");
        Assert.True(lab.Verifier(rootIsMicrosoft: true).Verify(program).IsMicrosoft);
        Assert.False(lab.Verifier().Verify(program).IsMicrosoft);
        Assert.False(lab.Verifier(rootIsMicrosoft: true).Verify(lab.Sign(TestProgram.Small(), "rsa", "sha256")).IsMicrosoft);
        program[0x300] ^= 1;
        Assert.False(lab.Verifier(rootIsMicrosoft: true).Verify(program).IsMicrosoft);
    }

    [Fact]
    public void A_changed_signature_value_is_seen_and_a_table_of_nonsense_cannot_be_read()
    {
        byte[] program = lab.Sign(TestProgram.Small(), "rsa", "sha256");
        int table = TestProgram.TableOffset(program);
        int end = program.AsSpan().LastIndexOfAnyExcept((byte)0);
        byte[] changed = [.. program];
        changed[end - 8] ^= 1;
        Assert.Equal(SignatureState.Tampered, lab.Verifier().Verify(changed).State);
        byte[] nonsense = [.. program];
        nonsense.AsSpan(table + 8).Clear();
        Assert.Equal(SignatureState.NotReadable, lab.Verifier().Verify(nonsense).State);
        Assert.Equal(SignatureState.Unsigned, lab.Verifier().Verify(TestProgram.Small()).State);
        Assert.Equal(SignatureState.Unsigned, lab.Verifier().Verify("MZ"u8).State);
    }

    [Fact]
    public void Five_thousand_mutations_never_escape_and_never_stay_good_outside_of_the_uncovered_fields()
    {
        AuthenticodeVerifier verifier = lab.Verifier();
        byte[] program = lab.Sign(lab.Sign(TestProgram.Small(), "rsa", "sha1", lab.Stamp(SigningLab.Begin.AddDays(10))), "ecdsa", "sha256", "-nest");
        byte[] catalog = lab.Catalog([new byte[20], new byte[32]], asText: true);
        int table = TestProgram.TableOffset(program);
        var random = new Random(7);
        for (int i = 0; i < 4000; i++)
        {
            byte[] mutated = [.. program];
            Images.Mutator.Mutate(random, mutated, [0x3C..0x200, table..program.Length, table..(table + 64)]);
            CodeSignature signature = verifier.Verify(mutated);
            Forensics.Parsers.Formats.Pe.PeFile.TryRead(mutated, out _);
            Assert.True(signature.Nested.Count <= 8);
        }
        for (int i = 0; i < 1000; i++)
        {
            byte[] mutated = [.. catalog];
            Images.Mutator.Mutate(random, mutated, [.. (Range[])[0..mutated.Length, 0..200]]);
            verifier.VerifyCatalog(mutated);
            var found = new Diagnostics.DiagnosticList();
            CatalogIndex index = CatalogIndex.Build(verifier, [new CatalogSource("/c.cat", () => new Forensics.Parsers.Bytes.MemorySource(mutated))], found, TestContext.Current.CancellationToken);
            Assert.True(index.Count <= 4);
            index.Find(new byte[32]);
        }
    }
}
