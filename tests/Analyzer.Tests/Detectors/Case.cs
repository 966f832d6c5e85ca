using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Tests.Rules;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Tests.Detectors;

/// <summary>A hand-made host: artefacts and files in, findings out.</summary>
internal sealed class Case : IPathLookup
{
    public const string Volume = "gpt1@1048576";
    private readonly List<Artifact> _artifacts = [];
    private readonly Dictionary<string, ulong> _inodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly List<Artifact> _orphans = [];
    private readonly List<Artifact> _deleted = [];
    private HostInfo? _host;

    public static Case Debian() => new() { _host = new HostInfo(Volume, "debian", []) { OsVersion = "12", UsesSystemd = true, Volumes = [Volume] } };
    public static Case Rhel(string version = "9") => new() { _host = new HostInfo(Volume, "rhel", ["fedora"]) { OsVersion = version, UsesSystemd = true, Volumes = [Volume] } };
    public static Case Alpine() => new() { _host = new HostInfo(Volume, "alpine", []) { OsVersion = "3.20", Volumes = [Volume] } };

    public EvidenceLocation At(string path, int? line = null) => new("disk.img", Volume, 1048576, path, Inode(path)) { Line = line, ByteOffset = line is null ? null : 0 };

    public Case Add(params Artifact[] artifacts)
    {
        _artifacts.AddRange(artifacts);
        return this;
    }

    public Case Exists(params string[] paths)
    {
        foreach (string path in paths)
        {
            Inode(path);
        }
        return this;
    }

    public Case Link(string path, string target)
    {
        _links[path] = target;
        return this;
    }

    public Case File(string path, ContentKind content, long size = 4096, int mode = 0x1ED, uint flags = 0x80000, uint owner = 0) => Add(new FileFacts(At(path),
        new FileEntry { MetadataAddress = Inode(path), Type = FileType.Regular, Size = size, Permissions = mode, Flags = flags, UserId = owner })
    {
        Content = content,
        Hashes = new FileHashes("00000000000000000000000000000001", null, new string('1', 64)),
    });

    public Case Elf(string path, uint flags = 0x80000, bool packed = false, string[]? interposed = null, bool library = false, bool isStatic = false, bool stripped = false)
    {
        File(path, library ? ContentKind.ElfSharedObject : ContentKind.ElfExecutable, flags: flags);
        return Add(new ExecutableFacts(At(path))
        {
            Machine = "x86-64", IsLibrary = library, IsStatic = isStatic, IsStripped = stripped, HasNoSections = false, IsPacked = packed, InterposedNames = interposed ?? [], ImportsDlsym = interposed is not null,
        });
    }

    /// <summary>States where a file comes from, and whatever else is to be changed about it.</summary>
    public Case Change(string path, Func<FileFacts, FileFacts> change)
    {
        int index = _artifacts.FindIndex(artifact => artifact is FileFacts && artifact.Location.Path == path);
        _artifacts[index] = change((FileFacts)_artifacts[index]);
        return this;
    }

    /// <summary>No package owns a file of a host that has packages.</summary>
    public Case Alien(string path) => Change(path, file => file with { Origin = new FileOrigin(ProvenanceState.Alien) });

    /// <summary>A package owns the file.</summary>
    public Case Packaged(string path, ProvenanceState state = ProvenanceState.VendorIntact) => Change(path, file => file with { Origin = new FileOrigin(state) { Package = "tool 1.0", Manager = "dpkg" } });

    public Case Yara(string path, string rule, params (string Key, string Value)[] meta) => Add(new YaraMatch(At(path))
    {
        Rule = rule, Namespace = "test.yar", Meta = [.. meta.Select(pair => KeyValuePair.Create(pair.Key, pair.Value))], Strings = [new YaraString("$a", 16, "text")],
    });

    public Case UserCron(string user, string schedule, string command, string? debian = null, string? cronie = null, string? input = null, string[]? environment = null, uint owner = 0, string? noise = null) =>
        Add(new CronJob(At("/var/spool/cron/crontabs/" + user, 3))
        {
            Table = CronTable.User, Schedule = schedule, User = user, Command = command, StandardInput = input, Environment = environment ?? [], OwnerId = owner,
            Acceptance = new CronAcceptance(debian, cronie), Noise = noise,
        });

