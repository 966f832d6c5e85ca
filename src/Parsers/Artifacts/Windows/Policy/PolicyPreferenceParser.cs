using System.Xml;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Reads the preferences of group policies: <c>ScheduledTasks.xml</c>, <c>Services.xml</c>, <c>Files.xml</c>, <c>Registry.xml</c>, <c>Groups.xml</c> and their kin. Specification: [MS-GPPREF] 2.2.1.
/// </summary>
/// <remarks><b>Limitations:</b> at most 1024 items a file, 64 levels and 8 Mi characters; of a task's triggers nothing is read.</remarks>
public sealed class PolicyPreferenceParser : ArtifactParser
{
    private const int MaximumItems = 1024;
    private static readonly string[] s_secret = ["cpassword", "password"];

    /// <inheritdoc/>
    public override string Name => "windows/policy-preference";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = PolicyFolders.Claims("Preferences/*/{ScheduledTasks,Services,Files,Registry,Groups,Shortcuts,Drives,DataSources,Printers,EnvironmentVariables}.xml");

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Content.IsEmpty)
        {
            return;
        }
        var reading = new Reading(input, sink);
        string? damage = null;
        try
        {
            using XmlReader reader = EvidenceXml.Open(input.Content.Span);
            while (damage is null && reader.Read())
            {
                damage = reader.Depth > EvidenceXml.MaximumDepth ? "elements are nested deeper than the limit" : reading.Take(reader) ? null : "there are more items than the limit";
            }
        }
        catch (XmlException exception)
        {
            damage = exception.Message;
        }
        reading.EndItem();
        if (damage is not null)
        {
            sink.Report(new Diagnostic("windows.policy.preferences", "the XML of preferences could not be read to its end") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = damage, LosesContent = true });
        }
    }

    private sealed class Reading(ArtifactInput input, IArtifactSink sink)
    {
        private readonly List<TaskAction> _actions = [];
        private PolicyPreference? _item;
        private TaskAction? _action;
        private int _depth;
        private int _count;
        private string _element = "";
        private bool _isSettings;

        public bool Take(XmlReader reader)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    _element = reader.LocalName;
                    return Begin(reader);
                case XmlNodeType.Text or XmlNodeType.CDATA when _item is not null:
                    Text(EvidenceXml.Cut(reader.Value.Trim()));
                    break;
                case XmlNodeType.EndElement when _item is not null && reader.Depth == _depth:
                    EndItem();
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "Exec":
                    EndAction();
                    break;
                case XmlNodeType.EndElement when reader.LocalName == "Settings":
                    _isSettings = false;
                    break;
                default:
                    break;
            }
            return true;
        }

        public void EndItem()
        {
            EndAction();
            if (_item is not null)
            {
                sink.Add(_item with { Actions = [.. _actions] });
            }
            _item = null;
            _isSettings = false;
            _actions.Clear();
        }

        // An item is an element with a class identifier that is not the list itself; collections hold further items.
        private bool Begin(XmlReader reader)
        {
            if (_item is null)
            {
                if (reader.Depth > 0 && reader.LocalName != "Collection" && reader.GetAttribute("clsid") is not null)
                {
                    if (++_count > MaximumItems)
                    {
                        return false;
                    }
                    _depth = reader.Depth;
                    bool isOff = reader.GetAttribute("disabled") == "1";
                    int line = EvidenceXml.Line(reader);
                    _item = new PolicyPreference(line > 0 ? input.Location.At(line, 0) with { ByteOffset = null } : input.Location)
                    {
                        Item = reader.LocalName, Name = EvidenceXml.Attribute(reader, "name"), Origin = PolicyFolders.OriginOf(input.Location.Path),
                        Account = PolicyFolders.RunsAs(input.Location.Path), DormantBecause = isOff ? "the item is switched off" : null,
                    };
                    if (reader.IsEmptyElement)
                    {
                        EndItem();
                    }
                }
                return true;
            }
            if (reader.LocalName == "Properties" && reader.Depth == _depth + 1)
            {
                Properties(reader);
            }
            else if (reader.LocalName == "Member" && reader.GetAttribute("name") is not null)
            {
                _item = _item with { Properties = [.. _item.Properties.Take(64), "member " + EvidenceXml.Attribute(reader, "action") + "=" + EvidenceXml.Attribute(reader, "name")] };
            }
            else if (reader.LocalName == "Filters" && reader.Depth == _depth + 1)
            {
                _item = _item with { IsFiltered = true };
            }
            else if (reader.LocalName == "Settings")
            {
                _isSettings = !reader.IsEmptyElement;
            }
            else if (reader.LocalName == "Exec" && !reader.IsEmptyElement && _actions.Count < 64)
            {
                EndAction();
                _action = new TaskAction(TaskActionKind.Exec) { Line = EvidenceXml.Line(reader) };
            }
            return true;
        }

        private void Properties(XmlReader reader)
        {
            IReadOnlyList<(string Name, string Value)> all = EvidenceXml.Attributes(reader);
            string? Of(string name) => all.FirstOrDefault(pair => pair.Name == name && pair.Value.Length > 0).Value;
            string? action = Of("action");
            // A service starts its recovery program, a task of the old kind its application.
            string? command = Of("appName") ?? Of("program");
            if (command is not null)
            {
                _actions.Add(new TaskAction(TaskActionKind.Exec) { Command = command, Arguments = Of("args"), WorkingDirectory = Of("startIn"), Line = EvidenceXml.Line(reader) });
            }
            _item = _item! with
            {
                Action = action,
                Account = Of("runAs") ?? Of("accountName") ?? Of("userName") ?? _item.Account,
                HasPassword = Of("cpassword") is not null,
                Properties = [.. all.Where(pair => pair.Value.Length > 0 && Array.IndexOf(s_secret, pair.Name) < 0).Select(pair => pair.Name + "=" + pair.Value)],
                DormantBecause = _item.DormantBecause ?? (action == "D" ? "the policy deletes it" : Of("enabled") == "0" ? "the task is switched off" : null),
            };
        }

        private void Text(string? value)
        {
            if (value is null)
            {
                return;
            }
            _action = (_action, _element) switch
            {
                ({ } action, "Command") => action with { Command = value },
                ({ } action, "Arguments") => action with { Arguments = value },
                ({ } action, "WorkingDirectory") => action with { WorkingDirectory = value },
                _ => _action,
            };
            if (_isSettings && _element == "Enabled" && value.Equals("false", StringComparison.OrdinalIgnoreCase) && _item is { DormantBecause: null })
            {
                _item = _item with { DormantBecause = "the task is switched off" };
            }
        }

        private void EndAction()
        {
            if (_action?.Command is not null)
            {
                _actions.Add(_action);
            }
            _action = null;
        }
    }
}
