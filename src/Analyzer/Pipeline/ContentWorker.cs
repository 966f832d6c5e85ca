using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Yara;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// Does jobs on one thread: reads each content once into a reused buffer and hands it to the hasher, the examiners and the parsers. Owns everything it changes.
/// </summary>
internal sealed class ContentWorker : IDisposable
{
    private const int FirstBufferBytes = 1 << 20;
    private const int MaximumConfigurationBytes = 256 << 10;
    private const int StreamBytes = 4 << 20;
    private const long MaximumHashedBytes = 8L << 30;

    private readonly ContentPlan _plan;
    private readonly ContentHasher _hasher;
    private readonly IReadOnlyList<Examiner> _examiners;
    private readonly Sink _sink;
    private bool _isForSettingsOnly;
    private bool _wasParsed;
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(FirstBufferBytes);

    public ContentWorker(ContentPlan plan)
    {
        _plan = plan;
        _hasher = new ContentHasher(plan.Digests());
        _examiners = plan.CreateExaminers();
        _sink = new Sink(plan);
    }

    /// <summary>Content bytes read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>
    /// Does one job: sets its results and books its names. False when its content is wanted but too large for the worker's own buffer; then
    /// <see cref="DoLarge"/> does it when there is memory.
    /// </summary>
    public bool TryDo(ContentJob job) => Do(job, null);

    /// <summary>Does a job whose content fits exactly into <paramref name="memory"/>.</summary>
    public void DoLarge(ContentJob job, ScanBuffer memory) => Do(job, memory);

    private bool Do(ContentJob job, ScanBuffer? memory)
    {
        _sink.Start(job);
        _wasParsed = false;
        try
        {
            if (!Examine(job, memory))
            {
                return false;
            }
        }
        catch (UnsupportedFeatureException exception)
        {
            Fail(job, job.Entry.IsEncrypted ? CoverageLedger.Encrypted : exception.Message, exception);
        }
        catch (ForensicException exception)
        {
            Fail(job, CoverageLedger.Unreadable, exception);
        }
        job.Results = _sink.Finish();
        return true;
    }

    public void Dispose()
    {
        _hasher.Dispose();
        foreach (Examiner examiner in _examiners)
        {
            examiner.Dispose();
        }
    }

