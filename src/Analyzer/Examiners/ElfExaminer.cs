using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Examiners;

/// <summary>
/// Reads what an ELF file's headers and dynamic symbols say: above all whether a shared object defines names that belong to libc, which is how user-land rootkits hide.
/// </summary>
internal sealed class ElfExaminer(PoolList pools) : Examiner
{
    // A preload rootkit is small; the big libraries that define some of these names are not worth a look at every symbol.
    private const int MaximumBytes = 16 << 20;
    private const int MaximumNames = 64;
    private const int MaximumImports = 4096;
    private const int SmallestPacked = 4096;
    private const double NoisyBits = 7.2;

    private static readonly HashSet<string> s_remoteShell = new(StringComparer.Ordinal)
    {
        "socket", "connect", "accept", "bind", "listen", "dup2", "dup3", "execve", "execl", "execlp", "execvp", "system", "popen", "fork", "daemon", "setsid", "ptrace", "prctl", "memfd_create", "setuid", "setgid", "setresuid", "forkpty", "openpty", "inet_addr", "gethostbyname", "unlink",
    };

    /// <summary>Names that hide files, processes and logins when a preloaded library defines them.</summary>
    private static readonly HashSet<string> s_hidingNames = new(StringComparer.Ordinal)
    {
        "readdir", "readdir64", "readdir_r", "readdir64_r", "getdents", "getdents64", "scandir", "scandir64", "opendir", "fdopendir",
        "open", "open64", "openat", "openat64", "fopen", "fopen64", "freopen", "fopenat", "creat",
        "stat", "stat64", "lstat", "lstat64", "fstat", "fstatat", "fstatat64", "statx", "__xstat", "__xstat64", "__lxstat", "__lxstat64", "__fxstat", "__fxstatat", "__fxstatat64",
        "access", "faccessat", "euidaccess", "readlink", "readlinkat", "realpath",
        "unlink", "unlinkat", "rename", "renameat", "rmdir", "chmod", "fchmodat", "chown", "link",
        "execve", "execvp", "execl", "execlp", "fexecve", "ptrace", "kill", "prctl",
        "accept", "accept4", "connect", "bind", "listen", "recvmsg", "pcap_loop",
        "pam_authenticate", "pam_open_session", "pam_acct_mgmt", "pam_sm_authenticate", "pam_vprompt", "getpwnam", "getpwnam_r", "getpwuid", "getspnam",
        "write", "fwrite", "syslog", "audit_log_acct_message", "login", "pututxline", "updwtmp",
    };

    public override string Name => "elf";

    public override bool Wants(in ExaminedContent content) =>
        content.Kind is ContentKind.ElfExecutable or ContentKind.ElfSharedObject && content.Bytes.Length <= MaximumBytes;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        if (!ElfFile.TryOpen(content.Bytes, out ElfFile elf))
        {
            return;
        }
        bool library = elf.Type == 3 && !elf.HasInterpreter;
        bool isStatic = !elf.IsDynamic;
        bool noSections = elf.HasNoSections;
        bool packed = content.Bytes[..Math.Min(content.Bytes.Length, 4096)].IndexOf("UPX!"u8) >= 0;
        bool importsDlsym = false;
        List<string> interposed = [];
        if (library && elf.TryReadDynamicSymbols(out ElfSymbols symbols) && (importsDlsym = Imports(symbols, "dlsym"u8)))
        {
            interposed = Interposed(symbols);
        }
        bool hasDebugLink = elf.HasSection(".gnu_debuglink"u8);
        ElfDynamicFacts dynamic = ElfDynamicFacts.Read(elf);
        // What distributions build names its debugging symbols; only of the rest, and of what something starts, more is asked, which costs passes over the content.
        bool isForeign = !hasDebugLink || noSections || packed;
        EmbeddedText? text = isForeign && (!library || content.StartedBy is not null) ? EmbeddedText.Find(content.Bytes, pools) : null;
        GoBuildInfo? go = isForeign && !library ? GoBuildInfo.Find(content.Bytes) : null;
        double? entropy = isForeign ? ByteEntropy.Sample(content.Bytes) : null;
        // Packers that took their name out leave their shape: no sections, nothing to link, noise.
        packed |= noSections && isStatic && entropy >= NoisyBits && content.Bytes.Length >= SmallestPacked;
        sink.Add(new ExecutableFacts(content.Location)
        {
            Machine = elf.Machine, IsLibrary = library, IsStatic = isStatic, HasNoSections = noSections, IsPacked = packed, IsStripped = noSections || !elf.HasSection(".symtab"u8),
            ImportsDlsym = importsDlsym, InterposedNames = interposed, HasDebugLink = hasDebugLink,
            Interpreter = dynamic.Interpreter, Needed = dynamic.Needed, SearchPaths = dynamic.SearchPaths, Entropy = entropy, GoVersion = go?.Version, GoModule = go?.Module,
            NotableImports = isForeign && !library && elf.TryReadDynamicSymbols(out ElfSymbols imports) ? NotableImports(imports) : [],
            Pools = text?.Pools ?? [], PoolAddresses = text?.Addresses ?? [], HasWallet = text?.HasWallet == true, MinerWords = text?.Words ?? [], Urls = text?.Urls ?? [],
            RustVersion = isForeign && !library ? RustBuildInfo.Version(elf.SectionContent(".comment"u8)) ?? text?.RustCommit : null,
        });
    }

    private static List<string> NotableImports(in ElfSymbols symbols)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < Math.Min(symbols.Count, MaximumImports); i++)
        {
            ReadOnlySpan<byte> name = symbols.Name(i);
            if (name.Length is > 3 and < 16 && symbols.IsImported(i) && Encoding.Latin1.GetString(name) is string text && s_remoteShell.Contains(text))
            {
                found.Add(text);
            }
        }
        return [.. found];
    }

    private static bool Imports(in ElfSymbols symbols, ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < symbols.Count; i++)
        {
            if (symbols.IsImported(i) && symbols.Name(i).SequenceEqual(name))
            {
                return true;
            }
        }
        return false;
    }

    private static List<string> Interposed(in ElfSymbols symbols)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < symbols.Count && found.Count < MaximumNames; i++)
        {
            if (!symbols.IsExported(i))
            {
                continue;
            }
            ReadOnlySpan<byte> name = symbols.Name(i);
            if (name.Length is > 3 and < 32 && s_hidingNames.Contains(Encoding.Latin1.GetString(name)))
            {
                found.Add(Encoding.Latin1.GetString(name));
            }
        }
        return [.. found];
    }
}
