using System.CommandLine;
using System.Globalization;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Commands;

/// <summary><c>cat IMAGE... PATH[:STREAM]</c> and <c>cat IMAGE... --inode N [--journal-copy K]</c>: the content of one file, byte for byte (escaped on a terminal only), holes as zeros.</summary>
public static class CatCommand
{
    private const int BufferBytes = 1 << 20;

    private const string Notes = """
        Examples:
          deadbox cat server.raw /etc/crontab
          deadbox cat server.raw --inode 1234 --volume gpt1 > file.bin
          deadbox cat server.raw --inode 1234 --journal-copy 0
          deadbox cat laptop.raw '/Users/ann/Downloads/setup.exe:Zone.Identifier'
          deadbox cat server.raw '/tmp/\x1b[2J'

        PATH is in the form all reports use: a byte that is not printable, and a backslash, is \xNN. Symbolic links are
        followed inside the image. --inode also reads orphans and deleted files as far as their content is left; --journal-copy
        takes an older state of the inode from the journal, 0 being the newest, as 'files --deleted' numbers them. On a terminal, what is not printable is shown as \xNN; into a file or pipe go the exact bytes.
        PATH:STREAM reads a named stream of a file or directory (NTFS) when no file has that very name; --stream names it apart.
        Exit codes: 0 done, 2 usage or no such file in the image, 3 the image or the file cannot be read.

        """;

    /// <summary>The verb.</summary>
    public static VerbCommand Create()
    {
        var command = new VerbCommand("cat", "Write the content of one file of the image to standard output", Notes);
        var image = new ImageOptions(command);
        var inode = new Option<string?>("--inode") { HelpName = "N", Description = "Inode number instead of a path" };
        var volume = new Option<string?>("--volume") { HelpName = "NAME", Description = "Volume, such as gpt1 or gpt1@1048576; needed for --inode when several are readable" };
        var journalCopy = new Option<string?>("--journal-copy") { HelpName = "K", Description = "Older state of the inode that the journal holds, from 0" };
        var stream = new Option<string?>("--stream") { HelpName = "NAME", Description = "Named stream of the file or directory (NTFS)" };
        command.Add(inode);
        command.Add(stream);
        command.Add(journalCopy);
        command.Add(volume);
        command.SetAction(parse =>
        {
            CommandContext context = CommandContext.Of(parse);
            ulong? address = ParseInode(parse.GetValue(inode));
            int? copy = ParseCopy(parse.GetValue(journalCopy));
            if (copy is not null && address is null)
            {
                throw new UsageException("--journal-copy needs --inode N");
            }
            ImageSource source = image.Require(parse, takesLast: address is null, out string? wanted);
            if (wanted is null && address is null)
            {
                throw new UsageException("give either PATH or --inode N");
            }
            if (wanted is not null && (!wanted.StartsWith('/') || !PathText.TryToBytes(wanted, out _)))
            {
                throw new UsageException("'" + wanted + "' is not an absolute path; a backslash in a name is written \\x5c");
            }
            using OpenedImage opened = ImageOptions.Open(context, source, NullDiagnosticSink.Instance);
            OpenedVolume? chosen = FindVolume(opened, parse.GetValue(volume));
            CatTarget target = address is ulong given
                ? new CatTarget((chosen ?? OnlyVolume(opened)).FileSystem!, given, parse.GetValue(stream))
                : CatTarget.Locate(opened, chosen, wanted!, parse.GetValue(stream), context.Cancellation);
            IFileSystem fileSystem = target.FileSystem;
            FileEntry entry = copy is { } number ? CopyOf(fileSystem, target.Address, number) : fileSystem.Open(target.Address);
            string shown = wanted ?? "inode " + target.Address.ToString(CultureInfo.InvariantCulture);
            string? name = target.Stream is null ? null : StreamPath.Find(fileSystem, entry, target.Stream)?.Name ?? throw new UsageException("'" + shown + "' has no stream '" + target.Stream + "'");
            if (entry.Type != FileType.Regular && name is null)
            {
                throw new UsageException("'" + shown + "' is not a regular file");
            }
            if (name is null && entry.ContentMissingBecause is { } reason)
            {
                throw new UnsupportedFeatureException(shown + " has no readable content: " + reason);
            }
            if (!HasContent(context, fileSystem, entry, copy))
            {
                return ExitCodes.NothingReadable;
            }
            using Stream output = context.OutputIsTerminal ? new TerminalOutput(context.StandardOutput) : context.StandardOutput;
            Copy(fileSystem.OpenContent(entry, name), output, context.Cancellation);
            return ExitCodes.Done;
        });
        return command;
    }

