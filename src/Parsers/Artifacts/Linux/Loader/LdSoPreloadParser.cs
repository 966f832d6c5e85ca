using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>/etc/ld.so.preload</c>, the list of libraries that glibc's loader puts into every program, and the odd siblings that intruders
/// leave beside it. See ld.so(8) and glibc's elf/rtld.c: words end at a blank, tab, newline or colon, <c>#</c> begins a comment anywhere.
/// </summary>
/// <remarks>
/// Limitations: a name without slash is looked for in the default directories only, not in those of ld.so.conf; <c>$ORIGIN</c> stands for the
/// directories of ordinary programs. musl's loader does not read the file at all. A link is not followed.
/// </remarks>
public sealed class LdSoPreloadParser : ArtifactParser
{
    private const string Code = "linux.ld-so-preload";
    private const int MostLibraries = 1000;
    private const int CandidateCharacters = 4 << 20;
    private const string ActivePath = "/etc/ld.so.preload";

    /// <inheritdoc/>
    public override string Name => "linux/ld-so-preload";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/ld.so.preload", "/etc/ld.so.preload*", "/etc/ld.preload", "/etc/ld.so.hash"];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, Code);
        bool active = input.Location.Path == ActivePath;
        var libraries = new List<PreloadedLibrary>();
        if (input.LinkTarget is { } target)
        {
            if (target != "/dev/null")
            {
                file.Report("link", "the file is a symbolic link, its target was not read here", default, losesContent: true, actual: target);
            }
        }
        else
        {
            Read(file, active, libraries);
        }
        sink.Add(new PreloadFile(input.Location) { LibraryCount = libraries.Count, IsActive = active });
        foreach (PreloadedLibrary library in libraries)
        {
            if (!file.Add(library))
            {
                return;
            }
        }
    }

    private static void Read(ArtifactFile file, bool active, List<PreloadedLibrary> libraries)
    {
        ArtifactInput input = file.Input;
        bool stopped = false;
        int lineNumber = 1;
        ReadOnlySpan<byte> content = input.Content.Span;
        var budget = new ExpansionBudget(CandidateCharacters);
        for (int i = 0; i < content.Length;)
        {
            byte value = content[i];
            if (value == (byte)'#')
            {
                int end = content[i..].IndexOf((byte)'\n');
                i = end < 0 ? content.Length : i + end;
                continue;
            }
            if (IsSeparator(value))
            {
                // The loader takes the file for a C string: names after a NUL are not seen, but for a last one that nothing follows.
                stopped |= value == 0;
                lineNumber += value == (byte)'\n' ? 1 : 0;
                i++;
                continue;
            }
            int length = content[i..].IndexOfAny(Separators) is var found and >= 0 ? found : content.Length - i;
            if (libraries.Count >= MostLibraries)
            {
                file.Report("limit", "more libraries than any real file names, the rest was not read", default, losesContent: true);
                break;
            }
            ReadOnlySpan<byte> word = content.Slice(i, Math.Min(length, input.Limits.LineBytes));
            libraries.Add(new PreloadedLibrary(input.Location.At(lineNumber, i))
            {
                Library = TextLines.Decode(word),
                NamedFiles = LibraryCandidates.Of(word, budget),
                IsActive = active && (!stopped || i + length == content.Length),
            });
            i += length;
        }
        file.ReportTruncation();
    }

    private static readonly System.Buffers.SearchValues<byte> Separators = System.Buffers.SearchValues.Create(" \t\n:#\0"u8);

    private static bool IsSeparator(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)':' or 0;
}
