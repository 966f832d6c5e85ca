using Forensics.Parsers.Packages;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Packages;

/// <summary>A package built and a database made by the rpm of this machine, whatever its version.</summary>
public sealed class RpmOracleTests
{
    [Fact]
    public void Database_that_rpm_makes_here_is_listed_as_rpm_lists_it()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("live.spec"), """
            Name: live
            Version: 1
            Release: 1
            Summary: x
            License: none
            BuildArch: noarch
            AutoReqProv: no
            %description
            x
            %install
            mkdir -p %{buildroot}/opt/live
            echo program >%{buildroot}/opt/live/program
            echo setting >%{buildroot}/opt/live/live.conf
            ln -s program %{buildroot}/opt/live/link
            %files
            %attr(0755,root,root) /opt/live/program
            %config(noreplace) /opt/live/live.conf
            /opt/live/link
            %post
            echo installed
            """.Replace("            ", "", StringComparison.Ordinal) + "\n");
        TestTools.Run("rpmbuild", "-bb", "--quiet", "--define", "_topdir " + folder.Root, "--define", "_build_name_fmt %{NAME}.rpm", "--define", "__os_install_post %{nil}", folder.File("live.spec"));
        Directory.CreateDirectory(folder.File("db"));
        TestTools.Run("rpm", "--dbpath", folder.File("db"), "-i", "--justdb", "--nodeps", "--noscripts", "--ignoresize", folder.File("RPMS/live.rpm"));
        string[] expected = TestTools.Run("rpm", "--dbpath", folder.File("db"), "-qa", "--qf", "[%{FILENAMES} %{FILEDIGESTS} %{FILEMODES:octal} %{FILEUSERNAME} %{FILELINKTOS}\n]")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var host = new HostMemory();
        foreach (string file in Directory.GetFiles(folder.File("db")))
        {
            host.Add("/usr/lib/sysimage/rpm/" + Path.GetFileName(file), File.ReadAllBytes(file));
        }
        PackageIndex index = host.Read(out var diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(expected, index.Files.Select(file => $"{file.Path} {Convert.ToHexStringLower(file.Digest)} {(file.Kind == PackageFileKind.Link ? "12" : "10")}{Convert.ToString(file.Permissions!.Value, 8).PadLeft(4, '0')} {file.User} {file.LinkTarget}".Trim()));
        Assert.Equal("echo installed", Assert.Single(Assert.Single(index.Packages).Scripts).Text);
    }
}
