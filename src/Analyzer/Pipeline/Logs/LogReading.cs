using Forensics.Analyzer.Evidence;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Reads the logs and histories of all hosts as streams, beside the walk where threads allow: several files at once, their results put together in the order of their paths. The
/// image must stay open until it is disposed of.
/// </summary>
internal sealed class LogReading : IDisposable
{
    // How far a thread may run ahead of the slowest file before it waits: what was read and cannot be put in order yet is memory.
    private const int Ahead = 32;

    private static readonly LogLimits s_limits = LogLimits.Default with { EventsPerKind = 4096, TextCharacters = 4L << 20 };

    private readonly ScanProfile _profile;
    private readonly ScanLimits _limits;
    private readonly string _image;
    private readonly DiagnosticCollector _diagnostics;
    private readonly CancellationToken _cancellation;
    private readonly Task<LogEvidence> _reading;
    private readonly List<(string Volume, ulong Address)> _read = [];

    public LogReading(OpenedImage image, IReadOnlyList<HostProfile> hosts, IReadOnlyDictionary<string, VolumeSetting> settings, ScanOptions options, ScanLimits limits, DiagnosticCollector diagnostics,
        CancellationToken cancellation)
    {
        _profile = options.Profile;
        _limits = limits;
        _image = image.Name;
        _diagnostics = diagnostics;
        _cancellation = cancellation;
        var sources = new List<Source>();
        foreach (OpenedVolume volume in image.Volumes.Where(volume => volume.FileSystem is not null))
        {
            string identity = volume.Volume.Identity;
            HostProfile? host = hosts.FirstOrDefault(host => host.Info.Volume == identity);
            if (host is not null)
            {
                sources.Add(new Source(identity, host.Tree, host.OwnersOfHomes, ZoneOf(host.Info.TimeZone)));
            }
            else if (settings[identity].Tree is { } tree && tree.Volume.Volume.Identity == identity)
            {
                sources.Add(new Source(identity, tree, new Dictionary<string, string> { ["/root"] = "root" }, TimeZoneInfo.Utc));
            }
        }
        int threads = Math.Max(1, options.Threads - 1);
        LogEvidence Read() => new([.. sources.Select(source => ReadOne(source, threads))]);
        _reading = options.Threads > 1 ? Task.Run(Read, CancellationToken.None) : Task.FromResult(Read());
    }

    /// <summary>What they say; waits. Throws <see cref="OperationCanceledException"/>.</summary>
    public LogEvidence Value => _reading.GetAwaiter().GetResult();

    /// <summary>Every log counts as examined that no other part of the scan looked into.</summary>
    public void Book(IReadOnlyList<VolumeWalk> walks, CoverageLedger coverage)
    {
        _ = Value;
        Dictionary<string, VolumeWalk> byVolume = walks.ToDictionary(walk => walk.Volume.Volume.Identity, StringComparer.Ordinal);
        foreach ((string volume, ulong address) in _read)
        {
            if (byVolume.TryGetValue(volume, out VolumeWalk? walk))
            {
                coverage.ReadAfterAll(walk.TakePassedOver(address));
            }
        }
    }

    /// <summary>Waits until nothing reads the image any more.</summary>
    public void Dispose() => ((IAsyncResult)_reading).AsyncWaitHandle.WaitOne();

    private HostLogs ReadOne(Source source, int threads)
    {
        IReadOnlyList<ClaimedLog> logs = LogSelection.For(_profile, new LogFiles(source.Tree, source.Owners, _diagnostics, _cancellation).Find());
        var gathering = new LogGathering(source.Volume);
        var done = new LogSink?[logs.Count];
        var isDone = new bool[logs.Count];
        int next = 0;
        object gate = new();
        Threads.For(logs.Count, threads, i =>
        {
            lock (gate)
            {
                while (i > next + Ahead)
                {
                    _cancellation.ThrowIfCancellationRequested();
                    Monitor.Wait(gate, TimeSpan.FromMilliseconds(200));
                }
            }
            LogSink? sink = logs[i] is { PassedOver: null, Content: not null } ? Read(logs[i], source) : null;
            lock (gate)
            {
                done[i] = sink;
                isDone[i] = true;
                for (; next < logs.Count && isDone[next]; next++)
                {
                    Commit(logs[next], done[next], gathering);
                    done[next] = null;
                }
                Monitor.PulseAll(gate);
            }
        });
        return gathering.Finish();
    }

    private void Commit(ClaimedLog log, LogSink? sink, LogGathering gathering)
    {
        gathering.Take(new LogFileFacts(Place(log), log.File.File, log.Parser.Name) { LinkTarget = log.LinkTarget, Owner = log.Owner, NotReadBecause = log.PassedOver }, sink, _diagnostics);
        if (sink is not null)
        {
            _read.Add((log.Content!.Volume.Volume.Identity, log.Content.File.MetadataAddress));
        }
    }

    private LogSink Read(ClaimedLog log, Source source)
    {
        var sink = new LogSink();
        TreeFile file = log.Content!;
        try
        {
            log.Parser.Read(new LogInput(Place(log), file.File, file.FileSystem.OpenContent(file.File))
            {
                Limits = _limits, LogLimits = s_limits, Zone = source.Zone, Owner = log.Owner, Unpacker = LogUnpacking.Open, Cancellation = _cancellation,
            }, sink);
        }
        catch (ForensicException exception)
        {
            sink.Failure = exception.Message;
            sink.Report(new Diagnostic(exception.Code, exception.Message) { Path = log.Path, MetadataAddress = file.File.MetadataAddress, LosesContent = true });
        }
        return sink;
    }

    private EvidenceLocation Place(ClaimedLog log) =>
        new(_image, log.File.Volume.Volume.Identity, log.File.Volume.Volume.Offset, log.Path, log.File.File.MetadataAddress);

    /// <summary>The zone of the host where this machine knows it by that name; the name comes from the image, so nothing but a plain name is asked for.</summary>
    private static TimeZoneInfo ZoneOf(string? name) =>
        name is { Length: > 0 and < 64 } && char.IsAsciiLetter(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '_' or '-' or '+') && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone)
            ? zone : TimeZoneInfo.Utc;

    private sealed record Source(string Volume, ImageTree Tree, IReadOnlyDictionary<string, string> Owners, TimeZoneInfo Zone);
}
