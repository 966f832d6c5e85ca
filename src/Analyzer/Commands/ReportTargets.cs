using Forensics.Analyzer.Pipeline;
using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer.Commands;

/// <summary>Where a report goes in which format, from <c>--format FORMAT[=FILE]</c> and <c>--output FILE</c>. Files are all created before the scan.</summary>
internal sealed class ReportTargets : IDisposable
{
    private const string StandardOutputName = "-";
    private readonly List<(IReportWriter Writer, OutputFile? File)> _targets = [];
    private readonly CommandContext _context;

    private ReportTargets(CommandContext context) => _context = context;

    /// <summary>A person reads the report on standard output.</summary>
    public bool ShowsConsole { get; private set; }

    /// <summary>Parses and opens. Throws <see cref="UsageException"/>.</summary>
    public static ReportTargets Open(CommandContext context, IReadOnlyList<string> formats, string? output, IReadOnlyList<string> imagePaths, bool colours, bool verbose)
    {
        var result = new ReportTargets(context);
        bool isGood = false;
        try
        {
            var places = new HashSet<string>(StringComparer.Ordinal);
            bool isOutputUsed = false;
            foreach (string specification in formats.Count == 0 ? ["console"] : formats)
            {
                int equals = specification.IndexOf('=', StringComparison.Ordinal);
                string format = equals < 0 ? specification : specification[..equals];
                string? place = equals < 0 ? output ?? StandardOutputName : specification[(equals + 1)..];
                isOutputUsed |= equals < 0;
                if (place.Length == 0)
                {
                    throw new UsageException("--format " + specification + " names no file");
                }
                result.Add(format, place, imagePaths, places, colours, verbose);
            }
            if (output is not null && !isOutputUsed)
            {
                throw new UsageException("--output is given but every --format names its own file");
            }
            isGood = true;
            return result;
        }
        finally
        {
            if (!isGood)
            {
                result.Dispose();
            }
        }
    }

    /// <summary>Writes every format, then puts all files in their places.</summary>
    public void Write(Report report)
    {
        foreach ((IReportWriter writer, OutputFile? file) in _targets)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            Stream stream = file?.Stream ?? _context.StandardOutput;
            writer.Write(report, stream);
            stream.Flush();
        }
        foreach ((_, OutputFile? file) in _targets)
        {
            file?.Commit();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, OutputFile? file) in _targets)
        {
            file?.Dispose();
        }
    }

    private void Add(string format, string place, IReadOnlyList<string> imagePaths, HashSet<string> places, bool colours, bool verbose)
    {
        bool isStandardOutput = place == StandardOutputName;
        IReadOnlyList<IReportWriter> writers = isStandardOutput
            ? Catalog.ReportWriters(colours && _context.OutputIsTerminal, verbose, _context.Width)
            : Catalog.ReportWriters(verbose: verbose);
        IReportWriter writer = writers.FirstOrDefault(candidate => candidate.Format == format)
            ?? throw new UsageException("unknown format '" + format + "'; known are " + string.Join(", ", writers.Select(candidate => candidate.Format)));
        OutputFile? file = isStandardOutput ? null : OutputFile.Create(place, imagePaths);
        if (!places.Add(file?.TargetPath ?? place))
        {
            file?.Dispose();
            throw new UsageException(isStandardOutput
                ? "two formats would go to standard output; give one a file: --format " + format + "=FILE"
                : "two formats would go to '" + place + "'");
        }
        ShowsConsole |= isStandardOutput && writer is ConsoleReport;
        _targets.Add((writer, file));
    }
}
