using System.Net.Sockets;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Bytes;

public sealed class ImageFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_at_positions_and_ends_at_the_length()
    {
        byte[] content = TestDisk.Mixed(100_000, 1);
        using ImageFile file = ImageFile.Open(_folder.Write("a b.img", content));
        Assert.Equal(content.Length, file.Length);
        Assert.Equal(content[5000..6000], file.ReadArray(5000, 1000));
        Assert.Equal(content[99_990..], file.ReadArray(99_990, 1000));
        Assert.Equal(0, file.ReadAt(content.Length, new byte[10]));
        Assert.Equal(0, file.ReadAt(0, []));
    }

    [Fact]
    public void Symbolic_link_leads_to_the_image()
    {
        _folder.Write("a.img", new byte[1000]);
        File.CreateSymbolicLink(_folder.File("link"), "a.img");
        File.CreateSymbolicLink(_folder.File("link2"), "link");
        using ImageFile file = ImageFile.Open(_folder.File("link2"));
        Assert.Equal(1000, file.Length);
    }

    [Fact]
    public void Directory_empty_file_and_missing_file_are_refused_in_one_sentence()
    {
        Assert.Contains("is a directory", Refused<UnknownFormatException>(_folder.Root), StringComparison.Ordinal);
        Assert.Contains("is empty or not a regular file", Refused<UnknownFormatException>(_folder.Write("empty", [])), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refused<ImageReadException>(_folder.File("none")), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refused<ImageReadException>(_folder.File("no/such/folder")), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refused<ImageReadException>(""), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refused<ImageReadException>("a\0b"), StringComparison.Ordinal);
        Assert.Contains("\\x1b", Refused<ImageReadException>(_folder.File("\u001b[2J")), StringComparison.Ordinal);
        Assert.False(Refused<ImageReadException>(_folder.File(new string('x', 5000))).Contains('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void Dangling_and_looping_links_are_refused()
    {
        File.CreateSymbolicLink(_folder.File("dangling"), "nowhere");
        Refused<ImageReadException>(_folder.File("dangling"));
        File.CreateSymbolicLink(_folder.File("x"), "y");
        File.CreateSymbolicLink(_folder.File("y"), "x");
        Refused<ImageReadException>(_folder.File("x"));
    }

    [Fact]
    public async Task Fifo_is_refused_without_waiting_for_a_writer()
    {
        string path = _folder.File("fifo");
        TestTools.Run("mkfifo", path);
        File.CreateSymbolicLink(_folder.File("link"), "fifo");
        foreach (string name in new[] { path, _folder.File("link") })
        {
            Task<string> refusal = Task.Run(() => Refused<UnknownFormatException>(name), TestContext.Current.CancellationToken);
            Assert.Contains("not a regular file", await refusal.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Character_devices_and_sockets_are_refused()
    {
        Refused<UnknownFormatException>("/dev/zero");
        Refused<UnknownFormatException>("/dev/null");
        string path = _folder.File("s");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        Refused<UnknownFormatException>(path);
    }

    [Fact]
    public void File_cut_short_while_it_is_read_is_an_image_error_and_a_change()
    {
        string path = _folder.Write("a.img", new byte[100_000]);
        using ImageFile file = ImageFile.Open(path);
        Assert.False(file.HasChanged());
        using (FileStream writer = File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            writer.SetLength(50_000);
        }
        var error = Assert.Throws<ImageReadException>(() => file.ReadUpTo(40_000, new byte[20_000]));
        Assert.Equal(50_000, error.Offset);
        Assert.Contains("cut short", error.Message, StringComparison.Ordinal);
        Assert.True(file.HasChanged());
    }

    [Fact]
    public void Rewriting_in_place_is_a_change()
    {
        string path = _folder.Write("a.img", new byte[1000]);
        using ImageFile file = ImageFile.Open(path);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));
        Assert.True(file.HasChanged());
    }

    private static string Refused<TException>(string path) where TException : ForensicException =>
        Assert.Throws<TException>(() => ImageFile.Open(path).Dispose()).Message;
}
