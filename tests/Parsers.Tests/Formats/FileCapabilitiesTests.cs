using Forensics.Parsers.Formats;
using Xunit;

namespace Forensics.Parsers.Tests.Formats;

public sealed class FileCapabilitiesTests
{
    /// <summary>Values as setcap(8) writes them.</summary>
    [Theory]
    [InlineData("0100000200200000000000000000000000000000", "cap_net_raw=ep")]
    [InlineData("01000002C0000000000000000000000000000000", "cap_setgid,cap_setuid=ep")]
    [InlineData("0000000200000000000000008000000000000000", "cap_bpf=p")]
    [InlineData("01000001800000000000000000000000", "cap_setuid=ep")]
    [InlineData("0000000200000000800000000000000000000000", "cap_setuid=i")]
    [InlineData("0100000280000000800000000000000000000000", "cap_setuid=epi")]
    public void Text_is_that_of_getcap(string value, string expected)
    {
        Assert.True(FileCapabilities.TryParse(Convert.FromHexString(value), out FileCapabilities capabilities));
        Assert.Equal(expected, capabilities.ToString());
        Assert.Equal(0u, capabilities.RootId);
    }

    [Fact]
    public void Revision_three_names_the_root_of_its_namespace()
    {
        Assert.True(FileCapabilities.TryParse(Convert.FromHexString("0100000380000000000000000000000000000000A0860100"), out FileCapabilities capabilities));
        Assert.Equal(100_000u, capabilities.RootId);
        Assert.Equal(["cap_setuid"], capabilities.Names);
    }

    [Fact]
    public void Unknown_bits_get_numbers_and_broken_values_nothing()
    {
        Assert.True(FileCapabilities.TryParse(Convert.FromHexString("0100000200000000000000000000008000000000"), out FileCapabilities capabilities));
        Assert.Equal(["cap_63"], capabilities.Names);
        foreach (string broken in (string[])["", "0100000280", "010000028000000000000000000000000000", "0100000480000000000000000000000000000000", "010000038000000000000000000000000000000000"])
        {
            Assert.False(FileCapabilities.TryParse(Convert.FromHexString(broken), out _));
        }
    }
}
