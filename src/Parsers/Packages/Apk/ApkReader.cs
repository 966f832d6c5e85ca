using System.Buffers.Text;

namespace Forensics.Parsers.Packages.Apk;

/// <summary>
/// Reads the database of apk (Alpine and relatives): <c>installed</c>, the scripts of <c>scripts.tar</c> and the wishes of <c>/etc/apk/world</c>, in <c>/lib/apk/db</c> or
/// <c>/usr/lib/apk/db</c>. Specification: the "Apk spec" page of Alpine's wiki and apk-tools.
/// </summary>
/// <remarks>
/// Limitations: which directories hold configuration is apk's default (<c>/etc</c> but <c>/etc/init.d</c>), <c>/etc/apk/protected_paths.d</c> is not read; sizes are not
/// recorded; the digest of a symbolic link is that of its target; the database does not say which entries are links. Installation times are not recorded.
/// </remarks>
public sealed class ApkReader : IPackageReader
{
    private static readonly string[] s_directories = ["/usr/lib/apk/db", "/lib/apk/db"];

    /// <inheritdoc/>
    public string Name => "apk";

    /// <inheritdoc/>
    public void Read(IHostFiles files, PackageIndexBuilder index, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(context);
        foreach (string directory in s_directories)
        {
            string path = directory + "/installed";
            ReadOnlyMemory<byte> text = HostText.Read(files, path, context);
            if (text.IsEmpty)
            {
                continue;
            }
            ILookup<string, MaintainerScript> scripts = ApkScripts.Read(files, directory, context);
            HashSet<string> world = ReadWorld(files, context);
            int offset = 0;
            while (offset < text.Length)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                int end = text.Span[offset..].IndexOf("\n\n"u8);
                ReadOnlySpan<byte> paragraph = end < 0 ? text.Span[offset..] : text.Span.Slice(offset, end + 1);
                offset += paragraph.Length + 1;
                if (Describe(paragraph, path, scripts, world) is { } package)
                {
                    if (!index.Begin(package))
                    {
                        return;
                    }
                    AddFiles(paragraph, index);
                }
            }
            // The other folder is a link to this one, or left over.
            return;
        }
    }

    /// <summary>Names in <c>world</c> without versions and repository tags: <c>nginx&gt;1.2@edge</c>.</summary>
    private static HashSet<string> ReadWorld(IHostFiles files, ParseContext context)
    {
        var world = new HashSet<string>(StringComparer.Ordinal);
        ReadOnlySpan<byte> text = HostText.Read(files, "/etc/apk/world", context, 1 << 20).Span;
        while (HostText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            while (HostText.NextWord(ref line, out ReadOnlySpan<byte> word))
            {
                int end = word.IndexOfAny("<>=~@"u8);
                world.Add(HostText.Text(end < 0 ? word : word[..end]));
            }
        }
        return world;
    }

    private static Package? Describe(ReadOnlySpan<byte> paragraph, string database, ILookup<string, MaintainerScript> scripts, HashSet<string> world)
    {
        var package = new Package { Manager = "apk", Name = "", Database = database, HasDigests = true };
        while (HostText.NextLine(ref paragraph, out ReadOnlySpan<byte> line))
        {
            if (line.Length < 2 || line[1] != (byte)':')
            {
                continue;
            }
            ReadOnlySpan<byte> value = line[2..Math.Min(line.Length, 4096)];
            package = line[0] switch
            {
                (byte)'P' => package with { Name = HostText.Text(value) },
                (byte)'V' => package with { Version = HostText.Text(value) },
                (byte)'A' => package with { Architecture = HostText.Text(value) },
                (byte)'m' => package with { Vendor = HostText.Text(value) },
                (byte)'o' => package with { Source = HostText.Text(value) },
                (byte)'c' => package with { Origin = HostText.Text(value) },
                (byte)'t' when HostText.TryNumber(value, out long seconds) => package with { BuiltAt = new Timestamp(seconds, 0) },
                _ => package,
            };
        }
        return package.Name.Length == 0 ? null : package with
        {
            Source = package.Source.Length == 0 ? package.Name : package.Source,
            IsExplicit = world.Contains(package.Name),
            Scripts = [.. scripts[package.Name + "-" + package.Version]],
        };
    }

    private static void AddFiles(ReadOnlySpan<byte> paragraph, PackageIndexBuilder index)
    {
        scoped ReadOnlySpan<byte> directory = default;
        int row = -1;
        while (HostText.NextLine(ref paragraph, out ReadOnlySpan<byte> line))
        {
            if (line.Length < 2 || line[1] != (byte)':')
            {
                continue;
            }
            ReadOnlySpan<byte> value = line[2..];
            switch (line[0])
            {
                case (byte)'F':
                    directory = value;
                    row = index.Add(value, []);
                    if (row >= 0)
                    {
                        index.Change(row).Kind = PackageFileKind.Directory;
                        SetOwner(index, row, 0x1ED, "0"u8, "0"u8);
                    }
                    break;
                case (byte)'R':
                    row = index.Add(directory, value, IsConfiguration(directory) ? PackageFileFlags.Config : PackageFileFlags.None);
                    if (row >= 0)
                    {
                        SetOwner(index, row, 0x1A4, "0"u8, "0"u8);
                    }
                    break;
                case (byte)'M' or (byte)'a' when row >= 0:
                    SetAccess(index, row, value);
                    break;
                case (byte)'Z' when row >= 0:
                    SetDigest(index, row, value);
                    break;
            }
        }
    }

    /// <summary>apk's default for what is kept when it was changed.</summary>
    private static bool IsConfiguration(ReadOnlySpan<byte> directory) =>
        (directory.SequenceEqual("etc"u8) || directory.StartsWith("etc/"u8)) && !directory.StartsWith("etc/init.d"u8);

    /// <summary><c>uid:gid:mode</c>, then perhaps a digest of the extended attributes. Without such a line a file is root's with mode 0644, a directory with 0755.</summary>
    private static void SetAccess(PackageIndexBuilder index, int row, ReadOnlySpan<byte> value)
    {
        int first = value.IndexOf((byte)':');
        int second = first < 0 ? -1 : first + 1 + value[(first + 1)..].IndexOf((byte)':');
        if (second <= first)
        {
            return;
        }
        ReadOnlySpan<byte> mode = value[(second + 1)..];
        int end = mode.IndexOf((byte)':');
        mode = end < 0 ? mode : mode[..end];
        ReadOnlySpan<byte> user = value[..first];
        ReadOnlySpan<byte> group = value[(first + 1)..second];
        if (HostText.Octal(mode) is >= 0 and int permissions && HostText.TryNumber(user, out _) && HostText.TryNumber(group, out _))
        {
            SetOwner(index, row, permissions & 0xFFF, user, group);
        }
    }

    private static void SetOwner(PackageIndexBuilder index, int row, int permissions, ReadOnlySpan<byte> user, ReadOnlySpan<byte> group)
    {
        ref FileRow entry = ref index.Change(row);
        entry.Mode = (short)permissions;
        entry.User = index.TextNumber(user);
        entry.Group = index.TextNumber(group);
    }

    /// <summary><c>Q1</c> and base64 is SHA-1, <c>Q2</c> SHA-256; hexadecimal digits are MD5 of version 1.</summary>
    private static void SetDigest(PackageIndexBuilder index, int row, ReadOnlySpan<byte> value)
    {
        Span<byte> bytes = stackalloc byte[48];
        if (value.Length == 32 && HostText.TryHex(value, bytes[..16]))
        {
            index.SetDigest(row, DigestAlgorithm.Md5, bytes[..16]);
        }
        else if (value.Length is > 2 and <= 64 && value[0] == (byte)'Q' && Base64.DecodeFromUtf8(value[2..], bytes, out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            index.SetDigest(row, value[1] == (byte)'2' ? DigestAlgorithm.Sha256 : DigestAlgorithm.Sha1, bytes[..length]);
        }
    }
}
