using System.Globalization;
using System.Text;
using Forensics.Analyzer.Tests.EndToEnd;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Puts planted hosts side by side on one disk, each on a partition of its own. Those of Linux need no privileges: owners, modes, times and flags are written by debugfs.</summary>
internal sealed class PlantDisk : IDisposable
{
    private const int Mib = 1 << 20;
    private readonly Machine _machine = new();
    private int _number;

    public void Dispose() => _machine.Dispose();

    /// <summary>The image, and the volume identity of each tree in order.</summary>
    public (string Image, IReadOnlyList<string> Volumes) Build(IReadOnlyList<PlantTree> trees)
    {
        string image = _machine.At(string.Create(CultureInfo.InvariantCulture, $"plants{_number++}.img"));
        var script = new StringBuilder("label: gpt\n");
        var parts = new List<(long Offset, long Mib)>();
        long offset = Mib;
        foreach (PlantTree tree in trees)
        {
            bool isWindows = tree.Host == PlantHost.Windows;
            if (!isWindows)
            {
                PlantedPackages.Write(tree);
            }
            long size = isWindows ? NtfsPlanting.SizeOf(tree) : 3 + (tree.Files.Sum(file => file.Content.Length + 1500L) * 5 / 4 / Mib);
            parts.Add((offset, size));
            script.Append(CultureInfo.InvariantCulture, $"start={offset / 512}, size={size * Mib / 512}\n");
            offset += size * Mib;
        }
        using (FileStream disk = File.Create(image))
        {
            disk.SetLength(offset + Mib);
        }
        Machine.Run("sfdisk", ["-q", image], script.ToString());
        for (int i = 0; i < trees.Count; i++)
        {
            Write(image, parts[i].Offset, parts[i].Mib, trees[i]);
        }
        return (image, [.. parts.Select((part, i) => string.Create(CultureInfo.InvariantCulture, $"gpt{i + 1}@{part.Offset}"))]);
    }

    private void Write(string image, long offset, long mib, PlantTree tree)
    {
        if (tree.Host == PlantHost.Windows)
        {
            string volume = _machine.At("volume");
            NtfsPlanting.Write(_machine, volume, mib, tree);
            using FileStream disk = File.OpenWrite(image);
            disk.Position = offset;
            disk.Write(File.ReadAllBytes(volume));
            return;
        }
        string folder = Directory.CreateDirectory(_machine.At("tree")).FullName;
        foreach (PlantedFile file in tree.Files.Where(file => !file.IsAbsent).OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            string path = folder + file.Path;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            switch (file.Type)
            {
                case FileType.Directory:
                    Directory.CreateDirectory(path);
                    break;
                case FileType.CharacterDevice:
                    // debugfs makes it: that needs no privileges.
                    break;
                case FileType.SymbolicLink:
                    File.CreateSymbolicLink(path, file.LinkTarget);
                    break;
                default:
                    File.WriteAllBytes(path, file.Content);
                    break;
            }
        }
        Machine.Run("mke2fs", ["-q", "-F", "-t", "ext4", "-b", "1024", "-I", "256", "-O", "^has_journal,^resize_inode", "-E", string.Create(CultureInfo.InvariantCulture, $"root_owner=0:0,offset={offset}"),
            "-d", folder, image, string.Create(CultureInfo.InvariantCulture, $"{mib}M")], null, null, ("E2FSPROGS_FAKE_TIME", PlantTree.Installed.ToString(CultureInfo.InvariantCulture)));
        string commands = _machine.At("commands");
        File.WriteAllText(commands, Commands(tree, _machine));
        Machine.Run("debugfs", ["-w", "-f", commands, string.Create(CultureInfo.InvariantCulture, $"{image}?offset={offset}")]);
        Directory.Delete(folder, recursive: true);
    }

    private static string Commands(PlantTree tree, Machine machine)
    {
        var text = new StringBuilder();
        var folders = new HashSet<string>(tree.Files.Where(file => file.Type == FileType.Directory).Select(file => file.Path), StringComparer.Ordinal);
        foreach (PlantedFile file in tree.Files.Where(file => !file.IsAbsent))
        {
            for (string folder = Path.GetDirectoryName(file.Path)!; folder.Length > 1 && folders.Add(folder); folder = Path.GetDirectoryName(folder)!)
            {
                Inode(text, new PlantedFile(folder, FileType.Directory) { Mode = 0b111_101_101 });
            }
            if (file.Type == FileType.CharacterDevice)
            {
                // debugfs takes a device into its current directory only, under a plain name.
                text.Append(CultureInfo.InvariantCulture, $"cd {Quoted(Path.GetDirectoryName(file.Path)!)}\nmknod {Path.GetFileName(file.Path)} c 0 0\ncd /\n");
            }
            Inode(text, file);
            if (file.Capability is { } capability)
            {
                string value = machine.At("capability");
                File.WriteAllBytes(value, capability);
                text.Append("ea_set -f ").Append(value).Append(' ').Append(Quoted(file.Path)).Append(" security.capability\n");
            }
            if (file.Flags != 0)
            {
                // mke2fs sets the bit of extents, which the content needs.
                uint flags = file.Flags | (file.Type == FileType.Regular ? 0x80000u : 0);
                text.Append(CultureInfo.InvariantCulture, $"sif {Quoted(file.Path)} flags 0x{flags:x}\n");
            }
        }
        return text.ToString();
    }

    private static void Inode(StringBuilder text, PlantedFile file)
    {
        string path = Quoted(file.Path);
        int type = file.Type switch { FileType.Directory => 0x4000, FileType.SymbolicLink => 0xA000, FileType.CharacterDevice => 0x2000, _ => 0x8000 };
        text.Append(CultureInfo.InvariantCulture, $"sif {path} mode 0{Convert.ToString(type | file.Mode, 8)}\n");
        if (file.User != 0 || !IsRoot)
        {
            text.Append(CultureInfo.InvariantCulture, $"sif {path} uid {file.User}\n");
        }
        if (file.Group != 0 || !IsRoot)
        {
            text.Append(CultureInfo.InvariantCulture, $"sif {path} gid {file.Group}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"sif {path} mtime {Time(file.Modified)}\nsif {path} atime {Time(file.Created)}\nsif {path} ctime {Time(file.Created)}\nsif {path} crtime {Time(file.Created)}\n");
    }

    private static readonly bool IsRoot = Environment.IsPrivilegedProcess;

    private static string Quoted(string path) => "\"" + path.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static string Time(long seconds) => "@" + seconds.ToString(CultureInfo.InvariantCulture);
}
