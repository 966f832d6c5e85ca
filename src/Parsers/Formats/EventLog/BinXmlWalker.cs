namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Takes what a fragment of binary XML says, in order.</summary>
internal interface IBinXmlVisitor
{
    /// <summary>An element begins.</summary>
    void Open(string name);
    /// <summary>An attribute of it begins; the pieces that follow are its value.</summary>
    void Attribute(string name);
    /// <summary>The attributes have ended; the pieces that follow are content.</summary>
    void Content();
    /// <summary>A piece of a value.</summary>
    void Piece(in BinXmlPiece piece);
    /// <summary>There is no value where the template has an optional one.</summary>
    void Absent();
    /// <summary>The element ends.</summary>
    void Close();
}

/// <summary>
/// Follows the steps of a fragment with values put in, into nested fragments and templates, on a stack of its own. Depth and work are bounded whatever templates name each other.
/// </summary>
internal sealed class BinXmlWalker(EventLogChunk chunk)
{
    private const int DeepestFragment = 12;

    private readonly List<BinXmlPiece> _values = [];
    private readonly Stack<Frame> _frames = new();

    /// <summary>The value that a step of the program stands for, of the record that <see cref="TryBegin"/> found; false when there is none of that number.</summary>
    public bool TryPiece(in BinXmlNode node, out BinXmlPiece piece)
    {
        piece = new BinXmlPiece(node.Text, node.Type, node.Offset, node.Length);
        if (node.Operation is BinXmlOperation.Substitution or BinXmlOperation.OptionalSubstitution)
        {
            piece = node.Offset < _values.Count ? _values[node.Offset] : default;
        }
        return !piece.IsNull;
    }

    /// <summary>
    /// Gets ready for the record whose binary XML lies from <paramref name="begin"/> to <paramref name="end"/>: its template with the values, or the fragment itself. Null when there is nothing to read.
    /// </summary>
    public BinXmlProgram? TryBegin(int begin, int end)
    {
        _values.Clear();
        _frames.Clear();
        return Enter(begin, end);
    }

    /// <summary>Follows a program that <see cref="TryBegin"/> gave, from step <paramref name="from"/>. False when something was cut short.</summary>
    public bool Walk<TVisitor>(BinXmlProgram program, int from, TVisitor visitor) where TVisitor : IBinXmlVisitor
    {
        bool isWhole = true;
        var frame = new Frame(program, from, 0, _values.Count);
        while (true)
        {
            if (frame.Next >= frame.Program.Nodes.Length)
            {
                isWhole &= frame.Program.IsWhole;
                if (!_frames.TryPop(out Frame outer))
                {
                    return isWhole;
                }
                _values.RemoveRange(frame.FirstValue, frame.ValueCount);
                frame = outer;
                continue;
            }
            if (!chunk.Spend(1))
            {
                return false;
            }
            ref BinXmlNode node = ref frame.Program.Nodes[frame.Next++];
            switch (node.Operation)
            {
                case BinXmlOperation.Open:
                    visitor.Open(node.Text!);
                    break;
                case BinXmlOperation.Attribute:
                    visitor.Attribute(node.Text!);
                    break;
                case BinXmlOperation.Content:
                    visitor.Content();
                    break;
                case BinXmlOperation.Close:
                    visitor.Close();
                    break;
                case BinXmlOperation.Literal or BinXmlOperation.Value:
                    visitor.Piece(new BinXmlPiece(node.Text, node.Type, node.Offset, node.Length));
                    break;
                case BinXmlOperation.Instance:
                    isWhole &= Push(ref frame, node.Offset, node.Offset + node.Length);
                    break;
                case BinXmlOperation.Substitution or BinXmlOperation.OptionalSubstitution:
                    if (node.Offset >= frame.ValueCount)
                    {
                        isWhole = false;
                        break;
                    }
                    BinXmlPiece value = _values[frame.FirstValue + node.Offset];
                    if (value.Type == BinXmlType.BinXml)
                    {
                        isWhole &= value.Length == 0 || Push(ref frame, value.Offset, value.Offset + value.Length);
                    }
                    else if (!value.IsNull)
                    {
                        visitor.Piece(value);
                    }
                    else if (node.Operation == BinXmlOperation.OptionalSubstitution)
                    {
                        visitor.Absent();
                    }
                    break;
            }
        }
    }

    private bool Push(ref Frame frame, int begin, int end)
    {
        int firstValue = _values.Count;
        if (_frames.Count >= DeepestFragment || Enter(begin, end) is not { } program)
        {
            _values.RemoveRange(firstValue, _values.Count - firstValue);
            return false;
        }
        _frames.Push(frame);
        frame = new Frame(program, 0, firstValue, _values.Count - firstValue);
        return true;
    }

    /// <summary>The program of a fragment: that of the template when it is an instance of one, with its values behind the others; else its own.</summary>
    private BinXmlProgram? Enter(int begin, int end)
    {
        int at = begin;
        if (end - at >= 4 && chunk.Bytes[at] == (byte)BinXmlToken.FragmentHeader)
        {
            at += 4;
        }
        if (at >= end)
        {
            return null;
        }
        if (chunk.Bytes[at] != (byte)BinXmlToken.TemplateInstance)
        {
            return chunk.Compile(at, end, isTemplate: false);
        }
        if (!TemplateInstance.TryRead(chunk, at, end, out TemplateInstance instance))
        {
            return null;
        }
        int data = instance.Descriptors + instance.Count * TemplateInstance.DescriptorSize;
        for (int i = 0; i < instance.Count; i++)
        {
            int descriptor = instance.Descriptors + i * TemplateInstance.DescriptorSize;
            int size = chunk.UInt16(descriptor);
            _values.Add(new BinXmlPiece(null, (BinXmlType)chunk.Bytes[descriptor + 2], data, size));
            data += size;
        }
        return chunk.Template(instance.Definition, instance.Identifier);
    }

    private record struct Frame(BinXmlProgram Program, int Next, int FirstValue, int ValueCount);
}
