using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Wmi;

/// <summary>An instance and where it was found.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Namespace">Its namespace (<c>root\subscription</c>), or the hash of it when it is none of those known; null when it was carved.</param>
/// <param name="Offset">Byte offset in OBJECTS.DATA.</param>
/// <param name="IsCarved">It was found by its form: the index does not lead to it, or there is no index.</param>
public sealed record WmiFound(WmiInstance Instance, string? Namespace, long Offset, bool IsCarved);

/// <summary>What the repository holds of permanent event subscriptions.</summary>
/// <param name="Instances">Filters, consumers and bindings; those of the index first.</param>
/// <param name="HasIndex">The index was read whole: what was carved is what was deleted.</param>
public sealed record WmiSubscriptionObjects(IReadOnlyList<WmiFound> Instances, bool HasIndex);

/// <summary>
/// The WMI repository (<c>OBJECTS.DATA</c>, <c>INDEX.BTR</c>, <c>MAPPING1.MAP</c> to <c>MAPPING3.MAP</c>; of Windows XP also <c>OBJECTS.MAP</c> and <c>INDEX.MAP</c>) as far as it holds permanent event subscriptions.
/// Sources: https://github.com/libyal/dtformats/blob/main/documentation/WMI%20repository%20file%20format.asciidoc and https://github.com/mandiant/flare-wmi (python-cim).
/// </summary>
/// <remarks>Limitations: the four classes of command and script subscriptions only, with the layout Windows gives them; at most 65,536 instances with 64 Mi characters, and 1 GiB of OBJECTS.DATA carved.</remarks>
public static class WmiRepository
{
    private const int MaximumInstances = 65_536;
    private const long MaximumCharacters = 64 << 20;
    private const int MaximumMap = 64 << 20;
    private const long MaximumCarved = 1L << 30;
    private const int Window = 1 << 20;
    private const int Overlap = 96 << 10;

    private static readonly string[] s_namespaces = [@"root\subscription", @"root\default", @"root\cimv2", "root", @"root\wmi", @"root\directory\ldap", @"root\security", @"root\microsoft"];

    /// <summary>Reads subscriptions through the index as far as there is one, and then looks for others by their form.</summary>
    /// <param name="objects">OBJECTS.DATA.</param>
    /// <param name="companion">A file beside it by its name; null when there is none.</param>
    /// <param name="diagnostics">Takes what is damaged.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static WmiSubscriptionObjects ReadSubscriptions(IByteSource objects, Func<string, IByteSource?> companion, IDiagnosticSink diagnostics, CancellationToken cancellation)
    {
        var found = new List<WmiFound>();
        bool hasIndex = false;
        try
        {
            hasIndex = TryIndexed(objects, companion, diagnostics, found, cancellation);
        }
        catch (CorruptDataException exception)
        {
            diagnostics.Report(new Diagnostic(exception.Code, exception.Message));
        }
        hasIndex &= Carve(objects, found, diagnostics, cancellation);
        return new WmiSubscriptionObjects(found, hasIndex);
    }

    private static bool TryIndexed(IByteSource objects, Func<string, IByteSource?> companion, IDiagnosticSink diagnostics, List<WmiFound> found, CancellationToken cancellation)
    {
        if (companion("INDEX.BTR") is not { } index || Maps(companion, diagnostics) is not [WmiPageMap objectMap, WmiPageMap indexMap])
        {
            diagnostics.Report(new Diagnostic("wmi.index.missing", "the repository has no readable index or mapping: subscriptions are looked for by their form"));
            return false;
        }
        Dictionary<string, WmiClassLayout> classes = WmiClassLayout.All.ToDictionary(layout => WmiClassLayout.Hash(layout.Name, objectMap.IsOldForm));
        Dictionary<string, string> namespaces = s_namespaces.ToDictionary(name => WmiClassLayout.Hash(name, objectMap.IsOldForm));
        var keys = new List<string>();
        bool isWhole = new WmiIndex(index, indexMap, diagnostics).TryCollect([.. classes.Keys], keys, MaximumInstances, cancellation);
        var reader = new WmiObjects(objects, objectMap);
        long budget = MaximumCharacters;
        foreach (string key in keys)
        {
            string[] parts = key.Split('/');
            // NS_(namespace)/CI_(class)/IL_(instance).page.number.size; other keys on the class lead to no instance.
            if (parts is not [['N', 'S', '_', .. string space], ['C', 'I', '_', .. string owner], ['I', ..] last] || !last.Contains('.', StringComparison.Ordinal))
            {
                continue;
            }
            byte[]? bytes = reader.Find(key, out long offset);
            budget -= bytes?.Length ?? 0;
            if (budget < 0)
            {
                diagnostics.Report(new Diagnostic("wmi.object.limit", "the keys of the index lead to more than such objects ever hold") { LosesContent = true });
                return false;
            }
            if (bytes is not null && WmiInstance.TryParse(bytes, classes[owner], objectMap.IsOldForm) is { } instance)
            {
                found.Add(new WmiFound(instance, namespaces.GetValueOrDefault(space, space), offset, false));
            }
            else
            {
                isWhole = false;
                diagnostics.Report(new Diagnostic("wmi.object.missing", "a key of the index leads to no instance of its class") { Offset = offset, LosesContent = true });
            }
        }
        return isWhole;
    }

