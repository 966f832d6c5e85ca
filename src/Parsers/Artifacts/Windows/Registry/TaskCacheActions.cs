using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>One action of a task in the scheduler's cache.</summary>
/// <param name="Type"><c>exec</c>, <c>com-handler</c>, <c>send-mail</c> or <c>show-message</c>.</param>
public sealed record CachedTaskAction(string Type)
{
    /// <summary>Program; empty for other types.</summary>
    public string Command { get; init; } = "";
    /// <summary>Its arguments, or the data of a COM handler, or the text of a message.</summary>
    public string Arguments { get; init; } = "";
    /// <summary>Its working directory.</summary>
    public string WorkingDirectory { get; init; } = "";
    /// <summary>Class of a COM handler, with braces; empty for other types.</summary>
    public string ClassId { get; init; } = "";

    /// <summary>Program and arguments as one line; the program is quoted when it has blanks and is not.</summary>
    public string CommandLine
    {
        get
        {
            string program = Command.Contains(' ', StringComparison.Ordinal) && !Command.Contains('"', StringComparison.Ordinal) ? '"' + Command + '"' : Command;
            return Arguments.Length > 0 ? program + " " + Arguments : program;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Command.Length > 0 ? CommandLine : (Type + " " + ClassId + " " + Arguments).TrimEnd();
}

/// <summary>
/// The value <c>Actions</c> of a task in the scheduler's cache. It is undocumented; the layout is that of https://cyber.wtf/2022/06/01/windows-registry-analysis-todays-episode-tasks/.
/// </summary>
/// <remarks><b>Limitations:</b> of mails only addresses and subject are kept. Versions 1 to 3; at most 64 actions, as the scheduler itself allows 32.</remarks>
/// <param name="Context">Name, within the task, of the principal they run as (<c>Author</c>, <c>LocalSystem</c>); null when the version has none.</param>
/// <param name="Actions">The actions.</param>
/// <param name="DamagedBecause">Why the rest could not be decoded, as a clause; null when all was.</param>
public sealed record TaskCacheActions(string? Context, IReadOnlyList<CachedTaskAction> Actions, string? DamagedBecause)
{
    private const ushort Exec = 0x6666;
    private const ushort ComHandler = 0x7777;
    private const ushort SendMail = 0x8888;
    private const ushort ShowMessage = 0x9999;
    private const int MaximumActions = 64;
    private const int MaximumPairs = 1024;

    /// <summary>Decodes; never throws.</summary>
    public static TaskCacheActions Decode(ReadOnlySpan<byte> data)
    {
        var reader = new Reader(data);
        ushort version = reader.Word();
        string? context = version >= 2 ? reader.Text() : null;
        var actions = new List<CachedTaskAction>();
        if (version is 0 or > 3 || reader.IsBroken)
        {
            return new TaskCacheActions(context, actions, "the version is not known");
        }
        while (!reader.IsAtEnd && actions.Count < MaximumActions)
        {
            ushort type = reader.Word();
            _ = reader.Text(); // identifier
            CachedTaskAction? action = type switch
            {
                Exec => ReadExec(ref reader, version),
                ComHandler => new CachedTaskAction("com-handler") { ClassId = reader.ClassId(), Arguments = reader.Text() },
                SendMail => ReadMail(ref reader),
                ShowMessage => new CachedTaskAction("show-message") { Arguments = reader.Text() + " " + reader.Text() },
                _ => null,
            };
            if (action is null || reader.IsBroken)
            {
                return new TaskCacheActions(context, actions, action is null ? "an action has an unknown type" : "an action ends behind the data");
            }
            actions.Add(action);
        }
        return new TaskCacheActions(context, actions, reader.IsAtEnd ? null : "there are too many actions");
    }

    private static CachedTaskAction ReadExec(ref Reader reader, ushort version)
    {
        var action = new CachedTaskAction("exec") { Command = reader.Text(), Arguments = reader.Text(), WorkingDirectory = reader.Text() };
        if (version >= 3)
        {
            reader.Word(); // flags
        }
        return action;
    }

    private static CachedTaskAction ReadMail(ref Reader reader)
    {
        string from = reader.Text();
        string to = reader.Text();
        for (int i = 0; i < 4; i++)
        {
            reader.Text(); // copies, answers, server
        }
        string subject = reader.Text();
        reader.Text(); // body
        uint attachments = reader.DoubleWord();
        for (uint i = 0; i < attachments && i < MaximumPairs && !reader.IsBroken; i++)
        {
            reader.Text();
        }
        uint headers = reader.DoubleWord();
        for (uint i = 0; i < headers && i < MaximumPairs && !reader.IsBroken; i++)
        {
            reader.Text();
            reader.Text();
        }
        return new CachedTaskAction("send-mail") { Arguments = from + " to " + to + ": " + subject };
    }

    private ref struct Reader(ReadOnlySpan<byte> data)
    {
        private ReadOnlySpan<byte> _rest = data;

        public bool IsBroken { get; private set; }
        public readonly bool IsAtEnd => _rest.IsEmpty;

        public ushort Word() => Take(2) is { Length: 2 } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

        public uint DoubleWord() => Take(4) is { Length: 4 } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

        public string ClassId() => Take(16) is { Length: 16 } bytes ? new Guid(bytes).ToString("B") : "";

        /// <summary>Length in bytes, then UTF-16 without NUL.</summary>
        public string Text() => Encoding.Unicode.GetString(Take(DoubleWord()));

        private ReadOnlySpan<byte> Take(uint count)
        {
            if (count > (uint)_rest.Length)
            {
                IsBroken = true;
                _rest = default;
                return default;
            }
            ReadOnlySpan<byte> taken = _rest[..(int)count];
            _rest = _rest[(int)count..];
            return taken;
        }
    }
}
