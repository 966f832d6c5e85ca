using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>One extent line of a descriptor: <c>RW 4192256 SPARSE "disk-s001.vmdk" 0</c>.</summary>
/// <param name="Access"><c>RW</c>, <c>RDONLY</c> or <c>NOACCESS</c>.</param>
/// <param name="Sectors">Sectors of 512 bytes, positive.</param>
/// <param name="Type">Upper-case type: <c>SPARSE</c>, <c>FLAT</c> ...</param>
/// <param name="FileName">The file, as the descriptor names it; empty when it names none.</param>
/// <param name="OffsetSectors">Where the extent begins in the file, in sectors.</param>
internal sealed record VmdkExtentLine(string Access, long Sectors, string Type, string FileName, long OffsetSectors);

/// <summary>
/// The text that describes a virtual disk, embedded in a sparse extent or a file of its own: header, extents, disk data base. Specification: VMware, Virtual Disk
/// Format 5.0, "The Descriptor File". Throws <see cref="CorruptDataException"/> when an extent line cannot be understood, since the layout of the disk is then unknown.
/// </summary>
internal sealed class VmdkDescriptor
{
    /// <summary>Longest descriptor that is read: some 1,500 extents of 2 GB.</summary>
    public const int MaxBytes = 64 << 10;
    /// <summary>Value of CID and parentCID that stands for none.</summary>
    public const uint NoContentId = 0xFFFFFFFF;
    private const int MaxDatabaseEntries = 48;
    private const int MaxValueLength = 256;

    private readonly List<VmdkExtentLine> _extents = [];
    private readonly List<KeyValuePair<string, string>> _database = [];

    private VmdkDescriptor()
    {
    }

    /// <summary>Kind of disk: <c>monolithicSparse</c>, <c>vmfs</c> ...; empty when not stated.</summary>
    public string CreateType { get; private set; } = "";
    /// <summary>Content identifier, changed when the disk is first written after an opening.</summary>
    public uint? Cid { get; private set; }
    /// <summary>Content identifier of the parent when the delta was made; null for a disk without a parent.</summary>
    public uint? ParentCid { get; private set; }
    /// <summary>The parent, as the descriptor names it; empty when it names none.</summary>
    public string ParentFileNameHint { get; private set; } = "";
    /// <summary>File of changed block tracking; only shown.</summary>
    public string ChangeTrackPath { get; private set; } = "";
    /// <summary>Version as written.</summary>
    public string Version { get; private set; } = "";
    /// <summary>Encoding as written; empty for UTF-8.</summary>
    public string EncodingName { get; private set; } = "";
    /// <summary>The extents in the order of the disk.</summary>
    public IReadOnlyList<VmdkExtentLine> Extents => _extents;
    /// <summary>Entries <c>ddb.*</c>, values in display form.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Database => _database;

