using System.Text;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Artifacts.Windows;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Analyzer.Tests.Pipeline;

/// <summary>Where the file system ignores case, names are found in any; who wrote it exactly comes first.</summary>
public sealed class IgnoredCaseTests
{
    [Theory]
    [InlineData("System32", "System32", 2)]
    [InlineData("SYSTEM32", "System32", 2)]
    [InlineData("twin", "twin", 4)]
    [InlineData("Twin", "Twin", 3)]
    [InlineData("TWIN", "Twin", 3)]
    [InlineData("ÄRGER", "Ärger", 5)]
    [InlineData("other", null, 0)]
    public void Names_are_found_in_any_case(string name, string? stored, ulong address)
    {
        foreach (int kept in (int[])[100, 2])
        {
            var names = new TreeNames(ScanLimits.Default with { KeptNames = kept });
            var fileSystem = new Names(ignoresCase: true);
            Assert.Equal(stored is not null, names.TryFind(fileSystem, fileSystem.Open(1), name, out ulong found, out string as_));
            if (stored is not null)
            {
                Assert.Equal((address, stored), (found, as_));
            }
        }
    }

    [Fact]
    public void Elsewhere_case_tells_names_apart()
    {
        var names = new TreeNames(ScanLimits.Default);
        var fileSystem = new Names(ignoresCase: false);
        Assert.False(names.TryFind(fileSystem, fileSystem.Open(1), "SYSTEM32", out _, out _));
        Assert.True(names.TryFind(fileSystem, fileSystem.Open(1), "System32", out _, out _));
    }

    [Theory]
    [InlineData("/Windows/System32/Tasks/A/b", typeof(ScheduledTaskParser))]
    [InlineData("/WINDOWS/system32/TASKS/x", typeof(ScheduledTaskParser))]
    [InlineData("/windows/tasks/At1.JOB", typeof(JobFileParser))]
    [InlineData("/Users/Alice/Documents/windowspowershell/PROFILE.ps1", typeof(PowerShellProfileParser))]
    [InlineData("/Program Files (x86)/PowerShell/7/profile.ps1", typeof(PowerShellProfileParser))]
    [InlineData("/ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/x.exe", typeof(StartupFolderParser))]
    [InlineData("/Windows/System32/drivers/etc/HOSTS", typeof(WindowsHostsFileParser))]
    public void Claims_of_Windows_hold_in_any_case(string path, Type parser)
    {
        PathClaims claims = PathClaims.OfWindows(["/Users/alice"]);
        Assert.Contains(parser, claims.ClaimantsOf(path).Select(claimant => claimant.GetType()));
        Assert.DoesNotContain(PathClaims.OfLinux(["/Users/alice"]).ClaimantsOf(path), claimant => claimant.Name.StartsWith("windows/", StringComparison.Ordinal));
    }

    [Fact]
    public void Linux_claims_nothing_on_Windows()
    {
        Assert.Empty(PathClaims.OfWindows(["/Users/alice"]).ClaimantsOf("/etc/crontab"));
        Assert.Contains(PathClaims.OfLinux(["/root"]).ClaimantsOf("/etc/crontab"), claimant => claimant is CrontabParser);
        Assert.Empty(PathClaims.OfLinux(["/root"]).ClaimantsOf("/ETC/crontab"));
    }

    /// <summary>One directory.</summary>
    private sealed class Names(bool ignoresCase) : IFileSystem
    {
        private static readonly (string Name, ulong Address)[] s_names = [("System32", 2), ("Twin", 3), ("twin", 4), ("Ärger", 5)];

        public string Kind => "test";
        public FileSystemFacts Facts { get; } = new();
        public bool IgnoresCase => ignoresCase;
        public ulong RootAddress => 1;
        public FileEntry Open(ulong metadataAddress) => new() { MetadataAddress = metadataAddress, Type = metadataAddress == 1 ? FileType.Directory : FileType.Regular };
        public IEnumerable<DirectoryEntry> ReadDirectory(FileEntry directory) => s_names.Select(name => new DirectoryEntry(Encoding.UTF8.GetBytes(name.Name), name.Address, FileType.Regular));
        public IByteSource OpenContent(FileEntry file, string? stream = null) => new MemorySource(Array.Empty<byte>());
        public ReadOnlyMemory<byte> ReadLinkTarget(FileEntry link) => default;
        public IReadOnlyList<ExtendedAttribute> ReadExtendedAttributes(FileEntry file) => [];
    }
}
