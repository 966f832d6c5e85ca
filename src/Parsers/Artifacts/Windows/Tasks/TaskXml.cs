using System.Text;
using System.Xml;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads the XML of a scheduled task forward, element by element; what it does not know it passes over.</summary>
/// <remarks>Specification: [MS-TSCH] 2.5. Element names are matched without their namespace, as damaged and foreign files vary in it.</remarks>
internal sealed class TaskXml
{
    private const int MaximumCharacters = 8 << 20;
    private const int MaximumDepth = 64;
    private const int MaximumItems = 256;
    private const int MaximumText = 64 << 10;
    private const int MaximumDetails = 2048;

    private readonly List<string> _path = [];
    private readonly StringBuilder _text = new();
    private readonly List<TaskTrigger> _triggers = [];
    private readonly List<TaskPrincipal> _principals = [];
    private readonly List<TaskAction> _actions = [];
    private readonly StringBuilder _details = new();
    private TaskTrigger? _trigger;
    private TaskPrincipal? _principal;
    private TaskAction? _action;

    private TaskXml(ScheduledTask task) => Task = task;

    private ScheduledTask Task { get; set; }

    /// <summary>The root element is that of a task.</summary>
    private bool IsTask { get; set; }

    /// <summary>What the text says beyond <paramref name="empty"/>, and why its end could not be read; null when it is no task at all.</summary>
    public static (ScheduledTask? Task, string? Damage) Read(string text, ScheduledTask empty)
    {
        var reading = new TaskXml(empty);
        string? damage = null;
        try
        {
            using var reader = XmlReader.Create(new StringReader(text.TrimStart('\uFEFF', ' ', '\r', '\n', '\t', '\0')), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaximumCharacters, MaxCharactersFromEntities = 1024, CheckCharacters = false,
                IgnoreComments = true, IgnoreProcessingInstructions = true,
            });
            while (reader.Read())
            {
                if (reader.Depth > MaximumDepth)
                {
                    damage = "elements are nested deeper than the limit";
                    break;
                }
                reading.Take(reader);
            }
        }
        catch (XmlException exception)
        {
            damage = exception.Message;
            if (!reading.IsTask && text.Contains("<!DOCTYPE", StringComparison.OrdinalIgnoreCase))
            {
                return (empty with { HasDocumentType = true, IsDamaged = true }, damage);
            }
        }
        return (reading.IsTask ? reading.Finish(damage is not null) : null, damage);
    }

    private ScheduledTask Finish(bool isDamaged)
    {
        EndTrigger();
        EndPrincipal();
        EndAction();
        return Task with { Triggers = _triggers, Principals = _principals, Actions = _actions, IsDamaged = isDamaged };
    }

    private void Take(XmlReader reader)
    {
        switch (reader.NodeType)
        {
            case XmlNodeType.Element:
                bool isEmpty = reader.IsEmptyElement;
                Begin(reader);
                if (isEmpty)
                {
                    End();
                }
                break;
            case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace:
                if (_text.Length < MaximumText)
                {
                    _text.Append(reader.Value, 0, Math.Min(reader.Value.Length, MaximumText - _text.Length));
                }
                break;
            case XmlNodeType.EndElement:
                End();
                break;
            default:
                break;
        }
    }

    private void Begin(XmlReader reader)
    {
        string name = reader.LocalName;
        _path.Add(name);
        _text.Clear();
        int line = (reader as IXmlLineInfo)?.LineNumber ?? 0;
        if (_path.Count == 1)
        {
            IsTask = name == "Task";
        }
        else if (_path.Count == 3 && _path[1] == "Triggers" && _triggers.Count < MaximumItems)
        {
            EndTrigger();
            _trigger = new TaskTrigger(name.EndsWith("Trigger", StringComparison.Ordinal) && name.Length > 7 ? name[..^7] : name) { Line = line };
        }
        else if (_path.Count == 3 && _path[1] == "Principals" && name == "Principal" && _principals.Count < MaximumItems)
        {
            EndPrincipal();
            _principal = new TaskPrincipal(reader.GetAttribute("id"));
        }
        else if (_path.Count == 2 && name == "Actions")
        {
            Task = Task with { Context = reader.GetAttribute("Context") };
        }
        else if (_path.Count == 3 && _path[1] == "Actions" && _actions.Count < MaximumItems)
        {
            EndAction();
            TaskActionKind? kind = name switch
            {
                "Exec" => TaskActionKind.Exec, "ComHandler" => TaskActionKind.ComHandler, "SendEmail" => TaskActionKind.SendEmail, "ShowMessage" => TaskActionKind.ShowMessage, _ => null,
            };
            _action = kind is { } known ? new TaskAction(known) { Line = line } : null;
        }
    }

    private void End()
    {
        string name = _path[^1];
        string text = _text.ToString().Trim();
        _text.Clear();
        switch (_path.Count > 1 ? _path[1] : "")
        {
            case "RegistrationInfo" when _path.Count == 3:
                Registration(name, text);
                break;
            case "Settings" when _path.Count == 3:
                Setting(name, text);
                break;
            case "Triggers" when _path.Count == 3:
                EndTrigger();
                break;
            case "Triggers" when _path.Count > 3 && text.Length > 0:
                TriggerField(name, text);
                break;
            case "Principals" when _path.Count == 3:
                EndPrincipal();
                break;
            case "Principals" when _path.Count > 3 && _principal is not null && text.Length > 0:
                PrincipalField(name, text);
                break;
            case "Actions" when _path.Count == 3:
                EndAction();
                break;
            case "Actions" when _path.Count > 3 && _action is not null && text.Length > 0:
                ActionField(name, text);
                break;
            default:
                break;
        }
        _path.RemoveAt(_path.Count - 1);
    }

    private void Registration(string name, string text)
    {
        string? value = text.Length == 0 ? null : text;
        Task = name switch
        {
            "URI" => Task with { Uri = value },
            "Author" => Task with { Author = value },
            "Date" => Task with { Date = value },
            "Description" => Task with { Description = value },
            "Source" => Task with { Source = value },
            "SecurityDescriptor" => Task with { SecurityDescriptor = value },
            _ => Task,
        };
    }

    private void Setting(string name, string text)
    {
        Task = name switch
        {
            "Enabled" => Task with { IsEnabled = !IsFalse(text) },
            "Hidden" => Task with { IsHidden = IsTrue(text) },
            "ExecutionTimeLimit" => Task with { ExecutionTimeLimit = text },
            _ => Task,
        };
    }

    private void TriggerField(string name, string text)
    {
        if (_trigger is null)
        {
            return;
        }
        _trigger = (name, _path.Count) switch
        {
            ("Enabled", 4) => _trigger with { IsEnabled = !IsFalse(text) },
            ("StartBoundary", 4) => _trigger with { StartBoundary = text },
            ("EndBoundary", 4) => _trigger with { EndBoundary = text },
            ("Delay" or "RandomDelay", _) => _trigger with { Delay = text },
            ("UserId", 4) => _trigger with { UserId = text },
            ("Interval", 5) when _path[3] == "Repetition" => _trigger with { RepetitionInterval = text },
            ("Duration", 5) when _path[3] == "Repetition" => _trigger with { RepetitionDuration = text },
            _ => _trigger,
        };
        bool isKnown = name is "Enabled" or "StartBoundary" or "EndBoundary" or "Delay" or "RandomDelay" or "UserId" or "Interval" or "Duration" or "StopAtDurationEnd";
        if (!isKnown && _details.Length < MaximumDetails)
        {
            _details.Append(_details.Length == 0 ? "" : " ").Append(name).Append('=').Append(text, 0, Math.Min(text.Length, MaximumDetails));
        }
    }

    private void PrincipalField(string name, string text) => _principal = name switch
    {
        "UserId" => _principal! with { UserId = text },
        "GroupId" => _principal! with { GroupId = text },
        "LogonType" => _principal! with { LogonType = text },
        "RunLevel" => _principal! with { RunLevel = text },
        "Privilege" when _principal!.RequiredPrivileges.Count < MaximumItems => _principal with { RequiredPrivileges = [.. _principal.RequiredPrivileges, text] },
        _ => _principal,
    };

    private void ActionField(string name, string text) => _action = (name, _action!.Kind) switch
    {
        ("Command", TaskActionKind.Exec) => _action with { Command = text },
        ("Arguments", TaskActionKind.Exec) => _action with { Arguments = text },
        ("WorkingDirectory", TaskActionKind.Exec) => _action with { WorkingDirectory = text },
        ("ClassId", TaskActionKind.ComHandler) => _action with { ClassId = text },
        ("Data", TaskActionKind.ComHandler) => _action with { Data = text },
        ("Subject" or "To" or "Server" or "Title" or "Body", TaskActionKind.SendEmail or TaskActionKind.ShowMessage) => _action with { Data = _action.Data is null ? text : _action.Data + "; " + text },
        _ => _action,
    };

    private void EndTrigger()
    {
        if (_trigger is not null)
        {
            _triggers.Add(_details.Length == 0 ? _trigger : _trigger with { Details = _details.ToString() });
        }
        _details.Clear();
        _trigger = null;
    }

    private void EndPrincipal()
    {
        if (_principal is not null)
        {
            _principals.Add(_principal);
        }
        _principal = null;
    }

    private void EndAction()
    {
        if (_action is not null)
        {
            _actions.Add(_action);
        }
        _action = null;
    }

    private static bool IsTrue(string text) => text.Equals("true", StringComparison.OrdinalIgnoreCase) || text == "1";

    private static bool IsFalse(string text) => text.Equals("false", StringComparison.OrdinalIgnoreCase) || text == "0";
}