    public Case SystemCron(string path, string schedule, string user, string command, string? debian = null, string? cronie = null, uint owner = 0, bool silent = false) => Add(new CronJob(At(path, 4))
    {
        Table = path == "/etc/crontab" ? CronTable.System : CronTable.SystemDirectory, Schedule = schedule, User = user, Command = command,
        Acceptance = new CronAcceptance(debian, cronie), OwnerId = owner, SuppressesLogging = silent,
    });

    public Case Anacron(string schedule, string id, string command) => Add(new CronJob(At("/etc/anacrontab", 9))
    {
        Table = CronTable.Anacron, Schedule = schedule, Identifier = id, User = "root", Command = command, Acceptance = new CronAcceptance(null, null),
    });

    public Case Script(string path, StartupPlace place, string[] lines, string? dormant = null, string? provides = null) => Add(new StartupScript(At(path))
    {
        Place = place, Interpreter = "/bin/sh", IsExecutable = dormant is null, DormantBecause = dormant, Provides = provides, ActiveLines = lines.Length,
        Commands = [.. lines.Select((line, index) => new StartCommand(line) { ThroughShell = true, Trigger = place.ToString(), Line = index + 2 })],
    });

    public Case Unit(string path, string name, string? execStart, int rank = 2, bool dropIn = false, bool user = false, (string Section, string Key, string Value)[]? settings = null, bool masked = false)
    {
        UnitSetting[] all = [.. (settings ?? []).Select((setting, index) => new UnitSetting(setting.Section, setting.Key, setting.Value, index + 2, 10)),
            .. execStart is null ? Array.Empty<UnitSetting>() : [new UnitSetting("Service", "ExecStart", execStart, 20, 100)]];
        return Add(new SystemdUnit(At(path))
        {
            Name = name, UnitType = name[(name.LastIndexOf('.') + 1)..], IsUserUnit = user, IsDropIn = dropIn, SearchRank = rank, IsMasked = masked, Settings = all,
            Commands = execStart is null ? [] : [new StartCommand(execStart.TrimStart('@', '-', ':', '+', '!')) { Trigger = "systemd ExecStart", Line = 20, ByteOffset = 100 }],
        });
    }

    public Case Enable(string name, string target, bool user = false) => Add(new SystemdLink(At("/etc/systemd/system/multi-user.target.wants/" + name))
    {
        Name = name, Effect = UnitLinkEffect.Enables, WantedBy = "multi-user.target", Target = target, IsUserUnit = user, SearchRank = 2,
    });

    public Case User(string name, uint uid, string shell = "/bin/bash", string? home = null, uint? gid = null, string password = "x", bool previous = false) =>
        Add(new UserAccount(At(previous ? "/etc/passwd-" : "/etc/passwd", 1 + _artifacts.OfType<UserAccount>().Count(account => account.IsPrevious == previous)))
        {
            Name = name, Password = password, UserId = uid, GroupId = gid ?? uid, Comment = "", Home = home ?? (name == "root" ? "/root" : "/home/" + name), Shell = shell, IsPrevious = previous,
        });

    public Case Shadow(string name, string hash, bool locked = false) => Add(new PasswordEntry(At("/etc/shadow", 1)) { Name = name, HashType = hash, IsLocked = locked });

    public Case Key(string path, string comment = "alice@laptop", string print = "SHA256:aaa", uint owner = 0, uint flags = 0, int mode = 0x180, string? forced = null) => Add(new AuthorizedKey(At(path, 1))
    {
        KeyType = "ssh-ed25519", Fingerprint = print, Comment = comment, OwnerId = owner, FileFlags = flags, FilePermissions = mode, ForcedCommand = forced, Options = forced is null ? [] : ["command"],
    });

    public Case Preload(string library, bool active = true, params string[] candidates) => Add(
        new PreloadedLibrary(At(active ? "/etc/ld.so.preload" : "/etc/ld.so.preload.bak", 1)) { Library = library, NamedFiles = candidates.Length > 0 ? candidates : [library], IsActive = active });

