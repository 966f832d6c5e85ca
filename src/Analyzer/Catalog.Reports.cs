using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer;

/// <summary>The ordered lists of examiners, detectors and report writers: the only registry.</summary>
public static partial class Catalog
{
    /// <summary>Report formats, the default first. Colours, detail and width are for formats that know them.</summary>
    public static IReadOnlyList<IReportWriter> ReportWriters(bool colours = false, bool verbose = false, int width = 110) =>
    [
        new ConsoleReport(colours, verbose, width),
        new JsonReport(),
    ];
}
