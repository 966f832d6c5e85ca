using System.Diagnostics;
using System.IO.Compression;
using Forensics.Parsers.Bytes;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext.Journal;

/// <summary>
/// A file system that was copied while it was mounted, and two listings of it by the kernel: committed ones, which <c>fixtures/make.sh</c> made, or one that it
/// makes now, which needs root and loop devices.
/// </summary>
internal sealed class JournalFixture : IDisposable
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "FileSystems", "Ext", "Journal", "fixtures");
    private readonly string? _temporary;

    private JournalFixture(string listings, byte[] image, byte[]? externalJournal, string? temporary)
    {
        Replayed = Path.Combine(listings, "replayed.tsv");
        Plain = Path.Combine(listings, "plain.tsv");
        Image = image;
        ExternalJournal = externalJournal is null ? null : new MemorySource(externalJournal);
        _temporary = temporary;
    }

    /// <summary>The file system.</summary>
    public byte[] Image { get; }

    /// <summary>The device with its journal; null when that is inside.</summary>
    public MemorySource? ExternalJournal { get; }

    /// <summary>Listing after the kernel replayed the journal.</summary>
    public string Replayed { get; }

    /// <summary>Listing of a mount with <c>noload</c>.</summary>
    public string Plain { get; }

    /// <summary>Names of the committed ones.</summary>
    public static IEnumerable<string> Committed => Directory.EnumerateDirectories(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>A committed one.</summary>
    public static JournalFixture Open(string name)
    {
        string folder = Path.Combine(Folder, name);
        using var packed = new GZipStream(File.OpenRead(Path.Combine(folder, "image.gz")), CompressionMode.Decompress);
        var image = new MemoryStream();
        packed.CopyTo(image);
        return new JournalFixture(folder, image.ToArray(), null, null);
    }

    /// <summary>Makes one now; skips the running test when that is not possible here.</summary>
    public static JournalFixture Make(string name)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/loop-control"))
        {
            Assert.Skip("needs root and loop devices");
        }
        string folder = Directory.CreateTempSubdirectory("deadbox-journal-").FullName;
        Run("sh", [Path.Combine(Folder, "make.sh"), name, folder]);
        string journal = Path.Combine(folder, "journal");
        return new JournalFixture(folder, File.ReadAllBytes(Path.Combine(folder, "image")), File.Exists(journal) ? File.ReadAllBytes(journal) : null, folder);
    }

    public void Dispose()
    {
        if (_temporary is not null)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }

    private static void Run(string tool, string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException(tool + " did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0 && errors.Contains("losetup", StringComparison.Ordinal) && errors.Contains("cannot find an unused loop device", StringComparison.Ordinal))
        {
            Assert.Skip("no loop device is free");
        }
        Assert.True(process.ExitCode == 0, errors + output.Result);
    }
}
