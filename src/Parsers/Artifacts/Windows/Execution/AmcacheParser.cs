using Forensics.Parsers.Formats.ExecutionTraces;
using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads the programs and drivers of the application inventory (<c>Amcache.hve</c>), of Windows 8 to 11. <see cref="AmcacheFile"/> names the source.</summary>
/// <remarks><b>Limitations:</b> applications, devices and shortcuts of the inventory are not read; an entry says that the file was there, not that it ran.</remarks>
public sealed class AmcacheParser : RegistryHiveParser
{
    /// <inheritdoc/>
    public override string Name => "windows/amcache";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{Windows,WINNT}/AppCompat/Programs/Amcache.hve"];

    private protected override void Read(HiveFacts facts)
    {
        // The root of the hive is called Root in tools that mount it, and is a key of that name here.
        RegistryKey root = facts.Hive.Find("Root") ?? facts.Hive.Root;
        Add(facts, HiveFacts.Expand(root, @"InventoryApplicationFile\*"), ProgramTraceSource.Amcache, (_, values) => AmcacheFile.From(values));
        Add(facts, HiveFacts.Expand(root, @"File\*\*"), ProgramTraceSource.Amcache, (_, values) => AmcacheFile.FromFileKey(values));
        Add(facts, HiveFacts.Expand(root, @"InventoryDriverBinary\*"), ProgramTraceSource.AmcacheDriver, AmcacheFile.FromDriver);
    }

    private static void Add(HiveFacts facts, IEnumerable<RegistryKey> keys, ProgramTraceSource source, Func<string, IEnumerable<KeyValuePair<string, string>>, AmcacheFile?> read)
    {
        var budget = new ProgramTraceReader.Budget(facts, source);
        foreach (RegistryKey key in keys)
        {
            if (read(key.Name, key.Values().Select(value => KeyValuePair.Create(value.Name, RegistryText.Of(value) ?? ""))) is not { } file)
            {
                continue;
            }
            if (!budget.Spend())
            {
                break;
            }
            facts.Add(new ProgramTrace(facts.At(key))
            {
                Source = source, Path = file.Path, ImagePath = TracePaths.ToImage(file.Path), Time = key.LastWritten, TimeMeans = ProgramTraceTime.Noted, Sha1 = file.Sha1, Size = file.Size, Publisher = file.Publisher,
                ProductName = file.ProductName, OriginalFileName = file.OriginalFileName,
            });
        }
    }
}
