using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.Prefetch;

/// <summary>A file that a prefetched program read in its first seconds.</summary>
/// <param name="Path">Path from the device on: <c>\VOLUME{...}\WINDOWS\SYSTEM32\NTDLL.DLL</c> or <c>\DEVICE\HARDDISKVOLUME2\...</c>.</param>
public sealed record PrefetchedFile(string Path)
{
    /// <summary>MFT record number; null where the version does not keep it or it is none of NTFS.</summary>
    public ulong? MftRecord { get; init; }
    /// <summary>Sequence number of the MFT record.</summary>
    public ushort? MftSequence { get; init; }
}

/// <summary>A volume that a prefetched program read from.</summary>
/// <param name="DevicePath">Path of the device.</param>
/// <param name="SerialNumber">Serial number.</param>
/// <param name="Created">When it was formatted.</param>
/// <param name="Directories">Directories that were read.</param>
public sealed record PrefetchedVolume(string DevicePath, uint SerialNumber, Timestamp? Created, IReadOnlyList<string> Directories);

/// <summary>
/// A prefetch file: which program was run, how often, when, and what it read. Versions 17 (XP), 23 (Vista, 7), 26 (8), 30 and 31 (10, 11), compressed or not.
/// Source: https://github.com/libyal/libscca/blob/main/documentation/Windows%20Prefetch%20File%20(PF)%20format.asciidoc
/// </summary>
/// <remarks>Limitations: traces of blocks are passed over; content of at most 32 MiB, 32,768 files, 256 volumes, 32,768 directories each.</remarks>
public sealed record PrefetchFile
{
    private const int MaximumContent = 32 << 20;
    private const int MaximumFiles = 32_768;
    private const int MaximumVolumes = 256;
    private const int Information = 84;

    /// <summary>Version of the format.</summary>
    public required uint Version { get; init; }
    /// <summary>Name of the program, at most 29 characters.</summary>
    public required string Executable { get; init; }
    /// <summary>Hash of its path (and of its command line for hosts such as svchost.exe and dllhost.exe).</summary>
    public required uint Hash { get; init; }
    /// <summary>How often it was run.</summary>
    public uint RunCount { get; init; }
    /// <summary>Last run first; one, or up to eight since version 26.</summary>
    public IReadOnlyList<Timestamp> LastRuns { get; init; } = [];
    /// <summary>Files read.</summary>
    public IReadOnlyList<PrefetchedFile> Files { get; init; } = [];
    /// <summary>Volumes read from.</summary>
    public IReadOnlyList<PrefetchedVolume> Volumes { get; init; } = [];
    /// <summary>Something did not fit: what could be read is there.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>The program's own path among the files it read: the one whose name begins like <see cref="Executable"/>; null when there is none.</summary>
    public string? ExecutablePath => Files.FirstOrDefault(file => System.IO.Path.GetFileName(file.Path.Replace('\\', '/')) is { Length: > 0 } name
        && (Executable.Length < 29 ? name.Equals(Executable, StringComparison.OrdinalIgnoreCase) : name.StartsWith(Executable, StringComparison.OrdinalIgnoreCase)))?.Path;

    /// <summary>Whether data begin like one. Never throws.</summary>
    public static bool Matches(ReadOnlySpan<byte> header) => MamFile.Matches(header) || (header.Length >= 8 && header[4..8].SequenceEqual("SCCA"u8));

