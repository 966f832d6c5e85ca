using System.Xml;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// What polkit grants outside its rules: groups of <c>.pkla</c> files (polkit before 0.106, and its compatibility package), and actions whose defaults let anybody do them without a password.
/// See pklocalauthority(8), polkit(8) "Declaring Actions".
/// </summary>
/// <remarks><b>Limitations</b>: of actions only those are facts that grant to anybody (<c>allow_any</c>), or for pkexec to whoever is logged in; the order of .pkla files is not looked at.</remarks>
public sealed class PolkitAuthorityParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/polkit-authority";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{etc,var/lib}/polkit-1/localauthority/*/*", "/etc/polkit-1/localauthority.conf.d/*", "/{usr/share,usr/local/share,etc}/polkit-1/actions/*.policy"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Location.Path.Contains("/actions/", StringComparison.Ordinal))
        {
            Actions(input, sink);
        }
        else
        {
            LocalAuthority(input, sink);
        }
    }

    private static void LocalAuthority(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "polkit-authority");
        bool isConfiguration = input.Location.Path.Contains(".conf.d/", StringComparison.Ordinal);
        string? dormant = input.Location.Name.EndsWith(isConfiguration ? ".conf" : ".pkla", StringComparison.Ordinal) ? null : "polkit reads only files whose name ends in " + (isConfiguration ? ".conf" : ".pkla");
        var rule = new Draft();
        foreach (IniValue value in IniSection.Read(file))
        {
            if (!value.Group.Equals(rule.Group, StringComparison.Ordinal))
            {
                if (rule.Make(input.Location, dormant) is { } done && !file.Add(done))
                {
                    return;
                }
                rule = new Draft { Group = value.Group, Line = value.Line };
            }
            switch (value.Key)
            {
                case "AdminIdentities":
                    rule.Admins = List(value.Value);
                    break;
                case "Identity":
                    rule.Identities = List(value.Value);
                    break;
                case "Action":
                    rule.Actions = List(value.Value);
                    break;
                case "ResultAny" or "ResultInactive" or "ResultActive":
                    rule.Grants |= value.Value is "yes";
                    rule.Results += (rule.Results.Length > 0 ? " " : "") + (rule.Results.Length < 256 ? value.Key + "=" + value.Value : "");
                    break;
            }
        }
        if (rule.Make(input.Location, dormant) is { } last)
        {
            file.Add(last);
        }
    }

    private static string[] List(string value) => [.. value.Split(';', 257, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(256)];

    private sealed class Draft
    {
        public string Group { get; init; } = "";
        public TextLine Line { get; init; }
        public string[] Identities { get; set; } = [];
        public string[] Admins { get; set; } = [];
        public string[] Actions { get; set; } = [];
        public bool Grants { get; set; }
        public string Results { get; set; } = "";

        public PolkitRule? Make(EvidenceLocation location, string? dormant)
        {
            EvidenceLocation at = Line.Number == 0 ? location : location.At(Line.Number, Line.ByteOffset);
            if (Admins.Length > 0)
            {
                return new PolkitRule(at) { Form = PolkitForm.AdminRule, Identities = Admins, DormantBecause = dormant };
            }
            return Grants ? new PolkitRule(at)
            {
                Form = PolkitForm.LocalAuthority, Grants = true, Condition = Results, Identities = Identities, Actions = Actions, TestsAction = !Actions.Contains("*"),
                TestsSubject = !Identities.Contains("unix-user:*") && !Identities.Contains("unix-group:*"), DormantBecause = dormant,
            } : null;
        }
    }

    private static void Actions(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "polkit-authority");
        file.ReportTruncation();
        string action = "";
        string? program = null;
        int line = 0;
        string results = "";
        try
        {
            using XmlReader reader = SafeXml.Open(input.Content);
            string element = "";
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element)
                {
                    element = reader.Name;
                    if (element == "action")
                    {
                        (action, program, results) = (reader.GetAttribute("id") ?? "", null, "");
                        line = reader is IXmlLineInfo info ? info.LineNumber : 0;
                    }
                    else if (element == "annotate" && reader.GetAttribute("key") is "org.freedesktop.policykit.exec.path")
                    {
                        element = "exec.path";
                    }
                }
                else if (reader.NodeType == XmlNodeType.Text && element is "allow_any" or "allow_active" or "allow_inactive" && reader.Value.Trim() is "yes")
                {
                    results += (results.Length > 0 ? " " : "") + element + "=yes";
                }
                else if (reader.NodeType == XmlNodeType.Text && element is "exec.path")
                {
                    program = reader.Value.Trim();
                }
                else if (reader.NodeType == XmlNodeType.EndElement)
                {
                    element = "";
                    if (reader.Name == "action" && (results.Contains("allow_any", StringComparison.Ordinal) || (results.Length > 0 && program is not null)) && !file.Add(new PolkitRule(line > 0 ? input.Location with { Line = line } : input.Location)
                    {
                        Form = PolkitForm.Action, Grants = true, Condition = results.Length > 256 ? results[..256] : results, TestsAction = true, TestsSubject = !results.Contains("allow_any", StringComparison.Ordinal),
                        Actions = [action], Spawned = program is { Length: > 0 } ? [program] : [],
                    }))
                    {
                        return;
                    }
                }
            }
        }
        catch (XmlException error)
        {
            sink.Report(new Diagnostic("polkit-authority.xml", $"the file is no well-formed XML from line {error.LineNumber} on; polkit ignores such a file")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, LosesContent = true,
            });
        }
    }
}
