namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Commands that TCP wrappers run when somebody connects: <c>spawn</c>, <c>twist</c>, <c>aclexec</c> of <c>hosts.allow</c> and <c>hosts.deny</c>. See hosts_access(5), hosts_options(5).</summary>
/// <remarks><b>Limitations</b>: the old form without a keyword (third field is a shell command) is read only when it begins with a path or a parenthesis; which servers are linked with libwrap is not looked at.</remarks>
public sealed class TcpWrappersParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/tcp-wrappers";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/hosts.{allow,deny}"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "tcp-wrappers");
        foreach (ConfigLine line in ConfigLines.Read(file))
        {
            List<string> fields = Fields(line.Text);
            for (int i = 2; i < fields.Count; i++)
            {
                (string option, string rest) = ConfigLines.Split(fields[i], " \t=(");
                bool isKeyword = option.ToLowerInvariant() is "spawn" or "twist" or "aclexec";
                bool isOldForm = i == 2 && fields.Count == 3 && fields[i].Length > 0 && fields[i][0] is '/' or '(';
                if (!isKeyword && !isOldForm)
                {
                    continue;
                }
                string command = isKeyword ? rest.TrimStart('=', ' ', '\t') : fields[i];
                // A colon that nobody escaped, inside the parentheses of a command.
                while (command.StartsWith('(') && !command.Contains(')') && i + 1 < fields.Count)
                {
                    command += ":" + fields[++i];
                }
                if (command.Length > 0 && !file.Add(new HookCommand(input.Location.At(line.First.Number, line.First.ByteOffset))
                {
                    Place = StartupPlace.ConnectionHook, Trigger = input.Location.Name + " " + (isKeyword ? option.ToLowerInvariant() : "command"), Command = command,
                    Subject = fields[0] + " : " + fields[1], IsBlock = line.Count > 1,
                }))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Fields between colons; one in brackets (IPv6) or behind a backslash separates nothing.</summary>
    private static List<string> Fields(string text)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 1 < text.Length && text[i + 1] == ':')
            {
                field.Append(text[++i]);
                continue;
            }
            depth = c == '[' && fields.Count < 2 ? depth + 1 : c == ']' && depth > 0 ? depth - 1 : depth;
            if (c == ':' && depth == 0 && fields.Count < 32)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }
        fields.Add(field.ToString().Trim());
        return fields;
    }
}
