namespace Forensics.Yara;

/// <summary>One file of YARA rules as text.</summary>
/// <param name="Namespace">Rule names are unique within a namespace; use one for each file.</param>
/// <param name="Text">The source. libyara receives it as UTF-8.</param>
/// <param name="FileName">Name used in messages.</param>
public sealed record YaraSource(string Namespace, string Text, string FileName);

/// <summary>What the compiler said about a file.</summary>
/// <param name="File"><see cref="YaraSource.FileName"/>.</param>
/// <param name="Line">1-based line, 0 when it concerns the whole file.</param>
/// <param name="IsError">True: the file's rules are not in use. False: a warning, such as a string that slows every scan down.</param>
/// <param name="Message">One sentence. May contain text from the rule file: escape it before showing it.</param>
public sealed record YaraCompileMessage(string File, int Line, bool IsError, string Message);
