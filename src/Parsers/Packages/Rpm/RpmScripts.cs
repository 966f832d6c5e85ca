using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Packages.Rpm;

/// <summary>The scriptlets and triggers of an rpm header.</summary>
internal static class RpmScripts
{
    private const int MaxText = 1 << 20;
    private const int MaxScripts = 1000;
    private const int MaxConditions = 64;
    private const int MaxNames = 100_000;
    private const int MaxWord = 4096;

    private static readonly (string Kind, RpmTag Script, RpmTag Program)[] s_single =
    [
        ("pretrans", RpmTag.PreTrans, RpmTag.PreTransProg), ("prein", RpmTag.PreIn, RpmTag.PreInProg), ("postin", RpmTag.PostIn, RpmTag.PostInProg),
        ("preun", RpmTag.PreUn, RpmTag.PreUnProg), ("postun", RpmTag.PostUn, RpmTag.PostUnProg), ("posttrans", RpmTag.PostTrans, RpmTag.PostTransProg),
        ("preuntrans", RpmTag.PreUnTrans, RpmTag.PreUnTransProg), ("postuntrans", RpmTag.PostUnTrans, RpmTag.PostUnTransProg), ("verify", RpmTag.VerifyScript, RpmTag.VerifyScriptProg),
    ];

    private static readonly (string Kind, RpmTag Scripts, RpmTag Programs, RpmTag Names, RpmTag Indexes)[] s_triggers =
    [
        ("trigger", RpmTag.TriggerScripts, RpmTag.TriggerScriptProg, RpmTag.TriggerName, RpmTag.TriggerIndex),
        ("filetrigger", RpmTag.FileTriggerScripts, RpmTag.FileTriggerScriptProg, RpmTag.FileTriggerName, RpmTag.FileTriggerIndex),
        ("transfiletrigger", RpmTag.TransFileTriggerScripts, RpmTag.TransFileTriggerScriptProg, RpmTag.TransFileTriggerName, RpmTag.TransFileTriggerIndex),
    ];

    /// <summary>All of a header. A program without a script (<c>%post -p /sbin/ldconfig</c>) is one with an empty text.</summary>
    public static IReadOnlyList<MaintainerScript> Read(RpmHeader header)
    {
        var scripts = new List<MaintainerScript>();
        foreach ((string kind, RpmTag script, RpmTag program) in s_single)
        {
            if (header.Has(script) || header.Has(program))
            {
                scripts.Add(new MaintainerScript(kind) { Text = Text(header.String(script)), Interpreter = Program(header.Strings(program)) ?? "/bin/sh" });
            }
        }
        foreach ((string kind, RpmTag texts, RpmTag programs, RpmTag names, RpmTag indexes) in s_triggers)
        {
            AddTriggers(header, kind, texts, programs, names, indexes, scripts);
        }
        return scripts;
    }

    private static void AddTriggers(RpmHeader header, string kind, RpmTag texts, RpmTag programs, RpmTag names, RpmTag indexes, List<MaintainerScript> scripts)
    {
        if (!header.Has(texts))
        {
            return;
        }
        var conditions = new Dictionary<long, List<string>>();
        RpmStrings name = header.Strings(names);
        for (int i = 0; i < MaxNames && name.Next(out ReadOnlySpan<byte> value); i++)
        {
            if (header.Integer(indexes, i) is >= 0 and < MaxScripts and long script)
            {
                List<string> list = conditions.TryGetValue(script, out List<string>? known) ? known : conditions[script] = [];
                if (list.Count < MaxConditions)
                {
                    list.Add(Word(value));
                }
            }
        }
        RpmStrings text = header.Strings(texts);
        RpmStrings program = header.Strings(programs);
        for (int i = 0; i < MaxScripts && text.Next(out ReadOnlySpan<byte> value); i++)
        {
            string interpreter = program.Next(out ReadOnlySpan<byte> words) && words.Length > 0 ? Word(words) : "/bin/sh";
            scripts.Add(new MaintainerScript(kind)
            {
                Text = Text(value),
                Interpreter = interpreter,
                Condition = conditions.TryGetValue(i, out List<string>? list) ? string.Join(' ', list) : null,
            });
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => TextLines.Decode(bytes[..Math.Min(bytes.Length, MaxText)]);

    private static string Word(ReadOnlySpan<byte> bytes) => TextLines.Decode(bytes[..Math.Min(bytes.Length, MaxWord)]);

    /// <summary>Program and its arguments; null when there is none.</summary>
    private static string? Program(RpmStrings words)
    {
        string? program = null;
        for (int i = 0; i < MaxConditions && words.Next(out ReadOnlySpan<byte> word); i++)
        {
            program = program is null ? Word(word) : program + " " + Word(word);
        }
        return string.IsNullOrEmpty(program) ? null : program;
    }
}
