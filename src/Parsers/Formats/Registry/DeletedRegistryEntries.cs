namespace Forensics.Parsers.Formats.Registry;

/// <summary>Keys and values that were found in free space: deleted, or older copies of what was moved.</summary>
/// <param name="Keys">The keys; each leads to those of its values whose records are still there. <see cref="RegistryKey.Path"/> goes up as far as its parents can be found.</param>
/// <param name="Values">Values that belong to none of the keys.</param>
/// <param name="IsComplete">False when there were more than <see cref="Diagnostics.ScanLimits.DeletedFiles"/> of either.</param>
/// <remarks>Limitations: what is found may be overwritten in part; nothing says whether data that a deleted value refers to are still its own.</remarks>
public sealed record DeletedRegistryEntries(IReadOnlyList<RegistryKey> Keys, IReadOnlyList<RegistryValue> Values, bool IsComplete);
