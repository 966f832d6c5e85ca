using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Forensics.Yara.Native;

namespace Forensics.Yara.Scanning;

/// <summary>Receives what libyara reports during a scan and copies it: nothing native is valid after the callback.</summary>
internal sealed unsafe class MatchCollector(RuleCatalog catalog)
{
    private const int MessageRuleMatching = 1;
    private const int MessageTooManyMatches = 6;
    private const int Continue = 0;
    private const int Error = 2;

    private readonly List<StringHits> _hits = [];
    private List<YaraRuleMatch>? _matches;

    /// <summary>An exception that a callback must not let through.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>A string reached libyara's limit of matches.</summary>
    public bool HasTooManyMatches => FloodingString is not null;

    /// <summary>The first string that reached it.</summary>
    public string? FloodingString { get; private set; }

    /// <summary>The matches of the scan.</summary>
    public IReadOnlyList<YaraRuleMatch> TakeMatches()
    {
        IReadOnlyList<YaraRuleMatch>? matches = _matches;
        _matches = null;
        return matches ?? [];
    }

    /// <summary>Makes ready for the next scan.</summary>
    public void Reset()
    {
        _matches = null;
        Failure = null;
        FloodingString = null;
    }

    /// <summary>YR_CALLBACK_FUNC.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int OnMessage(nint context, int message, nint data, nint user)
    {
        if (message is not (MessageRuleMatching or MessageTooManyMatches))
        {
            return Continue;
        }
        MatchCollector collector = (MatchCollector)GCHandle.FromIntPtr(user).Target!;
        // Everything is caught because an exception must not unwind native frames; it is thrown again when the scan has returned.
        try
        {
            if (message == MessageRuleMatching)
            {
                collector.OnRule((byte*)context, data);
            }
            else
            {
                collector.FloodingString ??= data == 0 ? "" : NativeText.Read(*(byte**)(data + YaraLayout.StringIdentifier));
            }
            return Continue;
        }
        catch (Exception exception)
        {
            collector.Failure = ExceptionDispatchInfo.Capture(exception);
            return Error;
        }
    }

    private void OnRule(byte* context, nint rule)
    {
        RuleInfo info = catalog.Describe(rule);
        _hits.Clear();
        long total = FindHits(context, *(byte**)(rule + catalog.Layout.RuleStrings));
        List<YaraStringMatch> strings = new((int)Math.Min(total, YaraRuleMatch.MaximumStrings));
        CopyHits(strings);
        (_matches ??= []).Add(new YaraRuleMatch(info.Rule, info.Namespace, info.Tags, info.Meta, strings, total > strings.Count));
    }

    /// <summary>The strings of a rule that matched, with the number of their matches as far as it matters.</summary>
    private long FindHits(byte* context, byte* text)
    {
        long total = 0;
        byte* matches = *(byte**)(context + YaraLayout.ContextMatches);
        while (text != null)
        {
            int flags = *(int*)text;
            if ((flags & YaraLayout.StringIsPrivate) == 0)
            {
                byte* first = *(byte**)(matches + ((nint)(*(uint*)(text + YaraLayout.StringIndex)) * YaraLayout.MatchesSize));
                int count = 0;
                for (byte* match = first; match != null && count <= YaraRuleMatch.MaximumStrings; match = *(byte**)(match + YaraLayout.MatchNext))
                {
                    count += IsPrivate(match) ? 0 : 1;
                }
                if (count > 0)
                {
                    total += count;
                    _hits.Add(new StringHits((nint)text, (nint)first, count));
                }
            }
            if ((flags & YaraLayout.StringIsLast) != 0)
            {
                break;
            }
            text += YaraLayout.StringSize;
        }
        return total;
    }

    /// <summary>One place for each string, then the places left in order: no string may crowd out the others.</summary>
    private void CopyHits(List<YaraStringMatch> strings)
    {
        int spare = YaraRuleMatch.MaximumStrings - Math.Min(_hits.Count, YaraRuleMatch.MaximumStrings);
        foreach (StringHits hits in CollectionsMarshal.AsSpan(_hits))
        {
            if (strings.Count == YaraRuleMatch.MaximumStrings)
            {
                return;
            }
            int extra = Math.Min(spare, hits.Count - 1);
            spare -= extra;
            string identifier = NativeText.Read(*(byte**)(hits.Text + YaraLayout.StringIdentifier));
            int left = 1 + extra;
            for (byte* match = (byte*)hits.First; match != null && left > 0; match = *(byte**)(match + YaraLayout.MatchNext))
            {
                if (!IsPrivate(match))
                {
                    strings.Add(Copy(identifier, match));
                    left--;
                }
            }
        }
    }

    private static YaraStringMatch Copy(string identifier, byte* match)
    {
        byte* data = *(byte**)(match + YaraLayout.MatchData);
        int length = data == null ? 0 : Math.Clamp(*(int*)(match + YaraLayout.MatchDataLength), 0, YaraStringMatch.MaximumData);
        long offset = *(long*)match + *(long*)(match + YaraLayout.MatchOffset);
        return new YaraStringMatch(identifier, offset, *(int*)(match + YaraLayout.MatchLength), new ReadOnlySpan<byte>(data, length).ToArray());
    }

    private static bool IsPrivate(byte* match) => match[YaraLayout.MatchIsPrivate] != 0;

    /// <summary>A YR_STRING that matched and its first YR_MATCH.</summary>
    private readonly record struct StringHits(nint Text, nint First, int Count);
}
