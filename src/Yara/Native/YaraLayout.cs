namespace Forensics.Yara.Native;

/// <summary>
/// Where libyara keeps what a callback needs, in bytes from the beginning of each structure, for 64-bit processes. Only YR_RULE differs between the
/// supported versions: it grew by 8 bytes at its front in 4.4.
/// <para>Source: <see href="https://github.com/VirusTotal/yara/blob/master/libyara/include/yara/types.h"/>, measured with offsetof for each release.</para>
/// </summary>
internal sealed class YaraLayout
{
    /// <summary>YR_SCAN_CONTEXT.matches.</summary>
    public const int ContextMatches = 160;
    public const int MetaSize = 32;
    public const int MetaString = 8;
    public const int MetaInteger = 16;
    public const int MetaType = 24;
    public const int MetaFlags = 28;
    public const int MetaIsLast = 1;
    public const int MetaTypeInteger = 1;
    public const int MetaTypeBoolean = 3;
    public const int StringSize = 56;
    public const int StringIndex = 4;
    public const int StringIdentifier = 48;
    public const int StringIsLast = 0x1000;
    public const int StringIsPrivate = 0x100000;
    /// <summary>Size of YR_MATCHES; its head pointer comes first, then tail and count.</summary>
    public const int MatchesSize = 24;
    public const int MatchOffset = 8;
    public const int MatchLength = 16;
    public const int MatchDataLength = 20;
    public const int MatchData = 24;
    public const int MatchNext = 40;
    public const int MatchIsPrivate = 52;

    private YaraLayout(string version, int shift)
    {
        Version = version;
        RuleIdentifier = 8 + shift;
        RuleTags = 16 + shift;
        RuleMetas = 24 + shift;
        RuleStrings = 32 + shift;
        RuleNamespace = 40 + shift;
    }

    /// <summary>Versions of libyara with this layout.</summary>
    public string Version { get; }
    public int RuleIdentifier { get; }
    public int RuleTags { get; }
    public int RuleMetas { get; }
    public int RuleStrings { get; }
    public int RuleNamespace { get; }

    /// <summary>
    /// The layout that goes with a compiled-rules version and with the export that came with the new YR_RULE; null when the pair is unknown,
    /// since a guess would read foreign memory.
    /// </summary>
    public static YaraLayout? For(byte compiledVersion, bool hasAddBytes) => (compiledVersion, hasAddBytes) switch
    {
        (19, false) => new YaraLayout("4.2", 0),
        (20, false) => new YaraLayout("4.3", 0),
        (21, true) => new YaraLayout("4.4-4.5", 8),
        _ => null,
    };
}
