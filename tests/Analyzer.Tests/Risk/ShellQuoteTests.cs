using System.Diagnostics;
using System.Text;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Xunit;

namespace Forensics.Analyzer.Tests.Risk;

public sealed class ShellQuoteTests
{
    [Theory]
    [InlineData("/etc/cron.d/a-b_c", "/etc/cron.d/a-b_c")]
    [InlineData("/tmp/a b", "'/tmp/a b'")]
    [InlineData("/tmp/it's", "'/tmp/it'\\''s'")]
    [InlineData("/tmp/\\x0a$(id)", "$'/tmp/\\x0a$(id)'")]
    [InlineData("-rf", "./-rf")]
    public void Paths_are_quoted_as_little_as_possible(string path, string expected)
    {
        Assert.True(ShellQuote.TryPath(path, out string word));
        Assert.Equal(expected, word);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/tmp/a\\x00b")]
    public void Names_that_no_command_can_carry_are_refused(string path) => Assert.False(ShellQuote.TryPath(path, out _));

    [Fact]
    public void Bash_reads_back_every_byte_of_hostile_names()
    {
        List<byte[]> names =
        [
            "/tmp/$(touch /x)`id`"u8.ToArray(), "/a;b|c&d>e<f"u8.ToArray(), "/a\"b'c\\d"u8.ToArray(), "/~x/{a,b}/*?[z]!h#"u8.ToArray(), "/new\nline\ttab\u000123"u8.ToArray(),
            [(byte)'/', 0xFF, 0xFE, (byte)'a', 0x80, (byte)'9'], "/ünïcødé/\u202Egpj.exe"u8.ToArray(), "/trailing "u8.ToArray(), "/-rf"u8.ToArray(), "/%s%n"u8.ToArray(), "/=x"u8.ToArray(),
        ];
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            byte[] name = new byte[random.Next(2, 40)];
            random.NextBytes(name);
            name.AsSpan().Replace((byte)0, (byte)'x');
            name[0] = (byte)'/';
            names.Add(name);
        }
        var script = new StringBuilder();
        var expected = new List<byte>();
        foreach (byte[] name in names)
        {
            Assert.True(ShellQuote.TryPath("/" + PathText.FromBytes(name.AsSpan(1)).Replace("\\x2f", "/", StringComparison.Ordinal), out string word));
            Assert.DoesNotContain('\n', word);
            Assert.True(Ascii.IsValid(word));
            script.Append("printf '%s\\0' ").Append(word).Append('\n');
            expected.AddRange(name);
            expected.Add(0);
        }
        Assert.Equal(expected, Bash(script.ToString()));
    }

    private static byte[] Bash(string script)
    {
        using Process bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "-s"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        bash.StandardInput.Write(script);
        bash.StandardInput.Close();
        using var output = new MemoryStream();
        bash.StandardOutput.BaseStream.CopyTo(output);
        bash.WaitForExit();
        return output.ToArray();
    }
}
