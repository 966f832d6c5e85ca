using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class MinerConfigurationTests
{
    private static MinerConfiguration? Read(string text) => MinerConfigurationReader.TryRead(System.Text.Encoding.Latin1.GetBytes(text), new EvidenceLocation("d", "v", 0, "/x", 1), out MinerConfiguration found) ? found : null;

    [Fact]
    public void Xmrig_is_known_by_its_settings()
    {
        MinerConfiguration found = Read("{\"autosave\":true,\"donate-level\":1,\"randomx\":{\"mode\":\"auto\"},\"pools\":[{\"url\":\"h.example:3333\",\"user\":\"me\",\"algo\":\"rx/0\"}]}")!;
        Assert.Equal(["donate-level", "randomx"], found.SpecificKeys);
        Assert.Equal(["algo", "autosave", "pools", "url", "user"], found.CommonKeys);
        Assert.Equal(["h.example:3333"], found.Pools);
        Assert.Equal(["me"], found.Users);
        Assert.Equal("rx/0", found.Algorithm);
    }

    [Theory]
    [InlineData("{\"pools\":{\"url\":\"db:5432\",\"user\":\"app\"}}")]
    [InlineData("{\"http\":{},\"cpu\":4,\"memory-pool\":2}")]
    [InlineData("[www]\nuser = www-data\npool = www\n")]
    [InlineData("")]
    public void Other_settings_are_not_those_of_a_miner(string text) => Assert.Null(Read(text));

    [Fact]
    public void Lines_and_a_scheme_are_enough() => Assert.Equal(["stratum+tcp://h.example:80"], Read("url = stratum+tcp://h.example:80\nuser = a\n")!.Pools);
}
