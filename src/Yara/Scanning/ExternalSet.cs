namespace Forensics.Yara.Scanning;

/// <summary>Which of the external variables a rule set names.</summary>
[Flags]
internal enum ExternalSet
{
    None = 0,
    FileName = 1,
    FilePath = 2,
    Extension = 4,
    FileType = 8,
    Owner = 16,
    Md5 = 32,
}

/// <summary>The external variables by their position in <see cref="ExternalSet"/>.</summary>
internal static class ExternalNames
{
    /// <summary>Identifiers in rules, bit 0 first.</summary>
    public static readonly string[] All = ["filename", "filepath", "extension", "filetype", "owner", "md5"];

    /// <summary>The same, as C strings.</summary>
    public static readonly byte[][] Native = [.. All.Select(Forensics.Yara.Native.NativeText.ToNative)];
}
