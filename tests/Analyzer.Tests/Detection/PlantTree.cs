using System.Text;
using Forensics.Parsers;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>The files of a small host before it becomes an image. Paths are absolute and real (<c>/usr/bin</c>, not <c>/bin</c>); directories come by themselves.</summary>
internal sealed class PlantTree
{
    /// <summary>When the host was installed: 2026-01-15.</summary>
    public const long Installed = 1_768_435_200;

    /// <summary>When something was planted: 2026-06-01.</summary>
    public const long Planted = 1_780_272_000;

    private readonly SortedDictionary<string, PlantedFile> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, PlantedPackage> _packages = new(StringComparer.Ordinal);

    public PlantTree(PlantHost host)
    {
        Host = host;
        if (host == PlantHost.Windows)
        {
            WindowsBaseHost.Fill(this);
        }
        else
        {
            BaseHost.Fill(this);
        }
    }

    public PlantHost Host { get; }

    public IReadOnlyCollection<PlantedFile> Files => _files.Values;

    /// <summary>A Red Hat host gets an rpm database that owns its base, so that it is known where files come from.</summary>
    public bool HasRpmDatabase { get; private set; }

    /// <summary>What the package database says of a package beyond its files.</summary>
    public IReadOnlyDictionary<string, PlantedPackage> Packages => _packages;

    /// <summary>Gives a Red Hat host its rpm database.</summary>
    public PlantTree WithRpm()
    {
        HasRpmDatabase = true;
        return this;
    }

    /// <summary>Says more about a package; one without files is installed all the same.</summary>
    public PlantTree Package(PlantedPackage package)
    {
        _packages[package.Name] = package;
        return this;
    }

    /// <summary>A file that no package owns, planted long after the host was installed.</summary>
    public PlantTree File(string path, string text, int mode = 0b110_100_100, int user = 0, int group = 0) => Add(new PlantedFile(path, FileType.Regular)
    {
        Content = Encoding.UTF8.GetBytes(text), Mode = mode, User = user, Group = group, Modified = Planted, Created = Planted,
    });

    /// <summary>The same with bytes.</summary>
    public PlantTree File(string path, byte[] content) => Add(new PlantedFile(path, FileType.Regular) { Content = content, Modified = Planted, Created = Planted });

    /// <summary>A program of Windows.</summary>
    /// <param name="attributes">FILE_ATTRIBUTE_ bits.</param>
    public PlantTree Pe(string path, PlantedPe? pe = null, uint attributes = 0) => Add(new PlantedFile(path, FileType.Regular) { Content = (pe ?? new PlantedPe { Seed = path }).Build(), Flags = attributes, Modified = Planted, Created = Planted });

    /// <summary>An executable script that no package owns.</summary>
    public PlantTree Script(string path, string text) => File(path, text, 0b111_101_101);

    /// <summary>An ordinary-looking program that no package owns: dynamic, with section headers, not a word in it that a rule knows.</summary>
    public PlantTree Program(string path, PlantedElf? elf = null) => Add(new PlantedFile(path, FileType.Regular)
    {
        Content = (elf ?? new PlantedElf { Seed = path }).Build(), Mode = 0b111_101_101, Modified = Planted, Created = Planted,
    });

    /// <summary>A file of a package, as it was shipped.</summary>
    public PlantTree Owned(string package, string path, byte[] content, int mode = 0b110_100_100, bool config = false) =>
        Add(new PlantedFile(path, FileType.Regular) { Content = content, Mode = mode, Package = package, IsConfig = config });

    /// <summary>The same with text.</summary>
    public PlantTree Owned(string package, string path, string text, int mode = 0b110_100_100, bool config = false) => Owned(package, path, Encoding.UTF8.GetBytes(text), mode, config);

    /// <summary>A program of a package.</summary>
    public PlantTree OwnedProgram(string package, string path, PlantedElf? elf = null) => Owned(package, path, (elf ?? new PlantedElf { Seed = path, HasDebugLink = true }).Build(), 0b111_101_101);

    /// <summary>A symbolic link; owned when a package is named.</summary>
    public PlantTree Link(string path, string target, string? package = null) =>
        Add(new PlantedFile(path, FileType.SymbolicLink) { Content = Encoding.UTF8.GetBytes(target), Mode = 0x1FF, Package = package });

    /// <summary>A directory of its own mode and owner.</summary>
    public PlantTree Folder(string path, int mode = 0b111_101_101, int user = 0, int group = 0) => Add(new PlantedFile(path, FileType.Directory) { Mode = mode, User = user, Group = group });

    /// <summary>Adds or replaces an entry as given.</summary>
    public PlantTree Add(PlantedFile file)
    {
        _files[file.Path] = file;
        return this;
    }

    /// <summary>Changes an entry that is there.</summary>
    public PlantTree Change(string path, Func<PlantedFile, PlantedFile> change) => Add(change(_files[path]));

    /// <summary>Gives an owned file another content: its package says otherwise from now on.</summary>
    public PlantTree Replace(string path, byte[] content) => Change(path, file => file with { Content = content, Shipped = file.Shipped ?? file.Content, Created = Planted });

    /// <summary>Adds text at the end of a file; one of a package then differs from what was shipped.</summary>
    public PlantTree Append(string path, string text)
    {
        PlantedFile file = _files[path];
        byte[] longer = [.. file.Content, .. Encoding.UTF8.GetBytes(text)];
        return file.Package is null ? Add(file with { Content = longer }) : Replace(path, longer);
    }

    /// <summary>Takes an entry away.</summary>
    public PlantTree Remove(string path)
    {
        _files.Remove(path);
        return this;
    }

    public PlantedFile this[string path] => _files[path];

    /// <summary>A systemd service in <c>/etc/systemd/system</c>, enabled for multi-user.target.</summary>
    public PlantTree Service(string name, string execStart, string more = "", bool enabled = true)
    {
        File($"/etc/systemd/system/{name}.service", $"[Unit]\nDescription={name}\n[Service]\nExecStart={execStart}\n{more}[Install]\nWantedBy=multi-user.target\n");
        return enabled ? Link($"/etc/systemd/system/multi-user.target.wants/{name}.service", $"/etc/systemd/system/{name}.service") : this;
    }

    /// <summary>A user's crontab with the owner and mode that the host's cron wants.</summary>
    public PlantTree Crontab(string user, string text) => Host switch
    {
        PlantHost.Debian => File("/var/spool/cron/crontabs/" + user, text, 0b110_000_000, BaseHost.UserId(user), BaseHost.CrontabGroup),
        PlantHost.RedHat => File("/var/spool/cron/" + user, text, 0b110_000_000, BaseHost.UserId(user)),
        _ => File("/etc/crontabs/" + user, text, 0b110_000_000),
    };
}