    /// <summary>A file unlinked while open; without a path its name is not known.</summary>
    public Case Orphan(string? path, ContentKind content, int mode = 0x1ED, uint owner = 0, ExecutableFacts? elf = null, string? successor = null, YaraMatch? yara = null, HashMatch? hash = null, bool unpacked = true)
    {
        ulong inode = (ulong)_orphans.Count + 9000;
        var place = new EvidenceLocation("disk.img", Volume, 1048576, path ?? "/$OrphanFiles/inode-" + inode, inode) { Allocation = Allocation.Orphan, Certainty = Certainty.Intact };
        _orphans.Add(new FileFacts(place, new FileEntry { MetadataAddress = inode, Type = FileType.Regular, Size = 4096, Permissions = mode, UserId = owner, Allocation = Allocation.Orphan,
            Modified = new Timestamp(1_790_000_000, unpacked ? 0 : 5), Created = new Timestamp(1_795_000_000, 7) })
        {
            Content = content, Hashes = new FileHashes("00000000000000000000000000000002", null, new string('2', 64)),
        });
        _orphans.Add(new DeletedFileFacts(place) { HasPath = path is not null, NameFrom = path is null ? null : "slack of the directory", Successor = successor });
        _orphans.AddRange(new Artifact?[] { elf, yara, hash }.OfType<Artifact>().Select(artifact => artifact with { Location = place }));
        return this;
    }

    /// <summary>Artefacts of deleted files.</summary>
    public Case Deleted(Case other, Certainty certainty = Certainty.Intact, int? copy = 0)
    {
        _deleted.AddRange(other._artifacts.Select(artifact => artifact with { Location = artifact.Location with { Allocation = Allocation.Deleted, Certainty = certainty, JournalCopy = copy } }));
        return this;
    }

    public static ExecutableFacts ElfFacts(bool library = false, bool packed = false, bool sections = true, bool debugLink = false, string[]? interposed = null) =>
        new(new EvidenceLocation("disk.img", Volume, 1048576, "/", 0))
        {
            Machine = "x86-64", IsLibrary = library, IsStatic = false, HasNoSections = !sections, IsPacked = packed, HasDebugLink = debugLink, InterposedNames = interposed ?? [], ImportsDlsym = interposed is not null,
        };

    public static YaraMatch Match(string rule, params (string Key, string Value)[] meta) => new(new EvidenceLocation("disk.img", Volume, 1048576, "/", 0))
    {
        Rule = rule, Namespace = "test.yar", Meta = [.. meta.Select(pair => KeyValuePair.Create(pair.Key, pair.Value))], Strings = [new YaraString("$a", 16, "text")],
    };

    public ResolvedPath? Resolve(string absolutePath)
    {
        string path = _links.GetValueOrDefault(absolutePath, absolutePath);
        return _inodes.TryGetValue(path, out ulong inode) ? new ResolvedPath(Volume, path, inode) : null;
    }

    public EvidenceIndex Evidence()
    {
        CommandLink[] links = [.. _artifacts.Where(artifact => artifact is not FileFacts).SelectMany(artifact => CommandResolver.ResolveAll(artifact, this))];
        HostInfo[] hosts = _host is null ? [] : [_host];
        return new EvidenceIndex(hosts, _artifacts, links)
        {
            Orphans = _orphans.Count == 0 ? null : new EvidenceIndex(hosts, _orphans, []),
            Deleted = _deleted.Count == 0 ? null : new EvidenceIndex(hosts, _deleted, [.. _deleted.SelectMany(artifact => CommandResolver.ResolveAll(artifact, this))]) { IsOfDeleted = true },
        };
    }

    public IReadOnlyList<Finding> Judge()
    {
        EvidenceIndex evidence = Evidence();
        return Judge(evidence);
    }

    /// <summary>What the report says of deleted files.</summary>
    public IReadOnlyList<Finding> JudgeDeleted()
    {
        EvidenceIndex evidence = Evidence();
        return [.. DeletedFindings.Of(Judge(evidence.Deleted!), Judge(evidence)).Select(FindingMarks.Mark)];
    }

    private static IReadOnlyList<Finding> Judge(EvidenceIndex evidence) => [.. Catalog.Detectors(ShippedRules.All).SelectMany(detector => detector.Examine(evidence))];

    /// <summary>The worst severity of all findings; null when there is none.</summary>
    public Severity? Worst() => Judge() is { Count: > 0 } findings ? findings.Max(finding => finding.Severity) : null;

    private ulong Inode(string path)
    {
        if (!_inodes.TryGetValue(path, out ulong inode))
        {
            _inodes.Add(path, inode = (ulong)_inodes.Count + 100);
        }
        return inode;
    }
}
