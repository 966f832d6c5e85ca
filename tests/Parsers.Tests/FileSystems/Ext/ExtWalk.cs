using System.Globalization;
using System.Security.Cryptography;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>A path and the entry it leads to.</summary>
public sealed record WalkedFile(string Path, FileEntry Entry, bool InEncryptedDirectory);

/// <summary>Walks a whole file system and puts what it says into the words of an oracle.</summary>
internal static class ExtWalk
{
    public static IFileSystem Open(IByteSource source, IDiagnosticSink? diagnostics = null, JournalView journal = JournalView.Replay, IByteSource? externalJournal = null) =>
        new ExtFormat().Open(source, ParseContext.Quiet with
        {
            Diagnostics = diagnostics ?? NullDiagnosticSink.Instance,
            Journal = journal,
            ExternalJournals = externalJournal is null ? [] : [externalJournal],
        });

    /// <summary>Every name, directories once. Entries that cannot be opened go to <paramref name="failures"/>.</summary>
    public static List<WalkedFile> Files(IFileSystem fileSystem, List<ForensicException>? failures = null)
    {
        FileEntry root = fileSystem.Open(fileSystem.RootAddress);
        var files = new List<WalkedFile> { new("/", root, false) };
        var pending = new Queue<WalkedFile>(files);
        var visited = new HashSet<ulong> { fileSystem.RootAddress };
        while (pending.TryDequeue(out WalkedFile? directory))
        {
            IEnumerable<DirectoryEntry> entries;
            try
            {
                entries = fileSystem.ReadDirectory(directory.Entry);
            }
            catch (ForensicException failure) when (failures is not null)
            {
                failures.Add(failure);
                continue;
            }
            foreach (DirectoryEntry name in entries)
            {
                FileEntry entry;
                try
                {
                    entry = fileSystem.Open(name.MetadataAddress);
                }
                catch (ForensicException failure) when (failures is not null)
                {
                    failures.Add(failure);
                    continue;
                }
                var file = new WalkedFile(PathText.Join(directory.Path, PathText.FromBytes(name.Name.Span)), entry, directory.Entry.IsEncrypted);
                files.Add(file);
                if (entry.Type == FileType.Directory && visited.Add(entry.MetadataAddress))
                {
                    pending.Enqueue(file);
                }
            }
        }
        return files;
    }

    public static char TypeLetter(FileType type) => type switch
    {
        FileType.Regular => 'f',
        FileType.Directory => 'd',
        FileType.SymbolicLink => 'l',
        FileType.CharacterDevice => 'c',
        FileType.BlockDevice => 'b',
        FileType.Fifo => 'p',
        FileType.Socket => 's',
        _ => '?',
    };

    public static string Md5(IByteSource content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = new byte[Math.Clamp(content.Length, 1, 1 << 20)];
        long offset = 0;
        while (true)
        {
            int count = content.ReadAt(offset, buffer);
            if (count == 0)
            {
                return Convert.ToHexStringLower(hash.GetHashAndReset());
            }
            hash.AppendData(buffer, 0, count);
            offset += count;
        }
    }

    public static string Target(IFileSystem fileSystem, FileEntry entry) => entry.Type switch
    {
        FileType.SymbolicLink => TargetText(fileSystem.ReadLinkTarget(entry)),
        FileType.CharacterDevice or FileType.BlockDevice => string.Create(CultureInfo.InvariantCulture, $"{entry.DeviceMajor}:{entry.DeviceMinor}"),
        _ => "",
    };

    /// <summary>Components in display form: a slash separates them and is no part of a name.</summary>
    private static string TargetText(ReadOnlyMemory<byte> target)
    {
        var parts = new List<string>();
        for (int slash; (slash = target.Span.IndexOf((byte)'/')) >= 0; target = target[(slash + 1)..])
        {
            parts.Add(PathText.FromBytes(target.Span[..slash]));
        }
        parts.Add(PathText.FromBytes(target.Span));
        return string.Join('/', parts);
    }

    /// <summary><c>name=hex</c> of every attribute the kernel lists, sorted.</summary>
    public static string Attributes(IFileSystem fileSystem, FileEntry entry) => string.Join(' ', fileSystem.ReadExtendedAttributes(entry)
        .Where(a => !a.Name.StartsWith("ext4.", StringComparison.Ordinal))
        .Select(a => a.Name + "=" + Convert.ToHexStringLower(a.Value.Span)).Order(StringComparer.Ordinal));

    public static string Time(Timestamp? time) => time is { } t ? string.Create(CultureInfo.InvariantCulture, $"{t.Seconds}.{t.Nanoseconds:D9}") : "";
}
