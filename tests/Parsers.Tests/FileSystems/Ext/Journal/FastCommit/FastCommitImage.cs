using System.Globalization;
using System.IO.Compression;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>An image whose journal ends in fast commits, with what the kernel says of it.</summary>
/// <param name="Bytes">The backing file, copied while it was mounted.</param>
/// <param name="Live">Listing of the mounted file system at that moment.</param>
/// <param name="Kernel">Listing after the kernel's replay; null when it refused.</param>
/// <param name="FastCommits">How many fast commits the kernel wrote since its last full one.</param>
internal sealed record FastCommitImage(byte[] Bytes, RecordedListing Live, RecordedListing? Kernel, int FastCommits)
{
    public IByteSource Source => new MemorySource(Bytes);

    /// <summary>A committed image.</summary>
    public static FastCommitImage Fixture(string name)
    {
        using var packed = new GZipStream(Resource(name + ".img.gz")!, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return Make(bytes.ToArray(), file => Text(Resource($"{name}.{file}")));
    }

    /// <summary>Records an image here and now; skips the test where that cannot be done.</summary>
    public static FastCommitImage Record(string steps, int mebibytes, string options)
    {
        if (!Environment.IsPrivilegedProcess || TestTools.TryRun("losetup", "-f").Code != 0)
        {
            Assert.Skip("needs root and loop devices");
        }
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("record.sh"), Text(Resource("record.sh"))!);
        TestTools.Run("bash", [folder.File("record.sh"), folder.Root, steps, mebibytes.ToString(CultureInfo.InvariantCulture), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        return Make(File.ReadAllBytes(folder.File("image")), file => File.Exists(folder.File(file)) ? File.ReadAllText(folder.File(file)) : null);
    }

    private static FastCommitImage Make(byte[] bytes, Func<string, string?> read) => new(bytes, new RecordedListing(read("live.tsv")!),
        read("kernel.tsv") is { } kernel ? new RecordedListing(kernel) : null, int.Parse(read("fast_commits")!, CultureInfo.InvariantCulture));

    private static Stream? Resource(string name) => typeof(FastCommitImage).Assembly.GetManifestResourceStream("fast-commit/" + name);

    private static string? Text(Stream? stream)
    {
        if (stream is null)
        {
            return null;
        }
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
