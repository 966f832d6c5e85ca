using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Pipeline;

/// <summary>One name met by the walk.</summary>
/// <param name="Path">Absolute, display form; of the root, what the walk was told to call it.</param>
/// <param name="Name">Last component, display form; empty for the root.</param>
/// <param name="File">Its metadata.</param>
public readonly record struct WalkedEntry(string Path, string Name, FileEntry File);

/// <summary>Receives what the walk meets, on one thread.</summary>
/// <typeparam name="TContext">What the visitor wants to know about a directory while its entries pass.</typeparam>
public interface ITreeVisitor<TContext>
{
    /// <summary>Whether an entry is to be opened at all; false when the visitor has booked it for its name alone.</summary>
    bool Wants(string name, in DirectoryEntry entry, TContext directory) => true;

    /// <summary>A readable entry, also directories, before they are entered.</summary>
    void Visit(in WalkedEntry entry, TContext directory);

    /// <summary>An entry whose inode cannot be read, or a directory whose entries cannot (then it was visited before).</summary>
    void Unreadable(string path, DirectoryEntry entry, ForensicException reason, bool wasVisited);

    /// <summary>The context of a directory that is about to be entered.</summary>
    TContext Enter(in WalkedEntry directory, TContext parent);
}

/// <summary>
/// Walks one file system depth first, in on-disk order, every file opened by its metadata address. Iterative; each directory is entered once, so loops end.
/// </summary>
public sealed class TreeWalker(IFileSystem fileSystem, ParseContext context)
{
    /// <summary>Walks everything below and including the root. Throws <see cref="OperationCanceledException"/>.</summary>
    /// <param name="visitor">Receives it.</param>
    /// <param name="rootContext">The context of the entries of the root directory.</param>
    /// <param name="rootPath">What the root directory is called: where the host sees the volume.</param>
    public void Walk<TContext>(ITreeVisitor<TContext> visitor, TContext rootContext, string rootPath = "/")
    {
        var entered = new HashSet<ulong>();
        var pending = new Stack<(WalkedEntry Directory, TContext Parent, int Depth)>();
        var subdirectories = new List<WalkedEntry>();
        long longCharacters = 0;
        FileEntry root = fileSystem.Open(fileSystem.RootAddress);
        var rootEntry = new WalkedEntry(rootPath, "", root);
        visitor.Visit(rootEntry, rootContext);
        pending.Push((rootEntry, rootContext, 0));
        entered.Add(root.MetadataAddress);
        while (pending.TryPop(out (WalkedEntry Directory, TContext Parent, int Depth) next))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            TContext inside = next.Depth == 0 ? rootContext : visitor.Enter(next.Directory, next.Parent);
            subdirectories.Clear();
            try
            {
                foreach (DirectoryEntry entry in fileSystem.ReadDirectory(next.Directory.File))
                {
                    string name = PathText.FromBytes(entry.Name.Span);
                    if (!visitor.Wants(name, entry, inside))
                    {
                        continue;
                    }
                    string path = PathText.Join(next.Directory.Path, name);
                    if (path.Length > context.Limits.LongPath && (longCharacters += path.Length) > context.Limits.LongPathCharacters)
                    {
                        throw new LimitExceededException("long_paths", context.Limits.LongPathCharacters);
                    }
                    FileEntry file;
                    try
                    {
                        file = fileSystem.Open(entry.MetadataAddress);
                    }
                    catch (ForensicException exception)
                    {
                        visitor.Unreadable(path, entry, exception, wasVisited: false);
                        continue;
                    }
                    var walked = new WalkedEntry(path, name, file);
                    visitor.Visit(walked, inside);
                    if (file.Type == FileType.Directory)
                    {
                        subdirectories.Add(walked);
                    }
                }
            }
            catch (ForensicException exception)
            {
                visitor.Unreadable(next.Directory.Path, new DirectoryEntry(default, next.Directory.File.MetadataAddress, FileType.Directory), exception, wasVisited: true);
            }
            for (int i = subdirectories.Count - 1; i >= 0; i--)
            {
                WalkedEntry directory = subdirectories[i];
                if (!entered.Add(directory.File.MetadataAddress))
                {
                    context.Diagnostics.Report(new Diagnostic("walk.directory-loop", "a directory has more than one name or contains itself; it is entered once")
                    {
                        Path = directory.Path, MetadataAddress = directory.File.MetadataAddress,
                    });
                }
                else if (next.Depth + 1 >= context.Limits.DirectoryDepth || directory.Path.Length > context.Limits.PathLength)
                {
                    var limit = new LimitExceededException("directory depth or path length", next.Depth + 1);
                    visitor.Unreadable(directory.Path, new DirectoryEntry(default, directory.File.MetadataAddress, FileType.Directory), limit, wasVisited: true);
                }
                else
                {
                    pending.Push((directory, inside, next.Depth + 1));
                }
            }
        }
    }
}
