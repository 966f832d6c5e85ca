using Forensics.Parsers.Images.Mapped;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>What can be wrong with grain directories, grain tables and grains.</summary>
internal static class VmdkDamage
{
    public static readonly Anomaly DirectoryPastEnd = new("vmdk.directory.past-end", "the grain directory ends past the end of the file; what it does not map reads as zeros");
    public static readonly Anomaly TableLost = new("vmdk.table.past-end", "an entry of the grain directory points past the end of the file or is none that is known; what it maps reads as zeros");
    public static readonly Anomaly TablePastEnd = new("vmdk.table.past-end", "a grain table ends past the end of the file; what its missing part maps reads as zeros");
    public static readonly Anomaly EntryBad = new("vmdk.grain.past-end", "an entry of a grain table points past the end of the file or is none that is known; the grain reads as zeros");
    public static readonly Anomaly GrainPastEnd = new("vmdk.grain.past-end", "a grain ends past the end of the file; what is missing reads as zeros");
    public static readonly Anomaly MarkerBad = new("vmdk.grain.damaged", "the marker of a compressed grain is missing or its size cannot be; the grain reads as zeros");
    public static readonly Anomaly GrainDamaged = new("vmdk.grain.damaged", "a compressed grain cannot be decompressed whole or its checksum is wrong; what is missing reads as zeros");
    public static readonly Anomaly GrainTooLong = new("vmdk.grain.too-long", "a compressed grain holds more than a grain; the excess is ignored", losesContent: false);
    public static readonly Anomaly OtherSector = new("vmdk.grain.marker", "the marker of a compressed grain names another sector; the grain is read where the table has it", losesContent: false);
    public static readonly Anomaly RedundantDirectory = new("vmdk.redundant.used", "a grain table cannot be found through the grain directory; the redundant one is used", losesContent: false);
    public static readonly Anomaly RedundantTable = new("vmdk.redundant.used", "a grain table is empty and the redundant one is not, which is used", losesContent: false);
    public static readonly Anomaly RedundantEntry = new("vmdk.redundant.used", "an entry of a grain table cannot be; that of the redundant one is used", losesContent: false);
}
