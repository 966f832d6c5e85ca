using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Claims the programs and libraries on which administration and every other program rest, so that each profile looks into them, and reads from the dynamic loader and the programs of
/// OpenSSH which files they name. Claims also what lies beside them under the names that replaced programs are kept under.
/// </summary>
/// <remarks>
/// Limitations: paths are texts between zero bytes that begin with a slash, as compilers lay constants out; a program that builds its names at run time shows none. At most
/// <see cref="MaximumPaths"/> paths of up to <see cref="MaximumPathBytes"/> bytes.
/// </remarks>
public sealed class SystemProgramParser : ArtifactParser
{
    /// <summary>Most paths taken of one program.</summary>
    public const int MaximumPaths = 512;
    /// <summary>Longest path, in bytes.</summary>
    public const int MaximumPathBytes = 255;

    /// <inheritdoc/>
    public override string Name => "linux/system-program";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        .. SystemProgramNames.Directories.SelectMany(directory => SystemProgramNames.Viewers.Concat(SystemProgramNames.Downloaders).Concat(SystemProgramNames.Others)
            .Concat(SystemProgramNames.OpenSsh).Concat(SystemProgramNames.RenamedDownloaders).Concat(SystemProgramNames.BackupEndings.Select(ending => "*" + ending)).Append(".*")
            .Select(name => directory + "/" + name)),
        "/usr/lib/openssh/*", "/usr/lib/ssh/*", "/usr/libexec/openssh/*",
        .. ((string[])["/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32", "/lib/*", "/usr/lib/*"]).SelectMany(directory =>
            ((string[])["ld-linux*", "ld-2.*", "ld64.so*", "ld.so*", ".ld-*", "ld-musl-*", "libc.so.6*", "libc-2.*", "libpthread.so*", "libpthread-2.*", "libselinux.so*", "libkeyutils.so*", "liblzma.so*", "libnss_files*", "libpam.so*", "libcrypt.so*"])
            .Select(name => directory + "/" + name)),
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlySpan<byte> content = input.Content.Span;
        string name = input.Location.Name;
        bool isLoader = SystemProgramNames.IsGlibcLoader(name);
        if (!content.StartsWith("\x7F"u8) || !content[1..].StartsWith("ELF"u8) || (!isLoader && !SystemProgramNames.OpenSsh.Contains(name)))
        {
            return;
        }
        if (input.IsTruncated)
        {
            // The name may stand behind the end of what was read: nothing can be said of it.
            sink.Report(new Diagnostic("program.cut", "a system program is larger than what is read of it; the files it names are not known") { LosesContent = true });
            return;
        }
        sink.Add(new SystemProgram(input.Location)
        {
            IsLoader = isLoader, NamesPreloadFile = content.IndexOf("/etc/ld.so.preload\0"u8) >= 0, Paths = Paths(content),
        });
    }

    private static List<string> Paths(ReadOnlySpan<byte> content)
    {
        var paths = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (paths.Count < MaximumPaths)
        {
            int start = content.IndexOf("\0/"u8);
            if (start < 0)
            {
                break;
            }
            content = content[(start + 1)..];
            int length = content[..Math.Min(content.Length, MaximumPathBytes + 1)].IndexOf((byte)0);
            if (length < 4 || content[..length].ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
            {
                continue;
            }
            string path = Encoding.ASCII.GetString(content[..length]);
            if (known.Add(path))
            {
                paths.Add(path);
            }
        }
        return paths;
    }
}
