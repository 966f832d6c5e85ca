using System.Text.Json;
using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;
using Forensics.Parsers;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Commands;

/// <summary><c>info --format json</c>; names shared with the report have the same meaning there.</summary>
internal static class InfoJson
{
    public static void Write(ImageDescription image, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, JsonText.Options))
        {
            json.WriteStartObject();
            json.WriteString("schemaVersion", Report.CurrentSchemaVersion);
            json.WriteStartObject("image");
            json.Text("name", image.Name);
            DiskInfo first = image.Disks[0];
            json.Text("format", first.Format);
            json.WriteNumber("diskBytes", first.DiskBytes);
            json.WriteNumber("fileBytes", image.FileBytes);
            json.Pairs("facts", first.Facts);
            json.Text("volumeSystem", first.VolumeSystem);
            json.WriteNumber("sectorSize", first.SectorSize);
            json.Text("diskIdentifier", first.Identifier);
            json.WriteStartArray("volumes");
            foreach (VolumeDescription volume in image.Volumes)
            {
                WriteVolume(json, volume);
            }
            json.WriteEndArray();
            if (image.ExternalJournals.Count > 0)
            {
                json.Texts("externalJournals", image.ExternalJournals);
            }
            ImageJson.WriteParts(json, image.Disks, image.Files, isFull: true);
            WriteHashes(json, "hashes", image.DiskHashes);
            WriteHashes(json, "evidenceHashes", image.FileHashes);
            if (image.Verification is { } checks)
            {
                ImageJson.WriteChecks(json, checks);
            }
            json.WriteEndObject();
            JsonReport.WriteHosts(json, image.Hosts);
            JsonReport.WriteDiagnostics(json, image.Diagnostics);
            json.WriteEndObject();
        }
        output.WriteByte((byte)'\n');
    }

    private static void WriteVolume(Utf8JsonWriter json, VolumeDescription volume)
    {
        json.WriteStartObject();
        json.Text("identity", volume.Identity);
        json.WriteNumber("offset", volume.Offset);
        json.WriteNumber("length", volume.Length);
        json.Text("typeId", volume.TypeId);
        json.Text("typeName", volume.TypeName);
        json.Text("partitionName", volume.Label);
        json.Text("partitionUuid", volume.Uuid);
        json.Text("notReadBecause", volume.NotReadBecause);
        json.Text("memberOf", volume.MemberOf);
        if (volume.DeviceNames.Count > 0)
        {
            json.Texts("deviceNames", volume.DeviceNames);
        }
        json.Text("mountPoint", volume.MountPoint);
        if (volume.ShadowCopies.Count > 0)
        {
            json.WriteStartArray("shadowCopies");
            foreach (ShadowCopyInfo copy in volume.ShadowCopies)
            {
                ImageJson.WriteShadowCopy(json, copy);
            }
            json.WriteEndArray();
        }
        if (volume.ShadowCopies.FirstOrDefault(copy => copy.Name == volume.OpenedShadowCopy) is { } opened)
        {
            json.WritePropertyName("shadowCopy");
            ImageJson.WriteShadowCopy(json, opened);
        }
        if (volume.FileSystem is not null)
        {
            WriteFileSystem(json, volume.FileSystem, volume.Facts ?? new FileSystemFacts());
        }
        json.WriteEndObject();
    }

    private static void WriteFileSystem(Utf8JsonWriter json, string kind, FileSystemFacts facts)
    {
        json.WriteStartObject("fileSystem");
        json.Text("kind", kind);
        json.Text("label", facts.Label);
        json.Text("uuid", facts.Uuid);
        json.Text("state", facts.State);
        json.WriteBoolean("needsRecovery", facts.NeedsRecovery);
        JsonReport.WriteJournal(json, JournalDescription.Of(facts.Journal));
        json.WriteNumber("blockSize", facts.BlockSize);
        json.WriteNumber("sizeBytes", facts.SizeBytes);
        json.Number("freeBytes", facts.FreeBytes);
        json.Number("inodeCount", facts.InodeCount);
        Time(json, "created", facts.Created);
        Time(json, "lastMounted", facts.LastMounted);
        Time(json, "lastWritten", facts.LastWritten);
        Time(json, "lastChecked", facts.LastChecked);
        json.Text("lastMountPoint", facts.LastMountPoint);
        json.Number("mountCount", facts.MountCount);
        json.Number("errorCount", facts.ErrorCount);
        Error(json, "firstError", facts.FirstError);
        Error(json, "lastError", facts.LastError);
        json.Number("storedAt", facts.StoredAt);
        json.Texts("features", facts.Features);
        json.Pairs("more", facts.More);
        json.WriteEndObject();
    }

    private static void Error(Utf8JsonWriter json, string name, ErrorRecord? error)
    {
        if (error is null)
        {
            return;
        }
        json.WriteStartObject(name);
        Time(json, "time", error.Time);
        json.Text("function", error.Function);
        json.WriteNumber("line", error.Line);
        json.WriteNumber("inode", error.Inode);
        json.WriteNumber("block", error.Block);
        json.Text("code", error.Code);
        json.WriteEndObject();
    }

    private static void Time(Utf8JsonWriter json, string name, Timestamp? time) => json.Text(name, time?.ToString());

    private static void WriteHashes(Utf8JsonWriter json, string name, IReadOnlyList<NamedHashes> all)
    {
        if (all.Count == 0)
        {
            return;
        }
        json.WriteStartArray(name);
        foreach (NamedHashes one in all)
        {
            json.WriteStartObject();
            json.Text("name", one.Name);
            json.Text("md5", one.Hashes.Md5);
            json.Text("sha1", one.Hashes.Sha1);
            json.Text("sha256", one.Hashes.Sha256);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
