using System.Text;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Windows;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>The mark of the web as browsers, mail programs and the shell write it.</summary>
public sealed class DownloadMarkTests
{
    private const string Usual = "[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=https://example.org/page?a=b\r\nHostUrl=https://cdn.example.org/setup.exe\r\n";

    [Fact]
    public void Zone_and_addresses_are_read()
    {
        DownloadMark mark = Assert.IsType<DownloadMark>(Assert.Single(Parse(Encoding.ASCII.GetBytes(Usual))));
        Assert.Equal(3, mark.ZoneId);
        Assert.Equal("https://example.org/page?a=b", mark.ReferrerUrl);
        Assert.Equal("https://cdn.example.org/setup.exe", mark.HostUrl);
        Assert.Null(mark.LastWriterPackageFamilyName);
        Assert.Equal("Zone.Identifier", mark.Location.Stream);
    }

    [Fact]
    public void Utf16_with_a_byte_order_mark_and_utf8_with_one_are_read()
    {
        Assert.Equal(3, Assert.IsType<DownloadMark>(Assert.Single(Parse([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Usual)]))).ZoneId);
        Assert.Equal(3, Assert.IsType<DownloadMark>(Assert.Single(Parse([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Usual)]))).ZoneId);
    }

    [Fact]
    public void The_writer_of_a_store_application_and_an_address_are_read()
    {
        DownloadMark mark = Assert.IsType<DownloadMark>(Assert.Single(Parse("[zonetransfer]\nLastWriterPackageFamilyName=Microsoft.Edge_8wekyb\nzoneid = 4\nHostIpAddress=203.0.113.7\n"u8)));
        Assert.Equal("Microsoft.Edge_8wekyb", mark.LastWriterPackageFamilyName);
        Assert.Equal(4, mark.ZoneId);
        Assert.Equal("203.0.113.7", mark.HostIpAddress);
    }

    [Fact]
    public void The_first_of_two_values_counts_and_what_stands_outside_of_the_section_does_not()
    {
        DownloadMark mark = Assert.IsType<DownloadMark>(Assert.Single(Parse("HostUrl=https://outside\n[ZoneTransfer]\nZoneId=3\nZoneId=0\n[Other]\nHostUrl=https://other\n"u8)));
        Assert.Equal(3, mark.ZoneId);
        Assert.Null(mark.HostUrl);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing of the kind\n")]
    [InlineData("[ZoneTransfer]\n")]
    [InlineData("[ZoneTransfer]\n=3\n")]
    public void Anything_else_is_no_mark(string text) => Assert.Empty(Parse(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void A_zone_that_is_no_number_is_left_out()
    {
        Assert.Null(Assert.IsType<DownloadMark>(Assert.Single(Parse("[ZoneTransfer]\nZoneId=99999999999999999999\nHostUrl=x\n"u8))).ZoneId);
    }

    private static List<Artifact> Parse(ReadOnlySpan<byte> content)
    {
        var found = new ArtifactList();
        var place = new EvidenceLocation("disk.raw", "gpt1@1048576", 1048576, "/Users/a/setup.exe", 99) { Stream = "Zone.Identifier" };
        new DownloadMarkParser().Parse(new ArtifactInput(place, new FileEntry { Type = FileType.Regular }, content.ToArray()), found);
        return found.Artifacts;
    }
}