    private static FileEntry CopyOf(IFileSystem fileSystem, ulong inode, int number)
    {
        IReadOnlyList<FileEntry> copies = fileSystem is IDeletedFiles deleted ? deleted.JournalCopies(inode) : [];
        return number < copies.Count ? copies[number]
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"the journal holds {Copies(copies.Count)} of inode {inode}"));
    }

    /// <summary>A deleted file whose content is gone would come out as nothing, or as zeros: that is said instead.</summary>
    private static bool HasContent(CommandContext context, IFileSystem fileSystem, FileEntry entry, int? copy)
    {
        if (fileSystem is not IDeletedFiles deleted || (copy is null && entry.Allocation == Allocation.Allocated && entry.LinkCount > 0))
        {
            return true;
        }
        switch (deleted.CertaintyOf(entry))
        {
            case Certainty.MetadataOnly:
                int older = copy is null ? deleted.JournalCopies(entry.MetadataAddress).Count : 0;
                context.Say(string.Create(CultureInfo.InvariantCulture,
                    $"inode {entry.MetadataAddress} was deleted and where its content lay is not known any more{(older == 0 ? "" : $"; the journal holds {Copies(older)} (--journal-copy 0 is the newest)")}"));
                return false;
            case Certainty.PossiblyOverwritten:
                context.Say(string.Create(CultureInfo.InvariantCulture, $"inode {entry.MetadataAddress}: part of this content may have been overwritten by other files"));
                return true;
            default:
                return true;
        }
    }

    private static string Copies(int count) => count switch
    {
        0 => "no older state",
        1 => "1 older state",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} older states"),
    };

    private static int? ParseCopy(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value
        : throw new UsageException("--journal-copy takes a number from 0, not '" + text + "'");

    /// <summary>Copies everything; ranges known to be holes are not read.</summary>
    internal static void Copy(IByteSource content, Stream output, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        var sparse = content as ISparseByteSource;
        long position = 0;
        long length = content.Length;
        while (position < length)
        {
            cancellation.ThrowIfCancellationRequested();
            long dataEnd = length;
            if (sparse is not null)
            {
                bool hasData = sparse.NextData(position, out long start, out long dataLength);
                long zeros = Math.Min(length, hasData ? Math.Max(start, position) : length) - position;
                if (zeros > 0)
                {
                    Array.Clear(buffer);
                    position = WriteZeros(buffer, output, position, zeros, cancellation);
                    continue;
                }
                dataEnd = Math.Min(length, start + dataLength);
            }
            int wanted = (int)Math.Min(buffer.Length, Math.Max(1, dataEnd - position));
            int count = content.ReadUpTo(position, buffer.AsSpan(0, wanted));
            if (count == 0)
            {
                throw new ImageReadException(position, string.Create(CultureInfo.InvariantCulture, $"the content ends at byte {position} of {length}"));
            }
            output.Write(buffer.AsSpan(0, count));
            position += count;
        }
        output.Flush();
    }

    private static long WriteZeros(byte[] zeros, Stream output, long position, long count, CancellationToken cancellation)
    {
        while (count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            int part = (int)Math.Min(zeros.Length, count);
            output.Write(zeros.AsSpan(0, part));
            count -= part;
            position += part;
        }
        return position;
    }

    private static ulong? ParseInode(string? text) => text is null ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value
        : throw new UsageException("--inode takes a number, not '" + text + "'");

    internal static OpenedVolume? FindVolume(OpenedImage image, string? name)
    {
        if (name is null)
        {
            return null;
        }
        foreach (OpenedVolume volume in image.Volumes)
        {
            if (volume.Volume.Name == name || volume.Volume.Identity == name)
            {
                return volume.FileSystem is not null ? volume
                    : throw new UnsupportedFeatureException("volume " + volume.Volume.Identity + " (" + volume.NotReadBecause + ")");
            }
        }
        throw new UsageException("there is no volume '" + name + "'; the image has " + string.Join(", ", image.Volumes.Select(volume => volume.Volume.Identity)));
    }

    private static OpenedVolume OnlyVolume(OpenedImage image)
    {
        OpenedVolume[] readable = [.. image.Volumes.Where(volume => volume.FileSystem is not null)];
        return readable.Length switch
        {
            1 => readable[0],
            0 => throw new UnknownFormatException("no volume of the image can be read"),
            _ => throw new UsageException("--inode needs --volume: " + string.Join(", ", readable.Select(volume => volume.Volume.Identity))),
        };
    }
}
