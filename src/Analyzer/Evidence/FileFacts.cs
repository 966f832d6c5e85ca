using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Evidence;

/// <summary>What a file's first bytes say it is.</summary>
public enum ContentKind
{
    /// <summary>Not looked at.</summary>
    Unknown,
    /// <summary>No content.</summary>
    Empty,
    /// <summary>ELF executable.</summary>
    ElfExecutable,
    /// <summary>ELF shared object (also position-independent executables, see the executable facts).</summary>
    ElfSharedObject,
    /// <summary>Other ELF: relocatable, core.</summary>
    ElfOther,
    /// <summary>DOS/PE.</summary>
    Pe,
    /// <summary>Text with a shebang, or a script by its name.</summary>
    Script,
    /// <summary>Other text.</summary>
    Text,
    /// <summary>Anything else.</summary>
    Binary,
}

/// <summary>A file that was looked into, or that something points at.</summary>
public sealed record FileFacts(EvidenceLocation Location, FileEntry Entry) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "file";
    /// <summary>Kind of content.</summary>
    public ContentKind Content { get; init; }
    /// <summary>Interpreter of a script (<c>/bin/sh</c>).</summary>
    public string? Interpreter { get; init; }
    /// <summary>Target of a symbolic link, as stored, display form.</summary>
    public string? LinkTarget { get; init; }
    /// <summary>Digests.</summary>
    public FileHashes? Hashes { get; init; }
    /// <summary>Capabilities it grants to whoever runs it; null when it has none.</summary>
    public FileCapabilities? Capabilities { get; init; }
    /// <summary>Where it comes from; null when its host has no package database.</summary>
    public FileOrigin? Origin { get; init; }
    /// <summary>All other paths of the same inode that were seen.</summary>
    public IReadOnlyList<string> OtherPaths { get; init; } = [];

    /// <summary>It lies on a file system of Windows, where permission bits, owners and leading dots say nothing.</summary>
    public bool IsOfWindows => Entry.DosAttributes is not null;

    /// <summary>Whether any execute bit is set.</summary>
    public bool IsExecutable => !IsOfWindows && (Entry.Permissions & 0b001_001_001) != 0;

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("type", Entry.Type.ToString());
        fields.Text("content", Content.ToString());
        fields.Number("size", Entry.Size);
        fields.Text("mode", Convert.ToString(Entry.Permissions, 8).PadLeft(4, '0'));
        fields.Number("userId", Entry.UserId);
        fields.Number("groupId", Entry.GroupId);
        fields.Number("flags", Entry.Flags);
        fields.Time("modified", Entry.Modified);
        fields.Time("changed", Entry.Changed);
        fields.Time("accessed", Entry.Accessed);
        fields.Time("created", Entry.Created);
        fields.Text("interpreter", Interpreter);
        fields.Text("linkTarget", LinkTarget);
        fields.Text("capabilities", Capabilities?.ToString());
        fields.Text("md5", Hashes?.Md5);
        fields.Text("sha1", Hashes?.Sha1);
        fields.Text("sha256", Hashes?.Sha256);
        fields.List("otherPaths", OtherPaths);
        Origin?.Visit(fields);
    }
}
