using System.Globalization;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>
/// Reads the tokens of one fragment of binary XML into steps. Forward only: nested values and instances of templates become steps of their own, so that nothing recurses here.
/// </summary>
internal ref struct BinXmlCompiler(EventLogChunk chunk, List<BinXmlNode> nodes, int begin, int end, bool isTemplate)
{
    private const int DeepestElement = 64;
    private const byte MoreFlag = 0x40;
    private const int AttributeListSize = 4;

    private int _at = begin;
    private int _depth;

    /// <summary>Reads to the end of the fragment; false when something is not as it should be: the steps up to there are then in the list.</summary>
    public bool Run()
    {
        while (_at < end)
        {
            if (!chunk.Spend(1))
            {
                return false;
            }
            byte token = chunk.Bytes[_at];
            bool goesOn = (BinXmlToken)(token & ~MoreFlag) switch
            {
                BinXmlToken.FragmentHeader => Skip(4),
                BinXmlToken.OpenStartElement => Element((token & MoreFlag) != 0),
                BinXmlToken.Attribute => Attribute(),
                BinXmlToken.CloseStartElement => Skip(1) && Emit(BinXmlOperation.Content),
                BinXmlToken.CloseEmptyElement or BinXmlToken.EndElement => Close(),
                BinXmlToken.Value => Value(),
                BinXmlToken.CDataSection => Text(1, isShown: true),
                BinXmlToken.ProcessingInstructionData => Text(1, isShown: false),
                BinXmlToken.CharacterReference => Character(),
                BinXmlToken.EntityReference => Entity(),
                BinXmlToken.ProcessingInstructionTarget => Name(out _),
                BinXmlToken.TemplateInstance => Instance(),
                BinXmlToken.NormalSubstitution => Substitution(BinXmlOperation.Substitution),
                BinXmlToken.OptionalSubstitution => Substitution(BinXmlOperation.OptionalSubstitution),
                _ => false,
            };
            if (!goesOn)
            {
                return token == (byte)BinXmlToken.EndOfFragment;
            }
        }
        return _depth == 0;
    }

    private readonly bool Has(int bytes) => end - _at >= bytes;

    private bool Skip(int bytes)
    {
        bool has = Has(bytes);
        _at = has ? _at + bytes : _at;
        return has;
    }

    private readonly bool Emit(BinXmlOperation operation, string? text = null, int offset = 0, int length = 0, BinXmlType type = BinXmlType.Null)
    {
        nodes.Add(new BinXmlNode(operation, text, offset, length, type));
        return true;
    }

    /// <summary>The element of a template has two bytes more than that of a nested fragment; which it is shows in whether a name is where it should be.</summary>
    private bool Element(bool hasAttributes)
    {
        if (_depth >= DeepestElement || !(TryElement(isTemplate ? 3 : 1, hasAttributes, out string name) || TryElement(isTemplate ? 1 : 3, hasAttributes, out name)))
        {
            return false;
        }
        _depth++;
        return Emit(BinXmlOperation.Open, name);
    }

    private bool TryElement(int sizeField, bool hasAttributes, out string name)
    {
        int start = _at;
        name = "";
        if (Has(sizeField + 8) && chunk.UInt32(_at + sizeField) <= (uint)(chunk.Bytes.Length - _at))
        {
            _at += sizeField + 4;
            if (NameReference(out name) && (!hasAttributes || Skip(AttributeListSize)))
            {
                return true;
            }
        }
        _at = start;
        return false;
    }

    private bool Attribute() => Name(out string name) && Emit(BinXmlOperation.Attribute, name);

    private bool Close()
    {
        _depth--;
        _at++;
        return _depth >= 0 && Emit(BinXmlOperation.Close);
    }

    private bool Value()
    {
        if (!Has(4))
        {
            return false;
        }
        var type = (BinXmlType)chunk.Bytes[_at + 1];
        if (type == BinXmlType.UnicodeString)
        {
            return Text(2, isShown: true);
        }
        int size = BinXmlText.SizeOf(type);
        int offset = _at + 2;
        return size > 0 && Skip(2 + size) && Emit(BinXmlOperation.Value, null, offset, size, type);
    }

    private bool Text(int lengthField, bool isShown)
    {
        if (!Has(lengthField + 2))
        {
            return false;
        }
        int length = chunk.UInt16(_at + lengthField) * 2;
        int offset = _at + lengthField + 2;
        return Skip(lengthField + 2 + length) && (!isShown || Emit(BinXmlOperation.Literal, chunk.Pool.Get(chunk.Bytes.Slice(offset, length))));
    }

    private bool Character()
    {
        if (!Has(3))
        {
            return false;
        }
        char character = (char)chunk.UInt16(_at + 1);
        return Skip(3) && Emit(BinXmlOperation.Literal, char.IsSurrogate(character) ? "\uFFFD" : character.ToString(CultureInfo.InvariantCulture));
    }

    private bool Entity() => Name(out string name) && Emit(BinXmlOperation.Literal, name switch
    {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => "&" + name + ";",
    });

    private bool Substitution(BinXmlOperation operation)
    {
        if (!Has(4))
        {
            return false;
        }
        int number = chunk.UInt16(_at + 1);
        return Skip(4) && Emit(operation, null, number);
    }

    private bool Instance()
    {
        int offset = _at;
        if (!TemplateInstance.TryRead(chunk, _at, end, out TemplateInstance instance))
        {
            return false;
        }
        _at = instance.End;
        return Emit(BinXmlOperation.Instance, null, offset, end - offset);
    }

    /// <summary>A token that consists of a reference to a name.</summary>
    private bool Name(out string name)
    {
        name = "";
        return Skip(1) && NameReference(out name);
    }

    /// <summary>The offset of a name; where the name is used first, it follows at once.</summary>
    private bool NameReference(out string name)
    {
        name = "";
        if (!Has(4))
        {
            return false;
        }
        uint offset = chunk.UInt32(_at);
        if (!chunk.TryName(offset, out name, out int size))
        {
            return false;
        }
        _at += 4;
        return offset != (uint)_at || Skip(size);
    }
}

