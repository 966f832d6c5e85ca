namespace Forensics.Parsers.FileSystems.Ntfs;

/// <summary>A symbolic link as Interix (Services for UNIX), and by default ntfs-3g, stores it: a small file with the system attribute whose content says so.</summary>
/// <remarks>Limitations: their device nodes, FIFOs and sockets are shown as the small files they are.</remarks>
internal static class InterixLink
{
    /// <summary>The target of a link by the content of its file; null when it is none.</summary>
    public static byte[]? Target(ReadOnlySpan<byte> content) => content.StartsWith("IntxLNK\x01"u8) && content.Length > 8 ? Wtf8.FromUtf16(content[8..]) : null;
}
