namespace Forensics.Parsers;

/// <summary>What a file entry is, as the file system says.</summary>
public enum FileType : byte
{
    /// <summary>The file system does not say, or says something undefined.</summary>
    Unknown,
    /// <summary>Regular file.</summary>
    Regular,
    /// <summary>Directory.</summary>
    Directory,
    /// <summary>Symbolic link.</summary>
    SymbolicLink,
    /// <summary>Character device.</summary>
    CharacterDevice,
    /// <summary>Block device.</summary>
    BlockDevice,
    /// <summary>Named pipe.</summary>
    Fifo,
    /// <summary>Socket.</summary>
    Socket,
}