    /// <summary>The map of the objects and that of the index, of the newest generation that can be read.</summary>
    private static WmiPageMap[] Maps(Func<string, IByteSource?> companion, IDiagnosticSink diagnostics)
    {
        WmiPageMap[] newest = [];
        foreach (string name in (string[])["MAPPING1.MAP", "MAPPING2.MAP", "MAPPING3.MAP"])
        {
            if (Read(name) is [WmiPageMap objects, WmiPageMap index] && (newest.Length == 0 || objects.Sequence > newest[0].Sequence))
            {
                newest = [objects, index];
            }
        }
        if (newest.Length == 0 && Read("OBJECTS.MAP") is [WmiPageMap oldObjects, ..] && Read("INDEX.MAP") is [WmiPageMap oldIndex, ..])
        {
            newest = [oldObjects, oldIndex];
        }
        return newest;

        IReadOnlyList<WmiPageMap> Read(string name)
        {
            if (companion(name) is not { } file)
            {
                return [];
            }
            try
            {
                return WmiPageMap.Parse(file.ReadArray(0, (int)Math.Min(file.Length, MaximumMap)));
            }
            catch (CorruptDataException exception)
            {
                diagnostics.Report(new Diagnostic(exception.Code, name + ": " + exception.Message));
                return [];
            }
        }
    }

    /// <summary>Instances begin with the hash of their class in UTF-16: wherever one stands, an instance is tried.</summary>
    private static bool Carve(IByteSource objects, List<WmiFound> found, IDiagnosticSink diagnostics, CancellationToken cancellation)
    {
        (byte[] Pattern, WmiClassLayout Layout, bool IsOld)[] patterns =
        [
            .. WmiClassLayout.All.SelectMany(layout => new[] { false, true }.Select(isOld => (Encoding.Unicode.GetBytes(WmiClassLayout.Hash(layout.Name, isOld)), layout, isOld))),
        ];
        HashSet<long> known = [.. found.Select(one => one.Offset)];
        HashSet<string> same = [.. found.Select(one => Identity(one.Instance))];
        byte[] buffer = new byte[Window + Overlap];
        long end = Math.Min(objects.Length, MaximumCarved);
        long budget = MaximumCharacters;
        for (long start = 0; start < end; start += Window)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> window = buffer.AsSpan(0, objects.ReadUpTo(start, buffer));
            foreach ((byte[] pattern, WmiClassLayout layout, bool isOld) in patterns)
            {
                for (int at = 0; at < window.Length && found.Count < MaximumInstances; at++)
                {
                    int next = window[at..].IndexOf(pattern);
                    if (next < 0 || at + next >= Window)
                    {
                        break;
                    }
                    at += next;
                    if (!known.Add(start + at) || WmiInstance.TryParse(window.Slice(at, Math.Min(Overlap, window.Length - at)), layout, isOld) is not { } instance)
                    {
                        continue;
                    }
                    budget -= instance.Length;
                    if (budget < 0)
                    {
                        diagnostics.Report(new Diagnostic("wmi.carve.limit", "more looks like subscriptions than there ever are: the rest was not looked for") { Offset = start + at, LosesContent = true });
                        return false;
                    }
                    // The service writes to new pages and leaves the old: many copies of one instance are no news.
                    if (same.Add(Identity(instance)))
                    {
                        found.Add(new WmiFound(instance, null, start + at, true));
                    }
                }
            }
        }
        return true;
    }

    private static string Identity(WmiInstance instance) => instance.Layout.Name + "\0" + string.Join('\0', instance.Values.OrderBy(value => value.Key, StringComparer.Ordinal).Select(value => value.Key + "\0" + value.Value));
}
