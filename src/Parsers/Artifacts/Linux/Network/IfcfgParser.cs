using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Interface settings that the network scripts of Red Hat source as shell text: a value without quotes that goes on after a blank, or a command substitution, is executed
/// (<c>NAME=lan /usr/bin/x</c>). Settings that name scripts (SUSE's <c>POST_UP_SCRIPT</c>) count too. See the network scripts' sysconfig.txt and ifcfg(5).
/// </summary>
/// <remarks><b>Limitations</b>: NetworkManager reads the same files as text and executes nothing; which of the two manages an interface is not looked at.</remarks>
public sealed class IfcfgParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/ifcfg";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        ["/etc/sysconfig/network-scripts/{ifcfg,keys,route,route6,rule,rule6}-*", "/etc/sysconfig/network/ifcfg-*", "/etc/sysconfig/network", "/etc/sysconfig/network/{config,dhcp}"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        // route-eth0 holds arguments of ip(8) unless it is made of assignments.
        bool isRoute = name.StartsWith("route", StringComparison.Ordinal) || name.StartsWith("rule", StringComparison.Ordinal);
        var file = new ArtifactFile(input, sink, "ifcfg");
        string? dormant = HookDirectory.Backup(name) ?? (name.EndsWith(".bak", StringComparison.Ordinal) ? "the network scripts ignore files whose name ends in .bak" : null);
        file.ReportTruncation();
        ShellScriptLines script = ShellScriptLines.Read(input.Content, input.Limits);
        if (script.IsCut)
        {
            sink.Report(new Diagnostic("ifcfg.lines.many", "more lines than one file may yield; the rest was left out") { LosesContent = true });
        }
        foreach (ShellScriptLine line in script.Lines)
        {
            EvidenceLocation location = input.Location.At(line.Number, line.ByteOffset);
            if (isRoute && !StartsWithAssignment(line.Text))
            {
                continue;
            }
            foreach (ShellCommand command in ShellWords.Parse(line.Text))
            {
                string? text = command.Words.Count > 0 ? WithoutAssignments(line.Text, command) : null;
                string key = "ifcfg value";
                if (text is null && command.Assignments is [{ Name: { } setting, Value.Text: { Length: > 0 } value }, ..] && setting.EndsWith("_SCRIPT", StringComparison.Ordinal))
                {
                    (text, key) = (value.StartsWith("wicked:", StringComparison.Ordinal) || value.StartsWith("compat:", StringComparison.Ordinal) ? value[(value.IndexOf(':') + 1)..] : value, "ifcfg " + setting);
                }
                if (!string.IsNullOrWhiteSpace(text) && !file.Add(new HookCommand(location)
                {
                    Place = StartupPlace.InterfaceHook, Trigger = key, Command = text, Subject = name[(name.IndexOf('-') + 1)..], User = "root", DormantBecause = dormant,
                }))
                {
                    return;
                }
            }
        }
    }

    /// <summary>The command as written, from its program on.</summary>
    private static string WithoutAssignments(string line, ShellCommand command)
    {
        int start = Math.Min(command.Start, line.Length);
        foreach (ShellAssignment assignment in command.Assignments)
        {
            start = Math.Min(line.Length, start + assignment.Name.Length + 1);
        }
        int program = command.Assignments.Count == 0 ? start : line.IndexOf(" " + command.Program, start, StringComparison.Ordinal);
        int end = Math.Min(command.End, line.Length);
        return program >= 0 && program < end ? line[program..end].Trim() : command.ToString();
    }

    private static bool StartsWithAssignment(string text)
    {
        int end = text.AsSpan().IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
        return end > 0 && text[end] == '=';
    }
}
