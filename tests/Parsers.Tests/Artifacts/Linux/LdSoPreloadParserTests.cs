using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Xunit;

namespace Forensics.Parsers.Tests.Artifacts.Linux;

public sealed class LdSoPreloadParserTests
{
    private const string Path = "/etc/ld.so.preload";

    private static ArtifactList Parse(string text, string path = Path) => ArtifactRun.Parse(new LdSoPreloadParser(), path, text);

    [Theory]
    [InlineData("/etc/libsystem.so\n", "/etc/libsystem.so")]
    [InlineData("/lib/x86_64-linux-gnu/libsnoopy.so", "/lib/x86_64-linux-gnu/libsnoopy.so")]
    [InlineData("# agent\n/a.so:/b.so /c.so\t/d.so\n", "/a.so|/b.so|/c.so|/d.so")]
    [InlineData("/a.so# tail /b.so\n/c.so#", "/a.so|/c.so")]
    [InlineData("\n\n : :\n", "")]
    [InlineData("", "")]
    [InlineData("# only a comment", "")]
    public void Words_are_split_as_the_loader_does(string text, string expected)
    {
        ArtifactList list = Parse(text);
        List<PreloadedLibrary> libraries = list.Of<PreloadedLibrary>();
        Assert.Equal(expected, string.Join('|', libraries.Select(library => library.Library)));
        PreloadFile file = Assert.Single(list.Of<PreloadFile>());
        Assert.Equal(libraries.Count, file.LibraryCount);
        Assert.True(file.IsActive);
        Assert.All(libraries, library => Assert.True(library.IsActive));
        Assert.Empty(list.Diagnostics);
    }

    [Fact]
    public void Line_and_offset_point_at_the_word()
    {
        PreloadedLibrary library = Parse("# x\n\n/a.so /usr/local/lib/libprocesshider.so\n").Of<PreloadedLibrary>()[1];
        Assert.Equal(3, library.Location.Line);
        Assert.Equal(11, library.Location.ByteOffset);
        Assert.Equal(["/usr/local/lib/libprocesshider.so"], library.NamedFiles);
    }

    [Theory]
    [InlineData("/usr/$LIB/x.so", "/usr/lib/x86_64-linux-gnu/x.so")]
    [InlineData("/usr/$LIB/x.so", "/usr/lib64/x.so")]
    [InlineData("/${LIB}/liboneagentproc.so", "/lib64/liboneagentproc.so")]
    [InlineData("/usr/lib/arm-linux-gnueabihf/libarmmem-${PLATFORM}.so", "/usr/lib/arm-linux-gnueabihf/libarmmem-v7l.so")]
    [InlineData("/opt/$LIB/$PLATFORM/x.so", "/opt/lib64/haswell/x.so")]
    [InlineData("$ORIGIN/../lib/x.so", "/usr/lib/x.so")]
    [InlineData("libgcwrap.so", "/lib/libgcwrap.so")]
    [InlineData("libgcwrap.so", "/usr/lib/x86_64-linux-gnu/libgcwrap.so")]
    [InlineData("//lib/./x.so", "/lib/x.so")]
    [InlineData("/lib/é\u200b.so", "/lib/é\\xe2\\x80\\x8b.so")]
    public void Candidates_contain_what_the_loader_would_open(string word, string expected) =>
        Assert.Contains(expected, Parse(word + "\n").Of<PreloadedLibrary>()[0].NamedFiles);

    [Theory]
    [InlineData("/usr/$LIBX/x.so")]
    [InlineData("/usr/${LIB/x.so")]
    [InlineData("/usr/$/x.so")]
    public void What_is_no_token_stays_as_written(string word) => Assert.Equal([word], Parse(word).Of<PreloadedLibrary>()[0].NamedFiles);

    [Theory]
    [InlineData("/etc/ld.so.preload.bak")]
    [InlineData("/etc/ld.preload")]
    [InlineData("/etc/ld.so.hash")]
    public void Siblings_are_not_active(string path)
    {
        ArtifactList list = Parse("/etc/libsystem.so\n", path);
        Assert.False(list.Of<PreloadFile>()[0].IsActive);
        Assert.False(list.Of<PreloadedLibrary>()[0].IsActive);
    }

    [Fact]
    public void Names_after_a_nul_are_not_loaded_but_for_an_unterminated_last_one()
    {
        Assert.Equal([true, false, true], Parse("/a.so\n\0/b.so\n/c.so").Of<PreloadedLibrary>().Select(library => library.IsActive));
        Assert.Equal([true, false, false], Parse("/a.so\n\0/b.so\n/c.so\n").Of<PreloadedLibrary>().Select(library => library.IsActive));
    }

    [Fact]
    public void Link_is_reported_as_content_not_seen()
    {
        ArtifactList list = ArtifactRun.ParseLink(new LdSoPreloadParser(), Path, "/var/tmp/.p");
        Assert.Single(list.Of<PreloadFile>());
        Assert.True(Assert.Single(list.Diagnostics).LosesContent);
        Assert.Empty(ArtifactRun.ParseLink(new LdSoPreloadParser(), Path, "/dev/null").Diagnostics);
    }

    [Fact]
    public void Garbage_and_hostile_sizes_end_quickly()
    {
        ArtifactRun.SurvivesGarbage(new LdSoPreloadParser(), Path, "/usr/$LIB/${PLATFORM}/x.so:", "$ORIGIN");
        ArtifactRun.SurvivesHostileSizes(new LdSoPreloadParser(), Path, "/$LIB/$PLATFORM/$ORIGIN/$LIB/$PLATFORM.so\n");
    }
}