    private bool Examine(ContentJob job, ScanBuffer? memory)
    {
        if (OwnedClaims.LeavesOut(_plan, job))
        {
            Book(job, CoverageLedger.NotInProfile, isLoss: false);
            job.WasOutsideProfile = true;
            return true;
        }
        FileEntry entry = job.Entry;
        if (job.Stream is null && entry.ContentMissingBecause is { } missing)
        {
            // What only the cloud has, nobody could look at here; what lies on the disk in a form that is not read is a loss.
            Book(job, CoverageLedger.ContentElsewhere(missing), isLoss: !CoverageLedger.IsOffline(entry));
            return true;
        }
        IByteSource source = job.Volume.FileSystem!.OpenContent(entry, job.Stream?.Name);
        long length = source.Length;
        Span<byte> head = _buffer.AsSpan(0, (int)Math.Min(length, ContentClassifier.HeadBytes));
        int headLength = source.ReadUpTo(0, head);
        ContentKind kind = ContentClassifier.Classify(head[..headLength], length);
        if (job.Stream is not null && (kind == ContentKind.Text || head[..headLength].StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])) && StreamNames.IsScript(job.Stream.Name, head[..headLength]))
        {
            kind = ContentKind.Script;
        }
        bool wanted = job.IsWanted || job.StartedBy is not null || ExaminationScope.WantsByContent(job.IsPeeked ? ScanProfile.Standard : _plan.Profile, kind);
        // Text that may be the settings of a miner is looked at for that alone: what else it says, the profile did not ask for.
        _isForSettingsOnly = !wanted && job.Claims is null && kind is ContentKind.Text or ContentKind.Binary && length <= MaximumConfigurationBytes && MinerConfigurationReader.MayBe(head[..headLength]);
        if (!wanted && !_isForSettingsOnly && job.Claims is null)
        {
            Book(job, CoverageLedger.NotInProfile, isLoss: false);
            job.WasOutsideProfile = true;
            return true;
        }
        if (length > MaximumHashedBytes || job.IsBeyondAllowance)
        {
            Report(job, "scan.too-large", job.IsBeyondAllowance
                ? "the files of this volume claim far more content than it stores; this one, among the largest, was not examined"
                : "content is larger than the limit and was not examined", length);
            Book(job, CoverageLedger.TooLarge, isLoss: true);
            return true;
        }
        if (!wanted && job.IsReadForwardOnly)
        {
            // An archive of hundreds of MiB: its own parser is all that wants it, and holds a little of it at a time.
            ParseAll(job, default, source, default);
            BytesRead += length;
            Keep(job, kind, null, null);
            Book(job, null, isLoss: false);
            return true;
        }
        if (length is > ContentBuffers.OrdinaryBytes and <= ContentBuffers.MaximumBytes && memory is null)
        {
            job.LargeLength = (int)length;
            return false;
        }
        string? interpreter = ContentClassifier.Interpreter(head[..headLength]);
        ContentDigests digests;
        if (length <= ContentBuffers.MaximumBytes)
        {
            Memory<byte> buffer = memory?.Memory ?? Ordinary((int)length).AsMemory(0, (int)length);
            head[..headLength].CopyTo(buffer.Span);
            int count = headLength < head.Length ? headLength : headLength + source.ReadUpTo(headLength, buffer.Span[headLength..]);
            BytesRead += count;
            _hasher.Append(buffer.Span[..count]);
            digests = _hasher.Finish();
            LookInside(job, kind, buffer[..count], source, digests);
        }
        else
        {
            digests = Stream(job, source, length);
        }
        Keep(job, kind, interpreter, digests.ToHashes());
        Book(job, null, isLoss: false);
        return true;
    }

    private byte[] Ordinary(int length)
    {
        if (_buffer.Length < length)
        {
            _buffer = GC.AllocateUninitializedArray<byte>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
        }
        return _buffer;
    }

    private void LookInside(ContentJob job, ContentKind kind, ReadOnlyMemory<byte> bytes, IByteSource source, in ContentDigests digests)
    {
        FileHashes hashes = digests.ToHashes();
        var content = new ExaminedContent
        {
            Location = Location(job, job.Path), Entry = job.Entry, Kind = kind, Bytes = bytes.Span, Md5 = hashes.Md5 ?? "", StartedBy = job.StartedBy, RunsWith = job.RunsWith,
        };
        // What a manifest says of a file is not about its streams.
        bool isConfirmed = job.Stream is null && _plan.Trusted?.Confirm(content.Location, digests) == true;
        foreach (Examiner examiner in _examiners)
        {
            try
            {
                if ((!_isForSettingsOnly || examiner is MinerConfigurationExaminer) && examiner.Wants(content))
                {
                    if (isConfirmed && examiner is YaraExaminer)
                    {
                        // What the trusted image held needs no search; that it was left out is said.
                        NoteConfirmed(job);
                        continue;
                    }
                    examiner.Examine(content, _sink);
                }
            }
            catch (ForensicException exception)
            {
                Report(job, exception.Code, examiner.Name + ": " + exception.Message, null);
            }
        }
        _plan.MatchHashes(digests, content.Location, _sink);
        ParseAll(job, bytes, source, digests);
    }

    private void ParseAll(ContentJob job, ReadOnlyMemory<byte> bytes, IByteSource source, in ContentDigests digests, bool readsSourceOnly = false)
    {
        foreach (PathClaim claim in job.Claims ?? [])
        {
            Parse(job, claim, bytes, source, digests, readsSourceOnly);
        }
    }

    private void NoteConfirmed(ContentJob job)
    {
        if (!job.IsNotedAsConfirmed)
        {
            job.IsNotedAsConfirmed = true;
            _plan.Coverage.Note("confirmed by the trusted manifest, not searched by YARA");
        }
    }

    private void Parse(ContentJob job, PathClaim claim, ReadOnlyMemory<byte> bytes, IByteSource source, in ContentDigests digests, bool readsSourceOnly)
    {
        bool truncated = bytes.Length > _plan.Limits.ArtifactBytes;
        var input = new ArtifactInput(Location(job, claim.Path), job.Entry, truncated ? bytes[.._plan.Limits.ArtifactBytes] : bytes)
        {
            IsTruncated = truncated, Limits = _plan.Limits, Siblings = SiblingFiles.Of(job.Volume, OwnPath(job, claim.Path), _plan),
        };
        IArtifactSink sink = job.Stream is null ? JournalLines.Before(_sink, job.Volume, input, OwnPath(job, claim.Path)) : _sink;
        foreach (ArtifactParser parser in claim.Parsers)
        {
            if (!parser.Accepts(FileType.Regular) || (readsSourceOnly && !parser.ReadsSource) || OwnedClaims.SaysNothingNew(_plan, job, parser, claim.Path, digests))
            {
                continue;
            }
            if (truncated && !parser.ReadsSource)
            {
                Report(job, "artifact.truncated", parser.Name + ": only the beginning of the file was parsed", bytes.Length, losesContent: true);
            }
            _wasParsed = true;
            try
            {
                parser.Parse(parser.ReadsSource ? input with { Content = default, IsTruncated = false, Source = source, Cancellation = _plan.Cancellation } : input, sink);
            }
            catch (ForensicException exception)
            {
                Report(job, exception.Code, parser.Name + ": " + exception.Message, null, losesContent: true);
            }
        }
    }

    private ContentDigests Stream(ContentJob job, IByteSource source, long length)
    {
        Span<byte> block = Ordinary(StreamBytes).AsSpan(0, StreamBytes);
        long offset = 0;
        while (offset < length)
        {
            _plan.Cancellation.ThrowIfCancellationRequested();
            int count = source.ReadUpTo(offset, block);
            if (count == 0)
            {
                break;
            }
            _hasher.Append(block[..count]);
            offset += count;
        }
        BytesRead += offset;
        ContentDigests digests = _hasher.Finish();
        _plan.MatchHashes(digests, Location(job, job.Path), _sink);
        ParseAll(job, default, source, digests, readsSourceOnly: true);
        Report(job, "scan.not-searched", "content is larger than the memory limit: hashed, but not searched by YARA and not parsed", length, losesContent: true);
        _plan.Coverage.Incomplete("content larger than 128 MiB was hashed but not searched");
        return digests;
    }

    /// <summary>Facts are kept of what a detector or a link may ask about; plain data that nobody points at is only counted.</summary>
    private void Keep(ContentJob job, ContentKind kind, string? interpreter, FileHashes? hashes)
    {
        bool program = kind is ContentKind.ElfExecutable or ContentKind.ElfSharedObject or ContentKind.ElfOther or ContentKind.Pe or ContentKind.Script;
        if (job.Stream is { } stream)
        {
            if (program || _sink.HasFindings || job.IsNotable)
            {
                _sink.Add(new StreamFacts(Location(job, job.Path), job.Entry) { Size = stream.Size, Content = kind, Interpreter = interpreter, Hashes = hashes, IsOrdinaryName = StreamNames.IsOrdinary(stream.Name) });
            }
            return;
        }
        if (program || _wasParsed || job.StartedBy is not null || job.Deleted is not null || _sink.HasFindings || ExaminationScope.IsOddPlace(job.Path, job.Entry) || job.IsNotable)
        {
            _sink.Add(new FileFacts(Location(job, job.Path), job.Entry)
            {
                Content = kind, Interpreter = interpreter, Hashes = hashes, Capabilities = job.Capabilities, OtherPaths = job.OtherPaths ?? (IReadOnlyList<string>)[],
            });
        }
    }

    private void Fail(ContentJob job, string reason, ForensicException exception)
    {
        Report(job, exception.Code, exception.Message, null);
        Book(job, reason, isLoss: true);
    }

    private void Book(ContentJob job, string? skipReason, bool isLoss)
    {
        if (job.WasOutsideProfile)
        {
            // The walk booked it as not in the profile; a link turns that into what it became.
            if (skipReason != CoverageLedger.NotInProfile)
            {
                job.WasOutsideProfile = false;
                job.IsBooked = true;
                job.SkippedBecause = skipReason;
                _plan.Coverage.Rebook(CoverageLedger.NotInProfile, skipReason, job.NameCount, isLoss);
            }
            return;
        }
        if (job.IsBooked)
        {
            return;
        }
        job.IsBooked = true;
        job.SkippedBecause = skipReason;
        for (int i = 0; i < job.NameCount; i++)
        {
            if (skipReason is null)
            {
                _plan.Coverage.Examine();
            }
            else
            {
                _plan.Coverage.Skip(skipReason, isLoss);
            }
        }
    }

    private void Report(ContentJob job, string code, string message, long? actual, bool losesContent = false) =>
        _plan.Diagnostics.Report(new Diagnostic(code, message)
        {
            Volume = job.Volume.Volume.Identity, Path = job.DisplayPath, MetadataAddress = job.Entry.MetadataAddress,
            Actual = actual?.ToString(System.Globalization.CultureInfo.InvariantCulture), LosesContent = losesContent,
        });

    private EvidenceLocation Location(ContentJob job, string path) => job.Deleted
        ?? (job.Stream is null ? EntryLocation.Of(_plan, job.Volume, path, OwnPath(job, path), job.Entry) : EntryLocation.Of(_plan, job.Volume, path, path, job.Entry) with { Stream = job.Stream.Name });

    /// <summary>A claimed path may be that of a link; what the journal did is asked about the file itself.</summary>
    private static string OwnPath(ContentJob job, string path) => path == job.Path || job.OtherPaths?.Contains(path) == true ? path : job.Path;

    private sealed class Sink(ContentPlan plan) : IExaminationSink, IArtifactSink
    {
        private List<Artifact>? _artifacts;
        private ContentJob? _job;

        public bool HasFindings => _artifacts is { Count: > 0 };

        public void Start(ContentJob job)
        {
            _job = job;
            _artifacts = null;
        }

        public List<Artifact>? Finish() => _artifacts;

        public void Add(Artifact artifact)
        {
            _artifacts ??= [];
            // What the file itself is must not be lost to a file that states more than it may.
            if (_artifacts.Count < plan.Limits.ArtifactsPerFile || artifact is FileFacts or StreamFacts)
            {
                _artifacts.Add(artifact);
            }
            else if (_artifacts.Count == plan.Limits.ArtifactsPerFile)
            {
                throw new LimitExceededException("artifacts of one file", plan.Limits.ArtifactsPerFile);
            }
        }

        public void Report(Diagnostic diagnostic) => plan.Diagnostics.Report(diagnostic with
        {
            Volume = diagnostic.Volume ?? _job!.Volume.Volume.Identity, Path = diagnostic.Path ?? _job!.DisplayPath,
            MetadataAddress = diagnostic.MetadataAddress ?? _job!.Entry.MetadataAddress,
        });

        public void Incomplete(string reason) => plan.Coverage.Incomplete(reason);
    }
}
