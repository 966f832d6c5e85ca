using Forensics.Parsers.Bytes;
using Forensics.Parsers.Formats.Wmi;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads permanent event subscriptions out of the WMI repository. <see cref="WmiRepository"/> names the sources and the limits.</summary>
/// <remarks><b>Limitations:</b> of consumers that neither run a command nor a script only the name that a binding gives is known.</remarks>
public sealed class WmiRepositoryParser : ArtifactParser
{
    private const string Deleted = "the index of the repository does not lead to it: it is what is left of one that was deleted or changed";

    /// <inheritdoc/>
    public override string Name => "windows/wmi-repository";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/System32/wbem/Repository/OBJECTS.DATA", "/{Windows,WINNT}/System32/wbem/Repository/FS/OBJECTS.DATA"];

    /// <inheritdoc/>
    public override bool ReadsSource => true;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        WmiSubscriptionObjects read = WmiRepository.ReadSubscriptions(input.Source ?? new MemorySource(input.Content), input.Siblings, sink, input.Cancellation);
        ILookup<WmiClassLayout, WmiFound> byClass = read.Instances.ToLookup(found => found.Instance.Layout);
        WmiFound[] consumers = [.. byClass[WmiClassLayout.CommandLine], .. byClass[WmiClassLayout.ActiveScript]];
        var filters = new Dictionary<string, WmiFound>(StringComparer.OrdinalIgnoreCase);
        foreach (WmiFound filter in byClass[WmiClassLayout.EventFilter])
        {
            filters.TryAdd(filter.Instance.Value("Name") ?? "", filter);
        }
        var byName = consumers.ToLookup(consumer => (consumer.Instance.Layout.Name + "\0" + consumer.Instance.Value("Name")).ToUpperInvariant());
        var bound = new HashSet<WmiFound>(ReferenceEqualityComparer.Instance);
        int left = input.Limits.ArtifactsPerFile;
        foreach (WmiFound binding in byClass[WmiClassLayout.Binding])
        {
            (string kind, string? name) = Reference(binding.Instance.Value("Consumer"));
            (_, string? filterName) = Reference(binding.Instance.Value("Filter"));
            WmiFound? filter = filters.GetValueOrDefault(filterName ?? "");
            WmiFound?[] targets = [.. byName[(kind + "\0" + name).ToUpperInvariant()]];
            if (left <= 0)
            {
                break;
            }
            foreach (WmiFound? consumer in targets.Length == 0 ? [null] : targets)
            {
                if (consumer is not null)
                {
                    bound.Add(consumer);
                }
                if (left-- > 0)
                {
                    bool isCarved = binding.IsCarved || consumer?.IsCarved == true;
                    sink.Add(Of(input, consumer, consumer ?? binding, kind, name) with
                    {
                        FilterName = filterName, FilterQuery = filter?.Instance.Value("Query"), EventNamespace = filter?.Instance.Value("EventNamespace"), Namespace = binding.Namespace ?? consumer?.Namespace,
                        IsBound = true, IsCarved = isCarved, DormantBecause = isCarved && read.HasIndex ? Deleted : null,
                    });
                }
            }
        }
        foreach (WmiFound consumer in consumers.Where(consumer => !bound.Contains(consumer)).Take(Math.Max(left, 0)))
        {
            sink.Add(Of(input, consumer, consumer, consumer.Instance.Layout.Name, consumer.Instance.Value("Name")) with
            {
                IsCarved = consumer.IsCarved, DormantBecause = consumer.IsCarved && read.HasIndex ? Deleted : "no filter is bound to it",
            });
        }
    }

    private static WmiSubscription Of(ArtifactInput input, WmiFound? consumer, WmiFound place, string kind, string? name)
    {
        WmiInstance? instance = consumer?.Instance;
        string? program = NotEmpty(instance?.Value("ExecutablePath"));
        string? template = NotEmpty(instance?.Value("CommandLineTemplate"));
        return new WmiSubscription(input.Location with { ByteOffset = place.Offset })
        {
            Namespace = consumer?.Namespace, ConsumerKind = kind, ConsumerName = name,
            Command = program is null ? template : WindowsCommandText.Of(program, template),
            WorkingDirectory = NotEmpty(instance?.Value("WorkingDirectory")),
            ScriptingEngine = instance?.Value("ScriptingEngine"), ScriptText = NotEmpty(instance?.Value("ScriptText")), ScriptFile = NotEmpty(instance?.Value("ScriptFilename")),
            Written = instance?.Written,
        };
    }

    /// <summary>A path of an object: <c>\\.\root\subscription:Class.Name="name"</c>, with or without what stands before the class.</summary>
    private static (string Class, string? Name) Reference(string? path)
    {
        if (path is null)
        {
            return ("", null);
        }
        int quote = path.IndexOf('"', StringComparison.Ordinal);
        string head = quote < 0 ? path : path[..quote];
        int colon = head.LastIndexOf(':');
        int dot = head.IndexOf('.', colon + 1);
        string kind = dot < 0 ? head[(colon + 1)..] : head[(colon + 1)..dot];
        if (quote < 0)
        {
            return (kind, null);
        }
        int end = path.LastIndexOf('"');
        string name = end > quote ? path[(quote + 1)..end] : path[(quote + 1)..];
        return (kind, name.Replace("\\\"", "\"", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal));
    }

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
