using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>Files and directories whose names are made to be overlooked: dots and blanks, invisible characters, look-alikes of the socket directories in <c>/tmp</c>. One finding a name.</summary>
public sealed class HiddenNameDetector : IDetector
{
    private const int MaximumNamed = 4;

    private static readonly Dictionary<Deception, (RuleInfo Rule, string What)> Kinds = new()
    {
        [Deception.DotsAndBlanks] = (new("L-HIDDEN.dots-and-blanks", "Name of dots and blanks", "evasion", ["T1564.001"]), "The name consists of dots and blanks, so that it looks like the directory itself or its parent"),
        [Deception.TrailingBlank] = (new("L-HIDDEN.trailing-blank", "Name that ends in a blank", "evasion", ["T1036.006"]), "The name ends in a blank, so that it looks like another one"),
        [Deception.Direction] = (new("L-HIDDEN.reversed-text", "Name with characters that reverse text", "evasion", ["T1036.002"]), "The name holds characters that change the direction of text, so that it shows as another one"),
        [Deception.Invisible] = (new("L-HIDDEN.invisible-characters", "Name with invisible characters", "evasion", ["T1564.001"]), "The name holds characters that cannot be seen"),
        [Deception.SocketDirectory] = (new("L-HIDDEN.socket-directory-lookalike", "Imitation of a socket directory of X11", "evasion", ["T1564.001", "T1036.005"]), "The name imitates the socket directories of X11, or one of those lies where X11 does not put it"),
        [Deception.InSocketDirectory] = (new("L-HIDDEN.file-among-sockets", "File in a socket directory of X11", "evasion", ["T1564.001"]), "Only sockets lie in this directory; this is a file"),
    };

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [.. Kinds.Values.Select(kind => kind.Rule)];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var chain = StartChain.Of(evidence);
        var groups = new Dictionary<(string Volume, string Path), (Deception Why, List<FileFacts> Files)>();
        foreach (FileFacts file in evidence.OfType<FileFacts>())
        {
            string path = file.Location.Path;
            (string Path, Deception Why)? found = DeceptiveNames.Find(path);
            if (found is null && file.Entry.Type == FileType.Regular && path.StartsWith("/tmp/", StringComparison.Ordinal) && DeceptiveNames.IsSocketDirectory(path[5..]))
            {
                found = (path, Deception.InSocketDirectory);
            }
            if (found is not { } deceit || file.IsOfWindows || file.Origin?.IsVendor == true || (deceit.Why == Deception.InSocketDirectory && file.Entry.Type != FileType.Regular))
            {
                continue;
            }
            (string, string) key = (file.Location.Volume, deceit.Path);
            if (!groups.TryGetValue(key, out (Deception, List<FileFacts> Files) group))
            {
                groups.Add(key, group = (deceit.Why, []));
            }
            group.Files.Add(file);
        }
        foreach (((_, string path), (Deception why, List<FileFacts> files)) in groups)
        {
            FileFacts first = files.FirstOrDefault(file => file.Location.Path == path) ?? files[0];
            FileFacts[] programs = [.. files.Where(file => file.Content is ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.Script or ContentKind.Pe)];
            bool isUsed = programs.Length > 0 || files.Any(file => chain.StarterOf(file.Location.Volume, file.Location.Path) is not null);
            bool isEmpty = !isUsed && files.TrueForAll(file => file.Entry.Type == FileType.Regular ? file.Entry.Size == 0 : true);
            // An empty directory of an odd name is a leftover or a mistyped command.
            Severity severity = isUsed ? Severity.High : isEmpty && why != Deception.SocketDirectory ? Severity.Low : Severity.Medium;
            yield return new Finding(Kinds[why].Rule, severity, first.Location with { Path = path })
            {
                Message = Kinds[why].What + (programs.Length > 0 ? "; there are programs: " + string.Join(", ", programs.Take(MaximumNamed).Select(file => file.Location.Path)) + "." : "."),
                Evidence = Clip.Evidence(path),
                Hashes = programs.Length > 0 ? programs[0].Hashes : first.Hashes,
                Related = [.. programs.Take(MaximumNamed).SelectMany(file => chain.StartedBy(file.Location.Volume, file.Location.Path)).Distinct()],
                Remediation = severity <= Severity.Low ? [] : first.Entry.Type == FileType.Regular && first.Location.Path == path ? Remediation.RemoveFile(path) : Remediation.RemoveTree(path),
            };
        }
    }
}
