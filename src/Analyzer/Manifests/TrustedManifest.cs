using System.Globalization;
using System.Text.Json;
using Forensics.Analyzer.Pipeline;

namespace Forensics.Analyzer.Manifests;

/// <summary>What a manifest says of one path.</summary>
/// <param name="Sha256">Digest of a regular file's content; empty for a link.</param>
/// <param name="Target">Target of a symbolic link in display form; null for a file.</param>
/// <param name="Package">Package that owned it, <c>name version</c>; null when none did.</param>
public sealed record ManifestEntry(byte[] Sha256, string? Target, string? Package);

/// <summary>A manifest of an image that the user trusts, as <c>deadbox manifest</c> writes it. Immutable once loaded; thread-safe.</summary>
/// <remarks>
/// Limitations: held in memory, about 200 bytes an entry; files of up to 4 GiB, lines of up to 64 KiB, 10 million entries. The manifest is believed as it stands: keep it where the
/// examined host cannot write.
/// </remarks>
public sealed class TrustedManifest
{
    private readonly Dictionary<string, ManifestEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _packages = new(StringComparer.Ordinal);

    private TrustedManifest(string name) => Name = name;

    /// <summary>File name, for messages.</summary>
    public string Name { get; }
    /// <summary><c>ID</c> of the system it was made from; null when unknown.</summary>
    public string? OsId { get; private set; }
    /// <summary><c>VERSION_ID</c> of it.</summary>
    public string? OsVersion { get; private set; }
    /// <summary>Name of the host it was made from.</summary>
    public string? HostName { get; private set; }
    /// <summary>Number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>What it says of a path in display form; null when it does not name it.</summary>
    public ManifestEntry? Find(string path) => _entries.GetValueOrDefault(path);

    /// <summary>Reads a manifest. Throws <see cref="UsageException"/>, one sentence, when the file cannot be read, is none, is cut or has an entry that makes no sense.</summary>
    public static TrustedManifest Load(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
            return Load(stream, Path.GetFileName(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException("cannot read the manifest '" + path + "': " + exception.Message);
        }
    }

    /// <summary>The same from a stream.</summary>
    internal static TrustedManifest Load(Stream stream, string name)
    {
        var manifest = new TrustedManifest(name);
        var lines = new LineReader(stream, name);
        if (!lines.Next(out ReadOnlyMemory<byte> line))
        {
            throw new UsageException("the manifest '" + name + "' is empty");
        }
        manifest.ReadHeader(lines, line);
        while (true)
        {
            if (!lines.Next(out line))
            {
                throw new UsageException("the manifest '" + name + "' is cut: its last line is missing");
            }
            if (!manifest.ReadEntry(lines, line))
            {
                break;
            }
        }
        return lines.Next(out line) ? throw lines.Wrong("there is more behind the end") : manifest;
    }

    private void ReadHeader(LineReader lines, ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = lines.Parse(line, "its first line is no header of a manifest");
        JsonElement root = document.RootElement;
        if (Text(root, "format") != ManifestFormat.Name)
        {
            throw new UsageException("'" + Name + "' is not a manifest; make one with 'deadbox manifest'");
        }
        if (!root.TryGetProperty("version", out JsonElement version) || !version.TryGetInt32(out int number) || number != ManifestFormat.Version)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"the manifest '{Name}' has another format version than {ManifestFormat.Version}, which is the one that is understood"));
        }
        if (root.TryGetProperty("host", out JsonElement host) && host.ValueKind == JsonValueKind.Object)
        {
            (OsId, OsVersion, HostName) = (Text(host, "osId"), Text(host, "osVersion"), Text(host, "hostName"));
        }
    }

    /// <summary>False at the end line.</summary>
    private bool ReadEntry(LineReader lines, ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = lines.Parse(line, "it is no JSON object");
        JsonElement root = document.RootElement;
        if (root.TryGetProperty("end", out JsonElement end))
        {
            return end.TryGetInt64(out long count) && count == _entries.Count ? false : throw lines.Wrong("the number of entries is not what the last line says");
        }
        string path = Text(root, "path") is { Length: > 0 and <= 16384 } text && text[0] == '/' ? text : throw lines.Wrong("it has no absolute path");
        string? package = Text(root, "package") is { } named ? Shared(named) : null;
        ManifestEntry entry = Text(root, "type") switch
        {
            "f" => new ManifestEntry(Digest(Text(root, "sha256")) ?? throw lines.Wrong("its sha256 is not 64 hexadecimal digits"), null, package),
            "l" => new ManifestEntry([], Text(root, "target") ?? throw lines.Wrong("a link has no target"), package),
            _ => throw lines.Wrong("its type is neither f nor l"),
        };
        if (_entries.Count >= ManifestFormat.Entries)
        {
            throw lines.Wrong("there are more entries than are taken");
        }
        return _entries.TryAdd(path, entry) ? true : throw lines.Wrong("its path came before");
    }

    private string Shared(string package)
    {
        if (!_packages.TryGetValue(package, out string? known))
        {
            _packages.Add(package, known = package);
        }
        return known;
    }

    private static byte[]? Digest(string? hex)
    {
        byte[] digest = new byte[32];
        return hex?.Length == 64 && Convert.FromHexString(hex, digest, out _, out int written) == System.Buffers.OperationStatus.Done && written == 32 ? digest : null;
    }

    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // A string that is no valid UTF-16.
            return null;
        }
    }

    /// <summary>Lines of a bounded length, with their numbers for messages.</summary>
    private sealed class LineReader(Stream stream, string name)
    {
        private readonly byte[] _buffer = new byte[4 * ManifestFormat.LineBytes];
        private int _start;
        private int _end;
        private int _number;
        private long _read;

        public bool Next(out ReadOnlyMemory<byte> line)
        {
            while (true)
            {
                int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
                if (length > ManifestFormat.LineBytes || (length < 0 && _end - _start > ManifestFormat.LineBytes))
                {
                    _number++;
                    throw Wrong("it is longer than 64 KiB");
                }
                if (length >= 0)
                {
                    line = _buffer.AsMemory(_start, length);
                    _start += length + 1;
                    _number++;
                    return true;
                }
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
                int count = stream.Read(_buffer, _end, _buffer.Length - _end);
                _read += count;
                if (_read > ManifestFormat.FileBytes)
                {
                    throw new UsageException("the manifest '" + name + "' is larger than 4 GiB");
                }
                if (count == 0)
                {
                    line = default;
                    return false;
                }
                _end += count;
            }
        }

        public JsonDocument Parse(ReadOnlyMemory<byte> line, string otherwise)
        {
            try
            {
                JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 4 });
                if (document.RootElement.ValueKind == JsonValueKind.Object)
                {
                    return document;
                }
                document.Dispose();
                throw Wrong(otherwise);
            }
            catch (JsonException)
            {
                throw Wrong(otherwise);
            }
        }

        public UsageException Wrong(string why) => new(string.Create(CultureInfo.InvariantCulture, $"line {_number} of the manifest '{name}' cannot be used: {why}"));
    }
}
