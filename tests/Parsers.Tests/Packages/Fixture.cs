using System.IO.Compression;

namespace Forensics.Parsers.Tests.Packages;

/// <summary>The files that <c>fixtures/make.sh</c> made, and rpm's listings of them.</summary>
internal static class Fixture
{
    public static byte[] Unpack(string name)
    {
        using FileStream file = File.OpenRead(Place(name + ".gz"));
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        var content = new MemoryStream();
        gzip.CopyTo(content);
        return content.ToArray();
    }

    public static string[] Lines(string name) => System.Text.Encoding.UTF8.GetString(Unpack(name)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Place(string name) => Path.Combine(AppContext.BaseDirectory, "Packages", "fixtures", name);
}
