using System.Runtime.InteropServices;

namespace Forensics.Parsers.Formats.EventLog;

/// <summary>
/// Fills the data of a record from its XML, and its system part too where that is not known from the template. Data are the innermost elements below
/// <c>EventData</c>, <c>UserData</c> and their like.
/// </summary>
internal sealed class EventFieldCollector(EventRecord record) : IBinXmlVisitor
{
    private const int DeepestElement = 64;
    private const int DataDepth = 3;

    private readonly Element[] _open = new Element[DeepestElement];
    private readonly List<BinXmlPiece> _pieces = [];
    private int _depth;
    private int _tooDeep;
    private string? _attribute;
    private int _attributeBegin;

    /// <summary>Begins a record; inside the element <c>Event</c> already when the system part is known.</summary>
    public void Begin(bool isInsideEvent)
    {
        _depth = 0;
        _tooDeep = 0;
        _attribute = null;
        _pieces.Clear();
        if (isInsideEvent)
        {
            Open("Event");
        }
    }

    public void Open(string name)
    {
        EndAttribute();
        if (_depth > 0)
        {
            _open[_depth - 1].HasElements = true;
        }
        if (_depth >= DeepestElement)
        {
            _tooDeep++;
            return;
        }
        _open[_depth++] = new Element { Name = name, FirstPiece = _pieces.Count };
    }

    public void Attribute(string name)
    {
        EndAttribute();
        _attribute = name;
        _attributeBegin = _pieces.Count;
    }

    public void Content() => EndAttribute();

    public void Piece(in BinXmlPiece piece) => _pieces.Add(piece);

    public void Absent()
    {
        if (_depth > 0 && _attribute is null)
        {
            _open[_depth - 1].IsAbsent = true;
        }
    }

    public void Close()
    {
        EndAttribute();
        if (_tooDeep > 0)
        {
            _tooDeep--;
            return;
        }
        if (_depth == 0)
        {
            return;
        }
        ref Element element = ref _open[--_depth];
        Span<BinXmlPiece> pieces = CollectionsMarshal.AsSpan(_pieces)[element.FirstPiece..];
        if (IsSystem)
        {
            SetSystem(element.Name, null, pieces);
        }
        else if (IsDatum(element, pieces.IsEmpty))
        {
            record.AddField(element.DataName ?? NameOf(_depth), pieces);
        }
        _pieces.RemoveRange(element.FirstPiece, _pieces.Count - element.FirstPiece);
        if (_depth == DataDepth - 1 && IsUserData)
        {
            record.DataName ??= element.Name;
        }
    }

    /// <summary>Whether the element that ends at <see cref="_depth"/> has a value of its own: an innermost one, or one with text; what only holds others has none.</summary>
    private bool IsDatum(in Element element, bool isEmpty) =>
        _depth >= 1 && (!isEmpty || !(element.HasElements || element.IsAbsent || _depth < DataDepth - 1 || (_depth == DataDepth - 1 && IsUserData)));

    private bool IsSystem => _depth >= 1 && _open[1].Name == "System" && _open[0].Name == "Event";

    private bool IsUserData => _depth >= 1 && _open[1].Name == "UserData";

    private void EndAttribute()
    {
        if (_attribute is null || _depth == 0)
        {
            _attribute = null;
            return;
        }
        ref Element element = ref _open[_depth - 1];
        Span<BinXmlPiece> pieces = CollectionsMarshal.AsSpan(_pieces)[_attributeBegin..];
        if (_depth > 1 && IsSystem)
        {
            SetSystem(element.Name, _attribute, pieces);
        }
        else if (_attribute == "Name" && !IsUserData && pieces.Length > 0)
        {
            string name = TextOf(pieces);
            if (_depth == DataDepth - 1)
            {
                record.DataName = name;
            }
            else
            {
                element.DataName = name;
            }
        }
        else if (_depth > 1 && pieces.Length > 0 && !_attribute.StartsWith("xmlns", StringComparison.Ordinal))
        {
            record.AddField(NameOf(_depth - 1) + "@" + _attribute, pieces);
        }
        _pieces.RemoveRange(_attributeBegin, _pieces.Count - _attributeBegin);
        _attribute = null;
    }

    private void SetSystem(string element, string? attribute, ReadOnlySpan<BinXmlPiece> pieces)
    {
        if (pieces.Length > 0 && SystemPlan.PropertyOf(element, attribute) is var property and not SystemProperty.Count)
        {
            record.SetSystem(property, pieces.Length == 1 ? pieces[0] : new BinXmlPiece(TextOf(pieces), BinXmlType.UnicodeString, 0, 0));
        }
    }

    private string TextOf(ReadOnlySpan<BinXmlPiece> pieces) => pieces.Length == 1 ? record.TextOf(pieces[0]) : string.Concat(pieces.ToArray().Select(record.TextOf));

    /// <summary>The name of a datum from the element at <paramref name="depth"/>: what lies between it and the element that holds all data is put in front.</summary>
    private string NameOf(int depth)
    {
        int first = IsUserData ? DataDepth : DataDepth - 1;
        if (depth <= first)
        {
            string name = _open[depth].Name;
            return name == "Data" && !IsUserData || depth < DataDepth - 1 ? "" : name;
        }
        return string.Join('/', Enumerable.Range(first, depth - first + 1).Select(i => _open[i].Name));
    }

    private struct Element
    {
        public string Name;
        public string? DataName;
        public int FirstPiece;
        public bool HasElements;
        public bool IsAbsent;
    }
}
