using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Images;

/// <summary>What an image can make the program open, watched at the one place where files are opened.</summary>
public sealed class EvidenceFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _opened = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../canary")]
    [InlineData("../../canary")]
    [InlineData(@"..\canary")]
    [InlineData(@"C:\Users\x\canary")]
    [InlineData(@"\\host\share\base")]
    [InlineData("//host/share/base")]
    [InlineData("nbd://127.0.0.1/base")]
    [InlineData("nbd+unix:///base?socket=/x")]
    [InlineData("http://127.0.0.1/base")]
    [InlineData("file:base")]
    [InlineData("json:{\"driver\":\"file\",\"filename\":\"base\"}")]
    [InlineData("base\0")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("sub/..")]
    [InlineData("sub")]
    [InlineData("link")]
    [InlineData("fifo")]
    [InlineData("/proc/self/mem")]
    [InlineData("/dev/sda")]
    public void What_is_no_plain_file_beside_the_image_is_refused_and_never_opened(string name)
    {
        using EvidenceFiles files = Files();
        CompanionFile image = files.OpenImage(Arrange());
        UnsupportedFeatureException refusal = Assert.Throws<UnsupportedFeatureException>(() => image.Companions.OpenNamed(name, "backing file"));
        Assert.Contains("backing file '" + PathText.FromText(name) + "'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([_folder.File("image/disk.img")], _opened);
    }

    [Theory]
    [InlineData("base")]
    [InlineData("./base")]
    [InlineData("/var/lib/libvirt/images/base")]
    [InlineData(@"C:\Hyper-V\base")]
    [InlineData("BASE")]
    public void Only_the_last_component_of_a_name_is_looked_up_beside_the_image(string name)
    {
        using EvidenceFiles files = Files();
        CompanionFile parent = files.OpenImage(Arrange()).Companions.OpenNamed(name, "backing file");
        Assert.Equal("base", parent.FileName);
        Assert.Equal([_folder.File("image/disk.img"), _folder.File("image/base")], _opened);
        Assert.Equal(2, files.Opened.Count);
    }

    [Fact]
    public void A_folder_the_user_allowed_is_looked_into_after_the_own_one()
    {
        string image = Arrange();
        using EvidenceFiles files = Files(_folder.File("parents"));
        ICompanionFiles companions = files.OpenImage(image).Companions;
        Assert.Equal("far", companions.OpenNamed("/elsewhere/far", "parent").FileName);
        companions.OpenNamed("base", "parent");
        Assert.Equal([image, _folder.File("parents/far"), _folder.File("image/base")], _opened);
        Assert.Throws<UnsupportedFeatureException>(() => companions.OpenNamed("farlink", "parent"));
    }

    [Fact]
    public void A_name_that_two_files_fit_but_for_its_case_opens_neither()
    {
        string image = Arrange();
        _folder.Write("image/BasE", [1]);
        using EvidenceFiles files = Files();
        ICompanionFiles companions = files.OpenImage(image).Companions;
        Assert.Throws<UnsupportedFeatureException>(() => companions.OpenNamed("BASE", "parent"));
        Assert.Equal("BasE", companions.OpenNamed("BasE", "parent").FileName);
    }

    [Fact]
    public void A_chain_that_comes_back_to_itself_ends()
    {
        using EvidenceFiles files = Files();
        CompanionFile image = files.OpenImage(Arrange());
        Assert.Contains("leads back to itself", Assert.Throws<UnsupportedFeatureException>(() => image.Companions.OpenNamed("disk.img", "parent")).Message, StringComparison.Ordinal);
        CompanionFile parent = image.Companions.OpenNamed("base", "parent");
        Assert.Throws<UnsupportedFeatureException>(() => parent.Companions.OpenNamed("disk.img", "parent"));
        Assert.Equal(2, files.Opened.Count);
    }

    [Fact]
    public void A_chain_ends_after_32_files()
    {
        string image = Arrange();
        for (int i = 0; i < 1000; i++)
        {
            _folder.Write("image/p" + i, [1]);
        }
        using EvidenceFiles files = Files();
        CompanionFile last = files.OpenImage(image);
        Exception? refusal = null;
        for (int i = 0; i < 1000 && refusal is null; i++)
        {
            ICompanionFiles companions = last.Companions;
            refusal = Record.Exception(() => last = companions.OpenNamed("p" + i, "parent"));
        }
        Assert.Contains("too long", Assert.IsType<UnsupportedFeatureException>(refusal).Message, StringComparison.Ordinal);
        Assert.Equal(EvidenceFiles.LongestChain, files.Opened.Count);
    }

    [Fact]
    public void A_segment_is_looked_for_in_the_folder_the_user_named_and_where_the_image_lies()
    {
        string image = Arrange();
        _folder.Write("image/disk.002", [2]);
        Directory.CreateDirectory(_folder.File("links"));
        File.CreateSymbolicLink(_folder.File("links/disk.img"), image);
        using EvidenceFiles files = Files();
        ICompanionFiles companions = files.OpenImage(_folder.File("links/disk.img")).Companions;
        Assert.Equal(1, companions.OpenSegment("disk.002")?.Content.Length);
        Assert.Null(companions.OpenSegment("disk.003"));
        Assert.Null(companions.OpenSegment("../canary"));
        Assert.Null(companions.OpenSegment("fifo"));
    }

    private EvidenceFiles Files(params string[] allowed) => new(allowed, path =>
    {
        _opened.Add(path);
        return ImageFile.Open(path);
    });

    /// <summary>An image with everything around it that must not be opened, and one file beside it that may.</summary>
    private string Arrange()
    {
        foreach (string folder in new[] { "image/sub", "parents" })
        {
            Directory.CreateDirectory(_folder.File(folder));
        }
        _folder.Write("canary", "secret of the analyst"u8.ToArray());
        _folder.Write("image/base", [1]);
        _folder.Write("parents/far", [1]);
        _folder.Write("parents/base", [1, 2]);
        File.CreateSymbolicLink(_folder.File("image/link"), _folder.File("canary"));
        File.CreateSymbolicLink(_folder.File("parents/farlink"), _folder.File("canary"));
        TestTools.Run("mkfifo", _folder.File("image/fifo"));
        return _folder.Write("image/disk.img", [1]);
    }
}
