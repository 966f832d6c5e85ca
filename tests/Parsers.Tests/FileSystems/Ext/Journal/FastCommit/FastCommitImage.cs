using System.IO.Compression;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal.FastCommit;

/// <summary>An image whose journal ends in fast commits, with what the kernel says of it.</summary>
/// <param name="Bytes">The backing file, copied while it was mounted.</param>
/// <param name="Live">Listing of the mounted file system at that moment; null when it was not kept.</param>
/// <param name="Kernel">Listing after the kernel's replay; null when it refused.</param>
/// <param name="FastCommits">How many fast commits the kernel wrote since the mount; null when it was not kept.</param>
internal sealed record FastCommitImage(byte[] Bytes, KernelListing? Live, KernelListing? Kernel, int? FastCommits)
{
    public IByteSource Source => new MemorySource(Bytes);

    /// <summary>A committed image.</summary>
    public static FastCommitImage Fixture(string name)
    {
        using var packed = new GZipStream(Resource(name + ".img.gz"), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        using var listing = new StreamReader(Resource(name + ".kernel.tsv"));
        return new FastCommitImage(bytes.ToArray(), null, new KernelListing(listing.ReadToEnd()), null);
    }

    /// <summary>Records an image here and now; skips the test where that cannot be done.</summary>
    public static FastCommitImage Record(string steps, int mebibytes, string options)
    {
        if (!Environment.IsPrivilegedProcess || TestTools.TryRun("losetup", "-f").Code != 0)
        {
            Assert.Skip("needs root and loop devices");
        }
        using var folder = new TempFolder();
        using (var script = new StreamReader(Resource("record.sh")))
        {
            File.WriteAllText(folder.File("record.sh"), script.ReadToEnd());
        }
        TestTools.Run("bash", [folder.File("record.sh"), folder.Root, steps, mebibytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        KernelListing? kernel = File.Exists(folder.File("kernel.tsv")) ? new KernelListing(File.ReadAllText(folder.File("kernel.tsv"))) : null;
        int commits = int.Parse(File.ReadAllText(folder.File("fast_commits")), System.Globalization.CultureInfo.InvariantCulture);
        return new FastCommitImage(File.ReadAllBytes(folder.File("image")), new KernelListing(File.ReadAllText(folder.File("live.tsv"))), kernel, commits);
    }

    private static Stream Resource(string name) =>
        Assert.IsType<Stream>(typeof(FastCommitImage).Assembly.GetManifestResourceStream("fast-commit/" + name), exactMatch: false);
}
