using System.Text.Encodings.Web;
using System.Text.Json;
using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Listing;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers;
using Forensics.Parsers.Packages;

namespace Forensics.Analyzer.Manifests;

/// <summary>Takes the rows of a listing and writes the manifest of one host when all are there. Not thread-safe.</summary>
internal sealed class ManifestRows : FileRowWriter
{
    private readonly Stream _output;
    private readonly IReadOnlyDictionary<string, VolumePlace> _places;
    private readonly IScanProgress _progress;
    private readonly List<Entry> _entries = [];
    private readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.Default, SkipValidation = true };

    /// <summary>Writes to <paramref name="output"/>; rows of volumes that are not in <paramref name="places"/> do not belong to the host and are left out.</summary>
    public ManifestRows(Stream output, IReadOnlyDictionary<string, VolumePlace> places, IScanProgress progress) : base(Stream.Null)
    {
        _output = output;
        _places = places;
        _progress = progress;
    }

    /// <summary>Number of files and links taken.</summary>
    public int Count => _entries.Count;

    /// <summary>Regular files whose content could not be read, so that they are not in the manifest.</summary>
    public int Unread { get; private set; }

    /// <inheritdoc/>
    public override void Write(in FileRow row)
    {
        FileEntry file = row.File;
        if (file.Type is not (FileType.Regular or FileType.SymbolicLink) || !_places.TryGetValue(row.Volume, out VolumePlace? place))
        {
            return;
        }
        string path = place.Of(row.Path);
        if (place.ShadowOf(path) is not null)
        {
            return;
        }
        Examiners.ContentDigests digests = row.Digests;
        bool isLink = file.Type == FileType.SymbolicLink;
        if (isLink ? row.Target is null : !digests.HasSha256)
        {
            Unread++;
            return;
        }
        _entries.Add(new Entry(path, file, isLink ? [] : digests.Sha256.ToArray(), row.Target));
        _progress.Advance(1, isLink ? 0 : file.Size);
    }

    /// <summary>Writes everything: header, entries in the order of their paths, end.</summary>
    public void Finish(string tool, string image, HostInfo host, PackageIndex packages)
    {
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer, _options);
        void Line(Action write)
        {
            json.Reset();
            json.WriteStartObject();
            write();
            json.WriteEndObject();
            json.Flush();
            buffer.WriteByte((byte)'\n');
            if (buffer.Length > 256 << 10)
            {
                buffer.WriteTo(_output);
                buffer.SetLength(0);
            }
        }
        Line(() =>
        {
            json.WriteString("format"u8, ManifestFormat.Name);
            json.WriteNumber("version"u8, ManifestFormat.Version);
            json.WriteString("tool"u8, tool);
            json.WriteString("image"u8, image);
            json.WriteStartObject("host"u8);
            Text(json, "osId", host.OsId);
            Text(json, "osVersion", host.OsVersion);
            Text(json, "hostName", host.HostName);
            Text(json, "machineId", host.MachineId);
            json.WriteEndObject();
        });
        _entries.Sort(static (left, right) => string.CompareOrdinal(left.Path, right.Path));
        long count = 0;
        string? previous = null;
        foreach (Entry entry in _entries)
        {
            // Only a damaged directory has one name twice; the first stands.
            if (entry.Path != previous)
            {
                Line(() => Write(json, entry, packages));
                count++;
            }
            previous = entry.Path;
        }
        Line(() => json.WriteNumber("end"u8, count));
        buffer.WriteTo(_output);
        _output.Flush();
    }

    private static void Write(Utf8JsonWriter json, Entry entry, PackageIndex packages)
    {
        json.WriteString("path"u8, entry.Path);
        json.WriteString("type"u8, entry.Target is null ? "f"u8 : "l"u8);
        if (entry.Target is { } target)
        {
            json.WriteString("target"u8, target);
        }
        else
        {
            json.WriteNumber("size"u8, entry.File.Size);
        }
        json.WriteString("mode"u8, Convert.ToString(entry.File.Permissions, 8).PadLeft(4, '0'));
        json.WriteNumber("uid"u8, entry.File.UserId);
        json.WriteNumber("gid"u8, entry.File.GroupId);
        if (entry.Target is null)
        {
            json.WriteString("sha256"u8, Convert.ToHexStringLower(entry.Sha256));
        }
        if (packages.TryFind(entry.Path, out PackageFile file))
        {
            json.WriteString("package"u8, file.Package.Name + " " + file.Package.Version);
        }
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, Reports.JsonText.Exact(value));
        }
    }

    private sealed record Entry(string Path, FileEntry File, byte[] Sha256, string? Target);
}
