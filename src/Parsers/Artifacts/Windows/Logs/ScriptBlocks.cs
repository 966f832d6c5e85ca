using System.Globalization;
using System.Text;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Formats.EventLog;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Puts script blocks together that PowerShell logs in several events because they are long. So many are open at a time; what is not finished by then is given with what there is.</summary>
internal sealed class ScriptBlocks(LogEventCollector events, EventDraft draft)
{
    public const string Provider = "Microsoft-Windows-PowerShell";
    public const string CoreProvider = "PowerShellCore";
    public const int EventId = 4104;
    private const int Warning = 3;
    private const int MostOpen = 256;
    private const int MostParts = 4096;
    // Parts may come in any order, so more than the longest text has to be kept.
    private const int MostKept = EventValues.LongestScript * 4;

    private readonly Dictionary<string, Block> _open = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Whether a record is a part of a script block.</summary>
    public static bool IsBlock(EventRecord record) => record.EventId == EventId && (record.Provider is Provider or CoreProvider);

    /// <summary>Takes one part. The draft has the begin of the event.</summary>
    public void Take(EventRecord record, CivilTime time)
    {
        long number = record.Number("MessageNumber") ?? 1;
        long total = record.Number("MessageTotal") ?? 1;
        string text = record.Text("ScriptBlockText") ?? "";
        string? id = record.Value("ScriptBlockId");
        if (total <= 1 || id is null || total > MostParts || number < 1 || number > total)
        {
            var single = new Block(record, time, 1);
            single.Add(1, text);
            Give(single);
            return;
        }
        if (!_open.TryGetValue(id, out Block? block))
        {
            while (_open.Count >= MostOpen && _order.TryDequeue(out string? oldest))
            {
                if (_open.Remove(oldest, out Block? unfinished))
                {
                    Give(unfinished);
                }
            }
            block = new Block(record, time, (int)total);
            _open.Add(id, block);
            _order.Enqueue(id);
        }
        block.Add((int)number, text);
        if (block.IsComplete)
        {
            _open.Remove(id);
            Give(block);
        }
        while (_order.Count > MostOpen * 4)
        {
            // Those of blocks that are finished; open ones go to the end.
            string next = _order.Dequeue();
            if (_open.ContainsKey(next))
            {
                _order.Enqueue(next);
            }
        }
    }

    /// <summary>Gives what is not complete.</summary>
    public void Finish()
    {
        foreach (string id in _order)
        {
            if (_open.Remove(id, out Block? block))
            {
                Give(block);
            }
        }
    }

    private void Give(Block block)
    {
        draft.Reset();
        draft.EventId = EventId;
        draft.RecordId = block.RecordId;
        draft.Channel = block.Channel;
        draft.IsCarved = block.IsCarved;
        draft.UserSid = block.UserSid;
        draft.Process = block.Path;
        draft.Command = block.Text;
        draft.Detail = block.Detail;
        draft.Kind = block.IsWarned ? LogEventKind.ScriptWarned : LogEventKind.ScriptRun;
        events.Add(draft, block.Time, 0, block.Offset, default);
    }

    private sealed class Block(EventRecord first, CivilTime time, int total)
    {
        private readonly SortedDictionary<int, string> _parts = [];
        private long _characters;
        private long _kept;

        public long RecordId { get; } = first.RecordId;
        public long Offset { get; } = first.Offset;
        public string? Channel { get; } = first.Channel;
        public string? UserSid { get; } = first.UserSid;
        public string? Path { get; } = first.Value("Path");
        public bool IsCarved { get; } = first.IsCarved;
        public bool IsWarned { get; } = first.Level == Warning;
        public CivilTime Time { get; } = time;
        public bool IsComplete => _parts.Count == total;

        public void Add(int number, string text)
        {
            // What lies behind the longest text that is kept only counts.
            string kept = _kept >= MostKept ? "" : text[..Math.Min(text.Length, EventValues.LongestScript)];
            if (_parts.TryAdd(number, kept))
            {
                _kept += kept.Length;
                _characters += text.Length;
            }
        }

        public string Text
        {
            get
            {
                var joined = new StringBuilder();
                foreach (string part in _parts.Values)
                {
                    joined.Append(part.AsSpan(0, Math.Min(part.Length, EventValues.LongestScript - joined.Length)));
                }
                return joined.ToString();
            }
        }

        public string? Detail => EventValues.Join(
            IsComplete ? null : string.Create(CultureInfo.InvariantCulture, $"{_parts.Count} of {total} parts"),
            _characters > EventValues.LongestScript ? string.Create(CultureInfo.InvariantCulture, $"{_characters} characters, cut") : null);
    }
}
