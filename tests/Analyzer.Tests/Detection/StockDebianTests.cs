using System.Text.Json.Nodes;
using Forensics.Analyzer.Tests.EndToEnd;
using Xunit;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>
/// A Debian server with some 40 server packages, made by <c>samples/stock-debian/make.sh</c> straight from the distribution: nothing in it is suspicious. The script <c>test</c> makes it
/// once, where it may and the network allows, and keeps it in its cache; without it the test is skipped.
/// </summary>
public sealed class StockDebianTests
{
    [Theory]
    [InlineData("triage")]
    [InlineData("standard")]
    public void Nothing_above_low_is_found(string profile)
    {
        JsonObject report = Deadbox.Scan(Image(), "--profile", profile).Report;
        JsonObject[] loud = [.. report["findings"]!.AsArray().Select(node => node!.AsObject()).Where(finding => (string?)finding["severity"] is not ("info" or "low"))];
        Assert.True(loud.Length == 0, string.Join('\n', loud.Select(finding => $"{finding["severity"]} {finding["ruleId"]} {finding["path"]}: {finding["message"]} [{finding["evidence"]}]")));
        Assert.Equal("clean", (string?)report["risk"]!["verdict"]);
    }

    private static string Image()
    {
        string? path = Environment.GetEnvironmentVariable("DEADBOX_STOCK_DEBIAN");
        if (string.IsNullOrEmpty(path) || !File.Exists(path))
        {
            Assert.Skip("no image of a stock Debian server: set DEADBOX_STOCK_DEBIAN to what samples/stock-debian/make.sh made");
        }
        return path;
    }
}
