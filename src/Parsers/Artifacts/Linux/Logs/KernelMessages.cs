namespace Forensics.Parsers.Artifacts.Linux.Logs;

/// <summary>Messages of the kernel, with or without the time since boot in brackets in front.</summary>
internal static class KernelMessages
{
    public static bool Classify(ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (text.Length > 0 && text[0] == '[')
        {
            int close = text[..Math.Min(text.Length, 24)].IndexOf((byte)']');
            text = close > 0 ? text[(close + 1)..].TrimStart((byte)' ') : text;
        }
        if (text.StartsWith("Linux version "u8))
        {
            draft.Detail = draft.Text(text["Linux version "u8.Length..][..Math.Max(0, text["Linux version "u8.Length..].IndexOf((byte)' '))]);
            return draft.Is(LogEventKind.Boot);
        }
        if (text.StartsWith("audit: type="u8) )
        {
            return AuditKernelLine(text, draft);
        }
        if (text.IndexOf("taint"u8) >= 0 && Taint(text, draft))
        {
            return true;
        }
        if (text.EndsWith("entered promiscuous mode"u8) || text.EndsWith("left promiscuous mode"u8))
        {
            draft.Target = draft.Text(ByteScan.Between(text, "device "u8, " "u8));
            draft.Target ??= draft.Text(Before(text, ":"u8));
            draft.Detail = draft.Text(text);
            return draft.Is(LogEventKind.KernelNotice);
        }
        if (text.IndexOf(" segfault at "u8) is > 0 and int segfault)
        {
            draft.Target = draft.Text(Program(text[..segfault]));
            draft.Detail = "segfault";
            return draft.Is(LogEventKind.KernelNotice);
        }
        if (text.StartsWith("Out of memory: "u8) || text.StartsWith("Memory cgroup out of memory: "u8))
        {
            draft.Target = draft.Text(ByteScan.Between(text, "("u8, ")"u8));
            draft.Detail = "killed for memory";
            return draft.Is(LogEventKind.KernelNotice);
        }
        return false;
    }

    private static bool Taint(ReadOnlySpan<byte> text, EventDraft draft)
    {
        if (text.IndexOf("taints kernel"u8) < 0 && text.IndexOf("tainting kernel"u8) < 0)
        {
            return false;
        }
        draft.Target = draft.Text(Before(text, ":"u8));
        draft.Detail = EventDraft.LongText(text[Math.Min(text.Length, text.IndexOf((byte)':') + 1)..].TrimStart((byte)' '));
        return draft.Is(LogEventKind.KernelModule);
    }

    /// <summary>Without auditd its records reach the kernel's log: <c>audit: type=1400 audit(1700000000.123:45): ...</c>, with numbers for types.</summary>
    private static bool AuditKernelLine(ReadOnlySpan<byte> text, EventDraft draft)
    {
        var scan = new ByteScan(text);
        if (!scan.Until("type="u8, out _) || !scan.Number(out long type))
        {
            return false;
        }
        return AuditRecord.ClassifyKernel(type, scan.Rest, draft);
    }

    private static ReadOnlySpan<byte> Before(ReadOnlySpan<byte> text, ReadOnlySpan<byte> literal)
    {
        int at = text.IndexOf(literal);
        return at < 0 ? default : text[..at];
    }

    /// <summary><c>name[123]:</c> without its number.</summary>
    private static ReadOnlySpan<byte> Program(ReadOnlySpan<byte> text)
    {
        int bracket = text.LastIndexOf((byte)'[');
        return bracket > 0 ? text[..bracket] : text.TrimEnd((byte)':');
    }
}