    /// <summary>Parses at most <see cref="MaxBytes"/>; the text ends at the first NUL.</summary>
    public static VmdkDescriptor Parse(ReadOnlySpan<byte> bytes, IDiagnosticSink diagnostics)
    {
        bytes = bytes[..Math.Min(bytes.Length, MaxBytes)];
        int end = bytes.IndexOf((byte)0);
        bytes = end < 0 ? bytes : bytes[..end];
        var descriptor = new VmdkDescriptor { EncodingName = FindEncoding(bytes) };
        string text = Decode(bytes, descriptor.EncodingName, diagnostics);
        int position = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> trimmed = line.Trim();
            if (trimmed.Length > 0 && trimmed[0] != '#' && !descriptor.AddExtent(trimmed, position))
            {
                descriptor.AddValue(trimmed);
            }
            position += line.Length + 1;
        }
        return descriptor;
    }

    /// <summary>The encoding is named inside the text, in ASCII whatever it is.</summary>
    private static string FindEncoding(ReadOnlySpan<byte> bytes)
    {
        foreach (Range range in bytes.Split((byte)'\n'))
        {
            string line = Encoding.Latin1.GetString(bytes[range]).Trim();
            if (line.StartsWith("encoding", StringComparison.OrdinalIgnoreCase) && Split(line, out string key, out string value) && key.Equals("encoding", StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }
        return "";
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string name, IDiagnosticSink diagnostics)
    {
        Encoding? encoding = Encoding.UTF8;
        if (name.Length > 0 && !name.Equals("UTF-8", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                // Encodings of EBCDIC or UTF-16 kind would make other lines of the same bytes.
                encoding = CodePagesEncodingProvider.Instance.GetEncoding(name);
                encoding = encoding is null || encoding.GetString("RW 1=\""u8) == "RW 1=\"" ? encoding : null;
            }
            catch (ArgumentException)
            {
                encoding = null;
            }
            if (encoding is null)
            {
                diagnostics.Report(new Diagnostic("vmdk.descriptor.encoding", "the descriptor is in an encoding that is not known; it is read as UTF-8 or Latin-1")
                {
                    Actual = PathText.FromText(Clip(name)),
                });
            }
        }
        encoding ??= Encoding.UTF8;
        return encoding == Encoding.UTF8 && !System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.Latin1.GetString(bytes) : encoding.GetString(bytes);
    }

    /// <summary>False when the line does not begin as an extent.</summary>
    private bool AddExtent(ReadOnlySpan<char> line, int position)
    {
        string access = NextWord(ref line).ToUpperInvariant();
        if (access is not ("RW" or "RDONLY" or "NOACCESS"))
        {
            return false;
        }
        bool hasSectors = long.TryParse(NextWord(ref line), NumberStyles.None, CultureInfo.InvariantCulture, out long sectors);
        string type = NextWord(ref line).ToUpperInvariant();
        string fileName = "";
        bool isClosed = true;
        if (line.Length > 0 && line[0] == '"')
        {
            int close = line[1..].IndexOf('"');
            isClosed = close >= 0;
            fileName = isClosed ? line.Slice(1, close).ToString() : "";
            line = isClosed ? line[(close + 2)..].TrimStart() : [];
        }
        string word = NextWord(ref line);
        long offset = 0;
        bool hasOffset = word.Length == 0 || long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out offset);
        if (!hasSectors || sectors == 0 || sectors > (long)VmdkLayer.MaxSectors || type.Length == 0 || !isClosed || !hasOffset || offset > (long)VmdkLayer.MaxSectors)
        {
            throw new CorruptDataException("vmdk.descriptor.extent", position, "ACCESS SECTORS TYPE \"FILE\" OFFSET",
                "sectors " + PathText.FromText(Clip(sectors.ToString(CultureInfo.InvariantCulture))) + ", type '" + PathText.FromText(Clip(type)) + "'");
        }
        _extents.Add(new VmdkExtentLine(access, sectors, type, fileName, offset));
        return true;
    }

    private static string NextWord(ref ReadOnlySpan<char> line)
    {
        int length = line.IndexOfAny(' ', '\t');
        ReadOnlySpan<char> word = length < 0 ? line : line[..length];
        line = length < 0 ? [] : line[length..].TrimStart();
        return word.ToString();
    }

    private void AddValue(ReadOnlySpan<char> line)
    {
        if (!Split(line, out string key, out string value))
        {
            return;
        }
        switch (key.ToLowerInvariant())
        {
            case "version":
                Version = PathText.FromText(Clip(value));
                break;
            case "createtype":
                CreateType = Clip(value);
                break;
            case "cid":
                Cid = ContentId(value);
                break;
            case "parentcid":
                ParentCid = ContentId(value) is uint id and not NoContentId ? id : null;
                break;
            case "parentfilenamehint":
                ParentFileNameHint = value;
                break;
            case "changetrackpath":
                ChangeTrackPath = Clip(value);
                break;
            case string name when name.StartsWith("ddb.", StringComparison.Ordinal) && _database.Count < MaxDatabaseEntries:
                _database.Add(new(PathText.FromText(Clip(key)), PathText.FromText(Clip(value))));
                break;
        }
    }

    private static uint? ContentId(string value) => uint.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint id) ? id : null;

    /// <summary><c>key = "value"</c> or <c>key=value</c>.</summary>
    private static bool Split(ReadOnlySpan<char> line, out string key, out string value)
    {
        int equals = line.IndexOf('=');
        key = equals > 0 ? line[..equals].Trim().ToString() : "";
        ReadOnlySpan<char> rest = equals > 0 ? line[(equals + 1)..].Trim() : [];
        if (rest.Length > 0 && rest[0] == '"')
        {
            int close = rest[1..].IndexOf('"');
            rest = close < 0 ? rest[1..] : rest.Slice(1, close);
        }
        value = rest.ToString();
        return key.Length > 0;
    }

    private static string Clip(string value) => value.Length > MaxValueLength ? value[..MaxValueLength] : value;
}
