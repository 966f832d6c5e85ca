using System.Globalization;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.FileSystems;

namespace Forensics.Analyzer.Evidence;

/// <summary>
/// What a file system says about its own past: when and where it was mounted, when it was written, and the errors the running system met in it.
/// Located at the root path, with inode 0 and the byte offset, in the volume, of the structure it stands in.
/// </summary>
public sealed record FileSystemState(EvidenceLocation Location, string FileSystem, FileSystemFacts Facts) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "file-system-state";

    /// <summary>The state of the file system of a volume.</summary>
    public static FileSystemState Of(string image, string volume, long volumeOffset, IFileSystem fileSystem) =>
        new(new EvidenceLocation(image, volume, volumeOffset, "/", 0) { ByteOffset = fileSystem.Facts.StoredAt }, fileSystem.Kind, fileSystem.Facts);

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("fileSystem", FileSystem);
        fields.Text("label", Facts.Label);
        fields.Text("uuid", Facts.Uuid);
        fields.Text("state", Facts.State);
        fields.Flag("needsRecovery", Facts.NeedsRecovery);
        fields.Time("created", Facts.Created);
        fields.Time("lastMounted", Facts.LastMounted);
        fields.Text("lastMountPoint", Facts.LastMountPoint);
        fields.Number("mountCount", Facts.MountCount);
        fields.Time("lastWritten", Facts.LastWritten);
        fields.Time("lastChecked", Facts.LastChecked);
        fields.Number("errorCount", Facts.ErrorCount);
        Visit(fields, "firstError", Facts.FirstError);
        Visit(fields, "lastError", Facts.LastError);
    }

    private static void Visit(IFieldVisitor fields, string which, ErrorRecord? error)
    {
        if (error is null)
        {
            return;
        }
        // Inode and block as text: they are shown as stored, and 64 bits without sign do not fit a number field.
        fields.Time(which + "Time", error.Time);
        fields.Text(which + "Function", error.Function);
        fields.Number(which + "Line", error.Line);
        fields.Text(which + "Inode", error.Inode.ToString(CultureInfo.InvariantCulture));
        fields.Text(which + "Block", error.Block.ToString(CultureInfo.InvariantCulture));
        fields.Text(which + "Code", error.Code);
    }
}
