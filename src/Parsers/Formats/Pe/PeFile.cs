using System.Text;

namespace Forensics.Parsers.Formats.Pe;

/// <summary>A section of a PE file.</summary>
/// <param name="Name">Name, at most 8 characters, Latin-1.</param>
/// <param name="RawSize">Bytes in the file.</param>
/// <param name="VirtualSize">Bytes in memory.</param>
/// <param name="Entropy">Entropy of its bytes in the file, in bits a byte, sampled.</param>
public sealed record PeSection(string Name, uint RawSize, uint VirtualSize, double Entropy);

/// <summary>
/// What the headers of a PE file (Windows program, library or driver) say. <see href="https://learn.microsoft.com/windows/win32/debug/pe-format"/>
/// </summary>
/// <remarks>
/// Limitations: of functions only names that matter are kept (<see cref="PeTelling"/>); bound imports and .NET metadata are not read; where there is no version resource the original file name is
/// found by its text; whether a signature is good is the business of <see cref="Authenticode.AuthenticodeVerifier"/>.
/// </remarks>
public sealed record PeFile
{
    private const int LongestName = 256;

    /// <summary>Readable machine.</summary>
    public required string Machine { get; init; }
    /// <summary>A library.</summary>
    public bool IsLibrary { get; init; }
    /// <summary>Runs without the Win32 subsystem, as drivers do.</summary>
    public bool IsNative { get; init; }
    /// <summary>64-bit optional header.</summary>
    public bool Is64Bit { get; init; }
    /// <summary>A program for the common language runtime (.NET).</summary>
    public bool IsManaged { get; init; }
    /// <summary>Link time as stored, Unix seconds; builds that can be repeated store a digest here.</summary>
    public uint TimeStamp { get; init; }
    /// <summary>Sections, at most 96.</summary>
    public IReadOnlyList<PeSection> Sections { get; init; } = [];
    /// <summary>Libraries it imports from, in order, at most 512.</summary>
    public IReadOnlyList<string> Imports { get; init; } = [];
    /// <summary>Libraries that are loaded when first used, at most 512.</summary>
    public IReadOnlyList<string> DelayedImports { get; init; } = [];
    /// <summary>Imported functions that tell what a program is for, as <see cref="PeTelling"/> lists them.</summary>
    public IReadOnlyList<string> TellingImports { get; init; } = [];
    /// <summary>MD5 over its imports in the form of pefile, lower-case hex; null without imports, and when it imports by number from libraries whose numbers pefile names.</summary>
    public string? ImpHash { get; init; }
    /// <summary>Name that the export table gives the library; null when there is none.</summary>
    public string? ExportName { get; init; }
    /// <summary>Exported names, as many as the table states.</summary>
    public long ExportCount { get; init; }
    /// <summary>Exported functions that tell who loads a library, as <see cref="PeTelling"/> lists them.</summary>
    public IReadOnlyList<string> TellingExports { get; init; } = [];
    /// <summary>Offset of the bytes behind the last section; the file's length when there are none.</summary>
    public long OverlayOffset { get; init; }
    /// <summary>Bytes behind the last section that are not the signature.</summary>
    public long OverlayBytes { get; init; }
    /// <summary>There is a certificate table.</summary>
    public bool HasSignature { get; init; }
    /// <summary>Version resource; null when there is none that can be read.</summary>
    public PeVersionInfo? Version { get; init; }
    /// <summary>OriginalFilename of the version resource; null when there is none.</summary>
    public string? OriginalName { get; init; }
    /// <summary>Rights that the manifest asks for: <c>asInvoker</c>, <c>highestAvailable</c>, <c>requireAdministrator</c>; null when it does not say.</summary>
    public string? RequestedExecutionLevel { get; init; }
    /// <summary>Path of the symbols on the machine that built it; null when not stated.</summary>
    public string? SymbolPath { get; init; }
    /// <summary>MD5 of the decoded "Rich" header, lower-case hex: the tools of one build machine; null when there is none.</summary>
    public string? RichHash { get; init; }
    /// <summary>Has functions that run before its entry point.</summary>
    public bool HasTlsCallbacks { get; init; }
    /// <summary>The stored checksum is right; null when none is stored.</summary>
    public bool? IsChecksumValid { get; init; }

