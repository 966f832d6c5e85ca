using System.Text.Json;

namespace Forensics.Analyzer.Reports;

/// <summary>The <c>image</c> object of the report, and the parts of it that <c>info</c> has too.</summary>
internal static class ImageJson
{
    /// <summary>The whole object.</summary>
    public static void Write(Utf8JsonWriter json, ImageInfo image)
    {
        json.WriteStartObject("image");
        json.Text("name", image.Name);
        json.Text("format", image.Format);
        json.WriteNumber("diskBytes", image.DiskBytes);
        json.WriteNumber("fileBytes", image.FileBytes);
        json.Text("volumeSystem", image.VolumeSystem);
        json.WriteStartArray("volumes");
        foreach (VolumeInfo volume in image.Volumes)
        {
            Write(json, volume);
        }
        json.WriteEndArray();
        if (image.ExternalJournals.Count > 0)
        {
            json.Texts("externalJournals", image.ExternalJournals);
        }
        WriteParts(json, image.Disks, image.Files, isFull: false);
        if (image.Verification is { } checks)
        {
            WriteChecks(json, checks);
        }
        json.WriteEndObject();
    }

    /// <summary>What is to be said about disks and files beyond one image in one file.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="disks">The disks.</param>
    /// <param name="files">The files.</param>
    /// <param name="isFull">With what only <c>info</c> lists: facts, snapshots, stored digests.</param>
    public static void WriteParts(Utf8JsonWriter json, IReadOnlyList<DiskInfo> disks, IReadOnlyList<EvidenceFileInfo> files, bool isFull)
    {
        if (disks.Count == 1)
        {
            WriteDisk(json, disks[0], isFull);
        }
        else if (disks.Count > 1)
        {
            json.WriteStartArray("disks");
            foreach (DiskInfo disk in disks)
            {
                json.WriteStartObject();
                json.Text("file", disk.FileName);
                json.Text("volumePrefix", disk.VolumePrefix);
                json.Text("format", disk.Format);
                json.WriteNumber("diskBytes", disk.DiskBytes);
                json.Text("volumeSystem", disk.VolumeSystem);
                if (isFull)
                {
                    json.WriteNumber("sectorSize", disk.SectorSize);
                    json.Text("diskIdentifier", disk.Identifier);
                    json.Pairs("facts", disk.Facts);
                }
                WriteDisk(json, disk, isFull);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (files.Count > 1)
        {
            json.WriteStartArray("files");
            foreach (EvidenceFileInfo file in files)
            {
                json.WriteStartObject();
                json.Text("name", file.Name);
                json.Text("role", file.Role);
                json.WriteNumber("bytes", file.Bytes);
                json.Text("namedBy", file.NamedBy);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    /// <summary>The <c>verification</c> array.</summary>
    public static void WriteChecks(Utf8JsonWriter json, IReadOnlyList<DigestCheck> checks)
    {
        json.WriteStartArray("verification");
        foreach (DigestCheck check in checks)
        {
            json.WriteStartObject();
            json.Text("file", check.FileName);
            json.Text("algorithm", check.Algorithm);
            json.Text("stored", check.Stored);
            json.Text("computed", check.Computed);
            json.WriteBoolean("matches", check.Matches);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Pairs as an array: names may repeat.</summary>
    public static void Pairs(this Utf8JsonWriter json, string name, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        json.WriteStartArray(name);
        foreach ((string key, string value) in pairs)
        {
            json.WriteStartObject();
            json.Text("name", key);
            json.Text("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteDisk(Utf8JsonWriter json, DiskInfo disk, bool isFull)
    {
        json.Text("member", disk.MemberName);
        if (disk.OpenedSnapshot is { } opened)
        {
            json.WriteStartObject("snapshot");
            WriteSnapshot(json, opened);
            json.WriteEndObject();
        }
        if (isFull && disk.Snapshots.Count > 0)
        {
            json.WriteStartArray("snapshots");
            foreach (SnapshotInfo snapshot in disk.Snapshots)
            {
                json.WriteStartObject();
                WriteSnapshot(json, snapshot);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (isFull && disk.StoredDigests.Count > 0)
        {
            json.Pairs("storedDigests", disk.StoredDigests);
        }
    }

    /// <summary>A shadow copy of a volume as an object.</summary>
    public static void WriteShadowCopy(Utf8JsonWriter json, ShadowCopyInfo copy)
    {
        json.WriteStartObject();
        json.Text("name", copy.Name);
        json.Text("id", copy.Id);
        json.Text("setId", copy.SetId);
        json.Text("taken", copy.TakenText);
        json.WriteNumber("volumeBytes", copy.VolumeBytes);
        json.Text("machine", copy.Machine);
        json.Text("problem", copy.Problem);
        json.WriteEndObject();
    }

    private static void WriteSnapshot(Utf8JsonWriter json, SnapshotInfo snapshot)
    {
        json.Text("id", snapshot.Id);
        json.Text("name", snapshot.Name);
        json.Text("taken", snapshot.TakenText);
        json.WriteNumber("diskBytes", snapshot.DiskBytes);
    }

    private static void Write(Utf8JsonWriter json, VolumeInfo volume)
    {
        json.WriteStartObject();
        json.Text("identity", volume.Identity);
        json.WriteNumber("offset", volume.Offset);
        json.WriteNumber("length", volume.Length);
        json.Text("typeName", volume.TypeName);
        json.Text("fileSystem", volume.FileSystem);
        json.Text("label", volume.Label);
        json.Text("uuid", volume.Uuid);
        json.WriteBoolean("needsRecovery", volume.NeedsRecovery);
        JsonReport.WriteJournal(json, volume.Journal);
        json.Text("host", volume.Host);
        json.Text("mountPoint", volume.MountPoint);
        json.Text("notReadBecause", volume.NotReadBecause);
        if (volume.ShadowCopy is { } copy)
        {
            json.WritePropertyName("shadowCopy");
            WriteShadowCopy(json, copy);
        }
        json.WriteEndObject();
        json.FlushWhenFull();
    }
}
