using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>What a setting does to the protection of a host.</summary>
public enum ProtectionEffect
{
    /// <summary>Mandatory access control does not enforce.</summary>
    AccessControlOff,
    /// <summary>The firewall lets everything in.</summary>
    FirewallOff,
    /// <summary>Nothing is audited.</summary>
    AuditOff,
    /// <summary>Messages of logins are thrown away.</summary>
    LoginsNotLogged,
    /// <summary>Messages of another program or text are thrown away.</summary>
    MessagesNotLogged,
    /// <summary>The journal is not kept on disk.</summary>
    JournalOff,
}

/// <summary>A setting that turns a protection of the host off.</summary>
public sealed record ProtectionSetting(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "protection-setting";
    /// <summary>What it does.</summary>
    public required ProtectionEffect Effect { get; init; }
    /// <summary>The line, or what is missing.</summary>
    public required string Text { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("effect", Effect.ToString());
        fields.Text("text", Text);
    }
}

/// <summary>
/// Finds what turns protections off: SELinux, ufw, saved iptables rules, rules of the audit system, rsyslog, the journal. Specifications: selinux_config(5), ufw(8), iptables-save(8),
/// auditctl(8), rsyslog.conf(5), journald.conf(5).
/// </summary>
/// <remarks>Limitations: firewalls of other makes and of the cloud are not known; of rsyslog, selectors, property filters and one-line conditions are understood.</remarks>
public sealed class ProtectionParser : ArtifactParser
{
    private static readonly string[] s_logins = ["auth.", "auth,", "authpriv", "sshd", "sudo", "accepted", "session opened", "useradd"];

    /// <inheritdoc/>
    public override string Name => "linux/protection";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/selinux/config", "/etc/ufw/ufw.conf", "/etc/iptables/rules.v4", "/etc/sysconfig/iptables", "/etc/audit/audit.rules", "/etc/audit/rules.d/*.rules", "/etc/rsyslog.conf",
        "/etc/rsyslog.d/*.conf", "/etc/systemd/journald.conf", "/etc/systemd/journald.conf.d/*.conf",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.protection");
        string path = input.Location.Path;
        bool isFirewall = path.EndsWith("rules.v4", StringComparison.Ordinal) || path.EndsWith("/iptables", StringComparison.Ordinal);
        bool acceptsAll = false;
        bool hasInputRule = false;
        EvidenceLocation acceptedAt = input.Location;
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            EvidenceLocation place = input.Location.At(line.Number, line.ByteOffset);
            if (isFirewall)
            {
                acceptedAt = text.StartsWith(":INPUT ACCEPT", StringComparison.Ordinal) ? place : acceptedAt;
                acceptsAll |= text.StartsWith(":INPUT ACCEPT", StringComparison.Ordinal);
                hasInputRule |= text.StartsWith("-A INPUT", StringComparison.Ordinal);
                continue;
            }
            if (EffectOf(path, text) is { } effect && !file.Add(new ProtectionSetting(place) { Effect = effect, Text = text }))
            {
                return;
            }
        }
        if (acceptsAll && !hasInputRule)
        {
            file.Add(new ProtectionSetting(acceptedAt) { Effect = ProtectionEffect.FirewallOff, Text = ":INPUT ACCEPT without rules" });
        }
    }

    private static ProtectionEffect? EffectOf(string path, string text)
    {
        if (path.StartsWith("/etc/selinux/", StringComparison.Ordinal))
        {
            return IsSetting(text, "SELINUX", "disabled") || IsSetting(text, "SELINUX", "permissive") ? ProtectionEffect.AccessControlOff : null;
        }
        if (path.StartsWith("/etc/ufw/", StringComparison.Ordinal))
        {
            return IsSetting(text, "ENABLED", "no") ? ProtectionEffect.FirewallOff : null;
        }
        if (path.StartsWith("/etc/audit/", StringComparison.Ordinal))
        {
            return text is "-e 0" or "-a exclude,always" || (text.StartsWith("-a ", StringComparison.Ordinal) && text.Contains("exclude", StringComparison.Ordinal) && text.Contains("USER_LOGIN", StringComparison.Ordinal))
                ? ProtectionEffect.AuditOff : null;
        }
        if (path.StartsWith("/etc/systemd/", StringComparison.Ordinal))
        {
            return IsSetting(text, "Storage", "none") ? ProtectionEffect.JournalOff : null;
        }
        return Drops(text) ? (s_logins.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)) && !text.Contains(".none", StringComparison.Ordinal) && !text.Contains("cron", StringComparison.OrdinalIgnoreCase)
            ? ProtectionEffect.LoginsNotLogged : ProtectionEffect.MessagesNotLogged) : null;
    }

    /// <summary><c>auth,authpriv.* ~</c>, <c>:programname, isequal, "sshd" stop</c>, <c>if ... then stop</c>, <c>auth.* /dev/null</c>.</summary>
    private static bool Drops(string text)
    {
        string action = text[(text.LastIndexOfAny([' ', '\t', '}', ';']) is var at && at == text.Length - 1 ? Math.Max(0, text.TrimEnd('}', ' ', ';').LastIndexOfAny([' ', '\t', '{'])) : at + 1)..].Trim('{', '}', ' ', '\t', '"');
        return action is "~" or "stop" or "/dev/null" or "-/dev/null" && text.Length > action.Length + 1;
    }

    private static bool IsSetting(string text, string name, string value)
    {
        int equals = text.IndexOf('=');
        return equals > 0 && text.AsSpan(0, equals).Trim().SequenceEqual(name) && text.AsSpan(equals + 1).Trim().Trim("\"'").Equals(value, StringComparison.OrdinalIgnoreCase);
    }
}