    /// <summary>Reads the headers; false when the content has none that are whole. Damage behind them leaves out what cannot be read.</summary>
    /// <param name="content">The complete file.</param>
    /// <param name="file">What it says.</param>
    public static bool TryRead(ReadOnlySpan<byte> content, out PeFile file)
    {
        file = null!;
        if (!PeLayout.TryRead(content, out PeLayout layout))
        {
            return false;
        }
        var sections = new List<PeSection>(layout.Sections.Count);
        long end = 0;
        foreach (PeSectionRow row in layout.Sections)
        {
            long stored = layout.StoredBytes(row);
            ReadOnlySpan<byte> raw = stored == 0 ? default : content.Slice((int)row.PointerToRawData, (int)stored);
            sections.Add(new PeSection(row.Name, row.SizeOfRawData, row.VirtualSize, ByteEntropy.Sample(raw)));
            end = Math.Max(end, stored == 0 ? 0 : row.PointerToRawData + stored);
        }
        (uint signatureAt, uint signatureSize) = layout.Directory(PeDirectory.Security);
        bool isSigned = signatureSize > 8 && signatureAt >= end && (long)signatureAt + signatureSize <= content.Length;
        PeImports imports = PeImports.Read(content, layout);
        PeExports exports = PeExports.Read(content, layout);
        PeResources resources = PeResources.Read(content, layout);
        file = new PeFile
        {
            Machine = MachineName(layout.Machine), Is64Bit = layout.Is64Bit, TimeStamp = layout.TimeDateStamp, IsLibrary = (layout.Characteristics & 0x2000) != 0, IsNative = layout.Subsystem == 1,
            IsManaged = layout.Directory(PeDirectory.Clr).Address != 0, Sections = sections,
            Imports = imports.Libraries, DelayedImports = PeImports.ReadDelayed(content, layout), TellingImports = imports.Telling, ImpHash = imports.Hash,
            ExportName = exports.Name, ExportCount = exports.Count, TellingExports = exports.Telling,
            OverlayOffset = end, OverlayBytes = Math.Max(0, content.Length - end - (isSigned ? signatureSize : 0)), HasSignature = isSigned,
            Version = resources.Version, OriginalName = resources.Version is { } version ? version.OriginalFilename : FindOriginalName(content), RequestedExecutionLevel = resources.RequestedExecutionLevel,
            SymbolPath = PeBuildMarks.SymbolPath(content, layout), RichHash = PeBuildMarks.RichHash(content, layout), HasTlsCallbacks = PeBuildMarks.HasTlsCallbacks(content, layout),
            IsChecksumValid = PeChecksum.IsValid(content, layout),
        };
        return true;
    }

    private static string? FindOriginalName(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> key = "O\0r\0i\0g\0i\0n\0a\0l\0F\0i\0l\0e\0n\0a\0m\0e\0\0\0"u8;
        int found = content.IndexOf(key);
        if (found < 0)
        {
            return null;
        }
        ReadOnlySpan<byte> rest = content[(found + key.Length)..];
        int skip = rest.Length >= 2 && rest[0] == 0 && rest[1] == 0 ? 2 : 0;
        return PeText.Wide(rest[skip..], LongestName / 2) is { Length: > 0 } name ? name : null;
    }

    private static string MachineName(ushort machine) => machine switch
    {
        0x14C => "x86", 0x8664 => "x86-64", 0x1C0 or 0x1C4 => "arm", 0xAA64 => "aarch64", 0x200 => "ia64",
        _ => "machine " + machine.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
