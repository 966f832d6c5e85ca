using Forensics.Parsers.Artifacts;

namespace Forensics.Parsers.Tests.Artifacts.Windows;

/// <summary>Files of a Windows volume as parsers get them.</summary>
internal static class WindowsInput
{
    public static ArtifactInput Of(string path, byte[] content) => new(
        new EvidenceLocation("disk.raw", "gpt1@1048576", 1048576, path, 42), new FileEntry { Type = FileType.Regular, Size = content.Length, DosAttributes = 0x20 }, content);
}
