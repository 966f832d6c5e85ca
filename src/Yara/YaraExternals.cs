namespace Forensics.Yara;

/// <summary>
/// The external variables that LOKI and signature-base rules use. They cost nothing when no rule names them, and nothing for a value that equals the one of
/// the scan before. Null counts as empty.
/// </summary>
/// <param name="FileName"><c>filename</c>: last path component.</param>
/// <param name="FilePath"><c>filepath</c>: the directory the file is in.</param>
/// <param name="Extension"><c>extension</c>: with its dot, <c>.sh</c>.</param>
/// <param name="FileType"><c>filetype</c>: upper-case name such as <c>ELF</c>.</param>
/// <param name="Owner"><c>owner</c>: user name.</param>
/// <param name="Md5"><c>md5</c>: lower-case hex.</param>
public readonly record struct YaraExternals(string FileName, string FilePath, string Extension, string FileType, string Owner, string Md5);
