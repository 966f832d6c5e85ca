using System.Text;
using Forensics.Parsers.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Forensics.Parsers.Formats;

/// <summary>A node of a YAML document as it is written: nothing is resolved, so an alias is empty and no document grows beyond its text. Specification: yaml.org/spec/1.2.2.</summary>
/// <remarks><b>Limitations</b>: tags are ignored, anchors are not followed, of repeated keys the first counts.</remarks>
public sealed class YamlNode
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 200_000;
    private readonly Dictionary<string, YamlNode> _members = new(StringComparer.Ordinal);
    private readonly List<YamlNode> _items = [];

    private YamlNode(int line, string? text)
    {
        Line = line;
        Text = text;
    }

    /// <summary>A node that is not there.</summary>
    public static YamlNode Missing { get; } = new(0, null);

    /// <summary>Line number from 1; 0 for a missing node.</summary>
    public int Line { get; }

    /// <summary>Text of a scalar; null for anything else.</summary>
    public string? Text { get; }

    /// <summary>Members of a sequence.</summary>
    public IReadOnlyList<YamlNode> Items => _items;

    /// <summary>A member of a mapping; <see cref="Missing"/> when there is none.</summary>
    public YamlNode this[string name] => _members.GetValueOrDefault(name) ?? Missing;

    /// <summary>Texts of a sequence of scalars, or the single one.</summary>
    public IReadOnlyList<string> Texts => Text is not null ? [Text] : [.. _items.Select(item => item.Text).OfType<string>()];

    /// <summary>A scalar that means true.</summary>
    public bool IsTrue => Text is "true" or "True" or "TRUE";

    /// <summary>
    /// The documents of a stream. Throws <see cref="CorruptDataException"/> when it is no YAML and <see cref="LimitExceededException"/> when it is nested deeper than 64 or has more than 200,000 nodes.
    /// </summary>
    public static IReadOnlyList<YamlNode> Read(ReadOnlyMemory<byte> content)
    {
        var documents = new List<YamlNode>();
        var open = new Stack<(YamlNode Node, string? Key)>();
        int nodes = 0;
        try
        {
            var parser = new Parser(new StringReader(Encoding.UTF8.GetString(content.Span)));
            while (parser.MoveNext())
            {
                switch (parser.Current)
                {
                    case MappingStart or SequenceStart:
                        Count(ref nodes);
                        if (open.Count >= MaxDepth)
                        {
                            throw new LimitExceededException("yaml.depth", open.Count);
                        }
                        open.Push((Place(new YamlNode(LineOf(parser.Current), null), documents, open), parser.Current is MappingStart ? "" : null));
                        break;
                    case MappingEnd or SequenceEnd:
                        open.Pop();
                        break;
                    case Scalar scalar:
                        Count(ref nodes);
                        Add(scalar.Value, LineOf(scalar), documents, open);
                        break;
                    case AnchorAlias alias:
                        Count(ref nodes);
                        Add(null, LineOf(alias), documents, open);
                        break;
                    default:
                        break;
                }
            }
        }
        catch (YamlException exception)
        {
            throw new CorruptDataException("YAML", (long)exception.Start.Index, "a document", exception.Message.Length > 120 ? exception.Message[..120] : exception.Message);
        }
        return documents;
    }

    private static int LineOf(ParsingEvent parsed) => (int)parsed.Start.Line;

    private static void Count(ref int nodes)
    {
        if (++nodes > MaxNodes)
        {
            throw new LimitExceededException("yaml.nodes", nodes);
        }
    }

    private static YamlNode Place(YamlNode node, List<YamlNode> documents, Stack<(YamlNode Node, string? Key)> open)
    {
        if (open.Count == 0)
        {
            documents.Add(node);
            return node;
        }
        (YamlNode parent, string? key) = open.Pop();
        if (key is null)
        {
            parent._items.Add(node);
            open.Push((parent, null));
        }
        else
        {
            // A key that is itself a mapping names nothing that is asked for.
            if (key.Length > 0)
            {
                parent._members.TryAdd(key, node);
                open.Push((parent, ""));
            }
            else
            {
                open.Push((parent, "\0"));
            }
        }
        return node;
    }

    private static void Add(string? text, int line, List<YamlNode> documents, Stack<(YamlNode Node, string? Key)> open)
    {
        if (open.Count > 0 && open.Peek() is { Key.Length: 0 } mapping)
        {
            open.Pop();
            open.Push((mapping.Node, text is { Length: > 0 } ? text : "\0"));
            return;
        }
        Place(new YamlNode(line, text), documents, open);
    }
}