    /// <summary>Reads a file, decompressed when need be.</summary>
    /// <exception cref="UnknownFormatException">Not one.</exception>
    /// <exception cref="UnsupportedFeatureException">Another version or compression.</exception>
    /// <exception cref="CorruptDataException">The header or the compressed data are damaged.</exception>
    /// <exception cref="LimitExceededException">More content than allowed.</exception>
    public static PrefetchFile Parse(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> content = MamFile.Matches(file) ? MamFile.Open(file, MaximumContent).Content : file;
        if (content.Length < 8 || !content[4..8].SequenceEqual("SCCA"u8))
        {
            throw new UnknownFormatException("not a prefetch file");
        }
        var view = new FieldView(content, "prefetch");
        uint version = view.U32(0);
        if (version is not (17 or 23 or 26 or 30 or 31))
        {
            throw new UnsupportedFeatureException("prefetch version " + version.ToString(CultureInfo.InvariantCulture));
        }
        bool isWhole = true;
        // Entries may name the same text again and again: all together no more than the texts there can be, twice.
        long budget = content.Length;
        FieldView names = view.View(view.U32(100), view.U32(104));
        FieldView volumes = view.View(view.U32(108), view.Length);
        return new PrefetchFile
        {
            Version = version,
            Executable = view.Utf16(16, 60),
            Hash = view.U32(76),
            RunCount = view.U32(RunCountOffset(version, view.U32(Information))),
            LastRuns = Runs(view, version),
            Files = ReadFiles(view, names, version, ref budget, ref isWhole),
            Volumes = ReadVolumes(volumes, view.U32(112), version, ref budget, ref isWhole),
            IsDamaged = !isWhole,
        };
    }

    // The metrics begin where the file information ends, which tells the two forms of version 30 apart.
    private static int RunCountOffset(uint version, uint metrics) => version switch { 17 => 144, 23 => 152, 26 => 208, _ => metrics == 304 ? 208 : 200 };

    private static List<Timestamp> Runs(FieldView view, uint version)
    {
        var runs = new List<Timestamp>();
        int first = version == 17 ? 120 : 128;
        for (int i = 0; i < (version >= 26 ? 8 : 1); i++)
        {
            if (view.FileTime(first + i * 8) is { } time)
            {
                runs.Add(time);
            }
        }
        return runs;
    }

    private static List<PrefetchedFile> ReadFiles(FieldView view, FieldView names, uint version, ref long budget, ref bool isWhole)
    {
        var files = new List<PrefetchedFile>();
        uint count = view.U32(88);
        int size = version == 17 ? 20 : 32;
        int nameAt = version == 17 ? 8 : 12;
        long at = view.U32(Information);
        for (int i = 0; i < Math.Min(count, MaximumFiles); i++, at += size)
        {
            if (!view.Has(at, size) || budget < 0)
            {
                break;
            }
            string path = names.Utf16(view.U32(at + nameAt), view.U32(at + nameAt + 4) * 2L);
            budget -= path.Length;
            ulong reference = version == 17 ? 0 : view.U64(at + 24);
            files.Add(new PrefetchedFile(path) { MftRecord = reference == 0 ? null : reference & 0xFFFF_FFFF_FFFF, MftSequence = reference == 0 ? null : (ushort)(reference >> 48) });
        }
        isWhole &= files.Count == count;
        return files;
    }

    private static List<PrefetchedVolume> ReadVolumes(FieldView volumes, uint count, uint version, ref long budget, ref bool isWhole)
    {
        var found = new List<PrefetchedVolume>();
        int size = version switch { 17 => 40, 23 or 26 => 104, _ => 96 };
        for (int i = 0; i < Math.Min(count, MaximumVolumes); i++)
        {
            long at = (long)i * size;
            if (!volumes.Has(at, 36) || budget < 0)
            {
                break;
            }
            string device = volumes.Utf16(volumes.U32(at), volumes.U32(at + 4) * 2L);
            budget -= device.Length;
            found.Add(new PrefetchedVolume(device, volumes.U32(at + 16), volumes.FileTime(at + 8), Directories(volumes, volumes.U32(at + 28), volumes.U32(at + 32), ref budget, ref isWhole)));
        }
        isWhole &= found.Count == count;
        return found;
    }

    private static List<string> Directories(FieldView volumes, long at, uint count, ref long budget, ref bool isWhole)
    {
        var found = new List<string>();
        while (found.Count < Math.Min(count, MaximumFiles) && volumes.Has(at, 2) && budget >= 0)
        {
            int characters = volumes.U16(at);
            found.Add(volumes.Utf16(at + 2, characters * 2));
            budget -= characters;
            at += 2 + (characters + 1) * 2;
        }
        isWhole &= found.Count == count;
        return found;
    }
}
