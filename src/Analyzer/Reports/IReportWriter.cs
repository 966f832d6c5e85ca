namespace Forensics.Analyzer.Reports;

/// <summary>Writes a report in one format.</summary>
public interface IReportWriter
{
    /// <summary><c>console</c>, <c>json</c> ...</summary>
    string Format { get; }

    /// <summary>Writes the whole report; the stream stays open.</summary>
    void Write(Report report, Stream output);
}
