using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Database servers made to write where the host runs things, to load foreign libraries, or to let anybody in; programs among their data.</summary>
public sealed class DatabaseDetector : IDetector
{
    private static readonly RuleInfo WritesJobs = Rule("writes-persistence", "Database server writes into a directory that the host starts things from", "T1505.001", "T1053.003");
    private static readonly RuleInfo Library = Rule("foreign-library", "Database server loads a library that no package brought", "T1505.001");
    private static readonly RuleInfo Program = Rule("program-among-data", "Program among the data of a database", "T1505.001");
    private static readonly RuleInfo Open = Rule("open", "Database server lets anybody in", "T1190");

    private static readonly string[] DecisiveFolders = ["/var/spool/cron", "/etc/cron", "/etc/systemd", "/etc/init.d", "/etc/profile.d", "/etc/ld.so", "/var/www", "/usr/share/nginx", "/etc/pam.d", "/etc/sudoers.d"];
    private static readonly string[] NotoriousModules = ["exp.so", "red2.so", "system.so", "module.so", "exp_lin.so", "lib_mysqludf_sys.so", "udf.so", "lib_mysqludf_sys_64.so", "raptor_udf2.so", "pg_exec.so"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [WritesJobs, Library, Program, Open];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        foreach (DatabaseSetting setting in evidence.OfType<DatabaseSetting>())
        {
            if (Setting(setting) is { } finding)
            {
                yield return finding;
            }
        }
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            if (File(file) is { } finding)
            {
                yield return finding;
            }
        }
    }

    private static Finding? Setting(DatabaseSetting setting)
    {
        bool writes = setting.Name is "dir" or "dbfilename" or "appendfilename" or "logfile" or "general_log_file" or "slow_query_log_file" or "plugin_dir";
        string value = setting.Value;
        bool isDecisive = writes && (PathTraits.StartsWithAny(value, DecisiveFolders) || value.TrimEnd('/').EndsWith("/.ssh", StringComparison.Ordinal) || value is "authorized_keys" || (setting.Name != "plugin_dir" && value.EndsWith(".php", StringComparison.Ordinal)));
        if (isDecisive)
        {
            return new Finding(WritesJobs, Severity.High, setting.Location)
            {
                Message = $"The {setting.Server} server is set to write {setting.Name} to {value}: whoever speaks to it plants jobs, keys or pages there.",
                Evidence = Clip.Evidence(setting.Name + " " + value), Remediation = DatabasePlaces.CleanSetting(setting),
            };
        }
        if (setting.Name == "plugin_dir" && (PathTraits.IsTemporary(value + "/") || PathTraits.IsHidden(value)))
        {
            return new Finding(Library, Severity.High, setting.Location)
            {
                Message = $"The {setting.Server} server loads its plugins from {value}.", Evidence = Clip.Evidence(value), Remediation = DatabasePlaces.CleanSetting(setting),
            };
        }
        bool isOpen = setting is { Name: "pg_hba" } or { Name: "skip_grant_tables" } || (setting is { Name: "protected-mode", Value: "no" }) || setting is { Name: "authorization", Value: "disabled" };
        return !isOpen ? null : new Finding(Open, setting.Name is "protected-mode" or "authorization" ? Severity.Low : Severity.Medium, setting.Location)
        {
            Message = $"The {setting.Server} server lets clients in without asking who they are, as far as this setting goes.", Evidence = Clip.Evidence(setting.Name + " " + setting.Value), Remediation = DatabasePlaces.CleanSetting(setting),
        };
    }

    private static Finding? File(FileFacts file)
    {
        string path = file.Location.Path;
        bool isElf = file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject;
        if (!isElf || file.Entry.Type != FileType.Regular || file.Origin is { IsAlien: false })
        {
            return null;
        }
        bool isLibrary = file.Content == ContentKind.ElfSharedObject && path.Contains(".so", StringComparison.Ordinal);
        bool isNotorious = NotoriousModules.Contains(PathTraits.Name(path), StringComparer.Ordinal);
        if (PathTraits.IsDatabaseData(path))
        {
            return new Finding(Program, Severity.High, file.Location)
            {
                Message = "A program lies among the data of a database server, which writes there and keeps no programs." + (isNotorious ? " Its name is that of a module by which such servers are made to run commands." : ""),
                Evidence = path, Hashes = file.Hashes, Remediation = Remediation.RemoveFile(path),
            };
        }
        if (isLibrary && PathTraits.IsDatabasePlugin(path) && file.Origin is { IsAlien: true })
        {
            return new Finding(Library, isNotorious ? Severity.Critical : Severity.High, file.Location)
            {
                Message = "A library that no package brought lies where the database server loads its plugins from: functions in it run as the server's account.", Evidence = path, Hashes = file.Hashes, Remediation = Remediation.RemoveFile(path),
            };
        }
        return null;
    }

    private static RuleInfo Rule(string reason, string title, params string[] techniques) => new("L-DB." + reason, title, "persistence", techniques);
}
