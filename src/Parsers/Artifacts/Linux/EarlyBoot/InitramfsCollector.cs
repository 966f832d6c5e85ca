using System.Security.Cryptography;
using Forensics.Parsers.Formats;
using Forensics.Parsers.Formats.Cpio;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Keeps, of the members of an initramfs, what runs or decides what runs: digests of programs, text of scripts. Bounded in number and text.</summary>
internal sealed class InitramfsCollector : IDisposable
{
    private const int MostFiles = 20_000;
    private const int LongestText = 64 << 10;
    private const int MostText = 16 << 20;

    private static readonly string[] s_settings = ["etc/ld.so.preload", "etc/cmdline", "etc/cmdline.d/", "etc/modules-load.d/", "conf/modules", "etc/modprobe.d/", "etc/crontab", "etc/profile"];

    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _block = new byte[LongestText];
    private int _text;

    /// <summary>What was kept.</summary>
    public List<InitramfsFile> Files { get; } = [];

    /// <summary>Target of the link <c>/init</c>.</summary>
    public string? InitTarget { get; private set; }

    /// <summary>More than may be kept was there.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Looks at a member, whose content is read as far as it matters.</summary>
    public void Take(in CpioEntry entry, CpioReader archive)
    {
        if (entry.IsLink && entry.Path == "init")
        {
            InitTarget = TextLines.Decode(_block.AsSpan(0, ReadUpTo(archive, _block.AsSpan(0, 4096))));
            return;
        }
        if (!entry.IsRegular || entry.Size == 0)
        {
            return;
        }
        if (Files.Count >= MostFiles)
        {
            IsCut = true;
            return;
        }
        string path = "/" + entry.Path;
        if (ModuleIndex.WithoutCompression(path).EndsWith(".ko", StringComparison.Ordinal))
        {
            Files.Add(new InitramfsFile(path, InitramfsFileKind.Module, entry.Size));
            return;
        }
        int count = ReadUpTo(archive, _block);
        ReadOnlySpan<byte> head = _block.AsSpan(0, count);
        if (KindOf(entry, head) is not { } kind)
        {
            return;
        }
        string? text = kind == InitramfsFileKind.Program || _text >= MostText ? null : TextLines.Decode(head);
        IsCut |= kind != InitramfsFileKind.Program && (text is null || entry.Size > count);
        _text += text?.Length ?? 0;
        while (count > 0)
        {
            head = _block.AsSpan(0, count);
            _md5.AppendData(head);
            _sha1.AppendData(head);
            _sha256.AppendData(head);
            count = archive.Read(_block);
        }
        Files.Add(new InitramfsFile(path, kind, entry.Size) { Text = text, Md5 = Hex(_md5), Sha1 = Hex(_sha1), Sha256 = Hex(_sha256) });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _md5.Dispose();
        _sha1.Dispose();
        _sha256.Dispose();
    }

    private static InitramfsFileKind? KindOf(in CpioEntry entry, ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("\u007fELF"u8))
        {
            return InitramfsFileKind.Program;
        }
        string path = entry.Path;
        if (s_settings.Any(setting => setting.EndsWith('/') ? path.StartsWith(setting, StringComparison.Ordinal) : path == setting))
        {
            return InitramfsFileKind.Setting;
        }
        bool isText = !head[..Math.Min(head.Length, 4096)].Contains((byte)0);
        bool mayRun = (entry.Mode & 0x49) != 0 || path.EndsWith(".sh", StringComparison.Ordinal) || path.EndsWith(".service", StringComparison.Ordinal) || path.EndsWith(".rules", StringComparison.Ordinal)
            || path.StartsWith("scripts/", StringComparison.Ordinal) || path.StartsWith("hooks/", StringComparison.Ordinal);
        return isText && (mayRun || head.StartsWith("#!"u8)) ? InitramfsFileKind.Script : null;
    }

    private static int ReadUpTo(CpioReader archive, Span<byte> destination)
    {
        int done = 0;
        int count;
        while (done < destination.Length && (count = archive.Read(destination[done..])) > 0)
        {
            done += count;
        }
        return done;
    }

    private static string Hex(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
