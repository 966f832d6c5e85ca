namespace Forensics.Parsers.Formats.Registry;

/// <summary>Types of registry values; a value may state any other number, which device properties do.</summary>
public enum RegistryValueType
{
    /// <summary>REG_NONE: no type.</summary>
    None = 0,
    /// <summary>REG_SZ: text.</summary>
    Text = 1,
    /// <summary>REG_EXPAND_SZ: text with environment variables.</summary>
    ExpandableText = 2,
    /// <summary>REG_BINARY.</summary>
    Binary = 3,
    /// <summary>REG_DWORD: 32 bits, little endian.</summary>
    DoubleWord = 4,
    /// <summary>REG_DWORD_BIG_ENDIAN: 32 bits, big endian.</summary>
    DoubleWordBigEndian = 5,
    /// <summary>REG_LINK: target of a symbolic link.</summary>
    Link = 6,
    /// <summary>REG_MULTI_SZ: several texts.</summary>
    MultipleTexts = 7,
    /// <summary>REG_RESOURCE_LIST.</summary>
    ResourceList = 8,
    /// <summary>REG_FULL_RESOURCE_DESCRIPTOR.</summary>
    FullResourceDescriptor = 9,
    /// <summary>REG_RESOURCE_REQUIREMENTS_LIST.</summary>
    ResourceRequirementsList = 10,
    /// <summary>REG_QWORD: 64 bits, little endian.</summary>
    QuadWord = 11,
}
