namespace Forensics.Parsers.Formats.EventLog;

/// <summary>Tokens of binary XML without the flag 0x40.</summary>
internal enum BinXmlToken : byte
{
    EndOfFragment = 0x00,
    OpenStartElement = 0x01,
    CloseStartElement = 0x02,
    CloseEmptyElement = 0x03,
    EndElement = 0x04,
    Value = 0x05,
    Attribute = 0x06,
    CDataSection = 0x07,
    CharacterReference = 0x08,
    EntityReference = 0x09,
    ProcessingInstructionTarget = 0x0A,
    ProcessingInstructionData = 0x0B,
    TemplateInstance = 0x0C,
    NormalSubstitution = 0x0D,
    OptionalSubstitution = 0x0E,
    FragmentHeader = 0x0F,
}

/// <summary>Type of a value of binary XML; <see cref="Array"/> is a flag.</summary>
public enum BinXmlType : byte
{
    /// <summary>Not there.</summary>
    Null = 0x00,
    /// <summary>UTF-16LE.</summary>
    UnicodeString = 0x01,
    /// <summary>One byte a character, in the code page of the host.</summary>
    AnsiString = 0x02,
    /// <summary>Signed, 1 byte.</summary>
    Int8 = 0x03,
    /// <summary>Unsigned, 1 byte.</summary>
    UInt8 = 0x04,
    /// <summary>Signed, 2 bytes.</summary>
    Int16 = 0x05,
    /// <summary>Unsigned, 2 bytes.</summary>
    UInt16 = 0x06,
    /// <summary>Signed, 4 bytes.</summary>
    Int32 = 0x07,
    /// <summary>Unsigned, 4 bytes.</summary>
    UInt32 = 0x08,
    /// <summary>Signed, 8 bytes.</summary>
    Int64 = 0x09,
    /// <summary>Unsigned, 8 bytes.</summary>
    UInt64 = 0x0A,
    /// <summary>IEEE 754, 4 bytes.</summary>
    Real32 = 0x0B,
    /// <summary>IEEE 754, 8 bytes.</summary>
    Real64 = 0x0C,
    /// <summary>4 bytes, 0 is false.</summary>
    Boolean = 0x0D,
    /// <summary>Bytes.</summary>
    Binary = 0x0E,
    /// <summary>16 bytes.</summary>
    Guid = 0x0F,
    /// <summary>4 or 8 bytes, shown in hexadecimal.</summary>
    SizeT = 0x10,
    /// <summary>100 ns since 1601.</summary>
    FileTime = 0x11,
    /// <summary>Eight 16-bit fields.</summary>
    SystemTime = 0x12,
    /// <summary>Security identifier.</summary>
    Sid = 0x13,
    /// <summary>4 bytes, shown in hexadecimal.</summary>
    HexInt32 = 0x14,
    /// <summary>8 bytes, shown in hexadecimal.</summary>
    HexInt64 = 0x15,
    /// <summary>Handle of an event.</summary>
    EvtHandle = 0x20,
    /// <summary>A fragment of binary XML.</summary>
    BinXml = 0x21,
    /// <summary>XML as text, UTF-16LE.</summary>
    EvtXml = 0x23,
    /// <summary>Flag: several values of the type in the low bits.</summary>
    Array = 0x80,
}