/// <summary>An instance of a template: which one, and where its values are.</summary>
/// <param name="Definition">Offset of the definition.</param>
/// <param name="Identifier">Begin of the GUID of the template.</param>
/// <param name="Descriptors">Offset of size and type of each value.</param>
/// <param name="Count">How many values.</param>
/// <param name="End">First byte behind the values.</param>
internal readonly record struct TemplateInstance(int Definition, uint Identifier, int Descriptors, int Count, int End)
{
    public const int DescriptorSize = 4;
    private const int HeaderSize = 10;

    /// <summary>Reads the instance at an offset; false when it does not fit before <paramref name="end"/>.</summary>
    public static bool TryRead(EventLogChunk chunk, int at, int end, out TemplateInstance instance)
    {
        instance = default;
        if (end - at < HeaderSize + 4)
        {
            return false;
        }
        uint identifier = chunk.UInt32(at + 2);
        uint definition = chunk.UInt32(at + 6);
        int next = at + HeaderSize;
        if (definition == (uint)next)
        {
            if (end - next < EventLogChunk.DefinitionHeaderSize + 4 || chunk.UInt32(next + 20) > (uint)(end - next - EventLogChunk.DefinitionHeaderSize - 4))
            {
                return false;
            }
            next += EventLogChunk.DefinitionHeaderSize + (int)chunk.UInt32(next + 20);
        }
        uint count = chunk.UInt32(next);
        next += 4;
        if (definition > EventLogChunk.Size || count > (uint)((end - next) / DescriptorSize))
        {
            return false;
        }
        int data = next + (int)count * DescriptorSize;
        for (int i = 0; i < (int)count; i++)
        {
            data += chunk.UInt16(next + i * DescriptorSize);
        }
        if (data > end || !chunk.Spend((int)count))
        {
            return false;
        }
        instance = new TemplateInstance((int)definition, identifier, next, (int)count, data);
        return true;
    }
}
