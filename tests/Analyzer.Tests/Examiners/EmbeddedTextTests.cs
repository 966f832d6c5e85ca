using System.Text;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Analyzer.Tests.Examiners;

public sealed class EmbeddedTextTests
{
    private static readonly PoolList s_pools = new(["pool.example.org"]);

    [Theory]
    [InlineData("http://45.9.148.35/run.sh")]
    [InlineData("tcp://185.10.68.220:3333")]
    [InlineData("http://expyuzz4wqqyqhjn.onion/a")]
    public void AddressesOfNumbersAndHiddenServicesAreKept(string address)
    {
        EmbeddedText? found = EmbeddedText.Find(Content(address), s_pools);
        Assert.Equal([address], found?.Urls);
        Assert.Equal([], found!.Addresses);
    }

    [Theory]
    [InlineData("https://example.org/a")]
    [InlineData("http://127.0.0.1:8080/")]
    [InlineData("http://192.168.1.1/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://1.2.3/")]
    [InlineData("://45.9.148.35/")]
    [InlineData("http://short.onion/")]
    public void OrdinaryAndLocalAddressesAreNot(string address) => Assert.Null(EmbeddedText.Find(Content(address), s_pools));

    [Fact]
    public void WordsAreFoundAcrossPieces()
    {
        for (int at = 16_300; at < 16_400; at++)
        {
            var content = new byte[40_000];
            "cryptonight"u8.CopyTo(content.AsSpan(at));
            "mining.subscribe"u8.CopyTo(content.AsSpan(at + 16_384));
            Assert.Equal(["cryptonight", "mining.subscribe"], EmbeddedText.Find(content, s_pools)?.Words);
        }
    }

    [Fact]
    public void PoolsAndTheirSchemesAreToldApart()
    {
        EmbeddedText? found = EmbeddedText.Find(Content("stratum+tcp://eu.pool.example.org:3333"), s_pools);
        Assert.Equal(["stratum+tcp://eu.pool.example.org:3333"], found?.Addresses);
        Assert.Equal(["eu.pool.example.org"], found?.Pools);
        Assert.Equal([], found!.Urls);
    }

    [Fact]
    public void TheCompilerOfRustIsNamed()
    {
        Assert.Equal("82e1608dfa6e0b5569232559e3d385fea5a93112", EmbeddedText.Find(Content("/rustc/82e1608dfa6e0b5569232559e3d385fea5a93112/library/core/src/option.rs"), s_pools)?.RustCommit);
        Assert.Null(EmbeddedText.Find(Content("/rustc/not-a-commit/library/core/src/option.rs, and more of it to come"), s_pools));
        Assert.Equal("1.75.0 (82e1608df 2023-12-21)", RustBuildInfo.Version(Content("GCC: (Debian 12.2.0) 12.2.0\0rustc version 1.75.0 (82e1608df 2023-12-21)")));
        Assert.Null(RustBuildInfo.Version(Content("GCC: (Debian 12.2.0) 12.2.0")));
    }

    [Fact]
    public void AProgramOfAddressesIsReadInBoundedTime()
    {
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("http://45.9.148.35/", 200_000)));
        Assert.True(EmbeddedText.Find(content, s_pools)?.Urls.Count <= 16);
    }

    private static byte[] Content(string text) => [0x7F, 0, 1, .. Encoding.Latin1.GetBytes(text), 0, 2];
}
