using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Packages.Apk;

/// <summary>
/// The scripts of installed packages in apk's <c>scripts.tar</c> (plain or gzip): entries <c>NAME-VERSION.Q1DIGEST.KIND</c>. Only what that program writes is read:
/// plain headers of 512 bytes, octal sizes, and headers with long names.
/// </summary>
internal static class ApkScripts
{
    private const int Block = 512;
    private const int MaxText = 1 << 20;
    private const int MaxBytes = 64 << 20;

    private static readonly string[] s_kinds = ["pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-deinstall", "post-deinstall", "trigger"];

    /// <summary>Scripts by <c>NAME-VERSION</c>.</summary>
    public static ILookup<string, MaintainerScript> Read(IHostFiles files, string directory, ParseContext context)
    {
        var scripts = new List<(string Package, MaintainerScript Script)>();
        string path = directory + "/scripts.tar";
        ReadOnlyMemory<byte> archive = HostText.Read(files, path, context, MaxBytes);
        if (archive.IsEmpty)
        {
            path += ".gz";
            archive = HostText.Read(files, path, context, MaxBytes);
        }
        if (archive.Span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            archive = PackageGzip.Read(new MemorySource(archive), path, MaxBytes, context);
        }
        Parse(archive.Span, scripts, path, context);
        return scripts.ToLookup(entry => entry.Package, entry => entry.Script, StringComparer.Ordinal);
    }

    private static void Parse(ReadOnlySpan<byte> archive, List<(string, MaintainerScript)> scripts, string path, ParseContext context)
    {
        ReadOnlySpan<byte> longName = default;
        bool isAbsent = archive.IsEmpty;
        while (archive.Length >= Block && archive[..Block].ContainsAnyExcept((byte)0))
        {
            ReadOnlySpan<byte> header = archive[..Block];
            int size = Size(header.Slice(124, 12));
            if (size < 0 || size > archive.Length - Block)
            {
                archive = [];
                break;
            }
            ReadOnlySpan<byte> content = archive.Slice(Block, size);
            byte type = header[156];
            if (type is (byte)'L')
            {
                longName = UpToNul(content);
            }
            else
            {
                if (type is 0 or (byte)'0')
                {
                    Add(longName.IsEmpty ? UpToNul(header[..100]) : longName, content, scripts);
                }
                longName = default;
            }
            archive = archive[(int)Math.Min(archive.Length, Block + (size + (long)Block - 1) / Block * Block)..];
        }
        // apk ends its archive with blocks of zeros.
        if (archive.Length < Block && !isAbsent)
        {
            context.Diagnostics.Report(new Diagnostic("apk.scripts.damaged", "the archive of scripts is cut or damaged; the rest of it is lost") { Path = path, LosesContent = true });
        }
    }

    private static void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> content, List<(string, MaintainerScript)> scripts)
    {
        int kind = name.LastIndexOf((byte)'.');
        int digest = kind <= 0 ? -1 : name[..kind].LastIndexOf((byte)'.');
        string text = TextLines.Decode(name[(kind + 1)..]);
        if (digest > 0 && Array.IndexOf(s_kinds, text) >= 0)
        {
            scripts.Add((TextLines.Decode(name[..digest]), new MaintainerScript(text) { Text = TextLines.Decode(content[..Math.Min(content.Length, MaxText)]) }));
        }
    }

    private static int Size(ReadOnlySpan<byte> field)
    {
        field = field.Trim(" \0"u8);
        long size = 0;
        foreach (byte digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return -1;
            }
            size = size * 8 + (digit - '0');
        }
        return size > MaxBytes ? -1 : (int)size;
    }

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return end < 0 ? bytes : bytes[..end];
    }
}
