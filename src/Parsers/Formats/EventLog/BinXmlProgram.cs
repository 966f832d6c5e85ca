namespace Forensics.Parsers.Formats.EventLog;

/// <summary>What a piece of binary XML tells its reader to do.</summary>
internal enum BinXmlOperation : byte
{
    /// <summary>An element begins; <see cref="BinXmlNode.Text"/> is its name.</summary>
    Open,
    /// <summary>An attribute of that name begins.</summary>
    Attribute,
    /// <summary>The attributes end.</summary>
    Content,
    /// <summary>The element ends.</summary>
    Close,
    /// <summary>Text.</summary>
    Literal,
    /// <summary>A value stored in place: offset, length and type.</summary>
    Value,
    /// <summary>The value of number <see cref="BinXmlNode.Offset"/> of the instance.</summary>
    Substitution,
    /// <summary>The same; without a value the element or attribute is not there.</summary>
    OptionalSubstitution,
    /// <summary>An instance of a template at an offset.</summary>
    Instance,
}

/// <summary>One step. Offsets count from the begin of the chunk.</summary>
internal readonly record struct BinXmlNode(BinXmlOperation Operation, string? Text, int Offset, int Length, BinXmlType Type);

/// <summary>A fragment of binary XML as a list of steps, in which names are resolved and bounds are checked.</summary>
/// <param name="Nodes">The steps, as far as they could be read.</param>
/// <param name="IsWhole">Whether it could be read to its end.</param>
internal sealed record BinXmlProgram(BinXmlNode[] Nodes, bool IsWhole)
{
    /// <summary>Where the properties of the system part are, when all of it is in this fragment; null when it is not.</summary>
    public SystemPlan? Plan { get; } = SystemPlan.Of(Nodes);
}

/// <summary>A piece of the value of an element or attribute: literal text, or bytes of the chunk with a type.</summary>
internal readonly record struct BinXmlPiece(string? Text, BinXmlType Type, int Offset, int Length)
{
    /// <summary>Whether there is nothing.</summary>
    public bool IsNull => Text is null && (Type == BinXmlType.Null || Length == 0);
}
