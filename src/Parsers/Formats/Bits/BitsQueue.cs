using System.Text;
using Forensics.Parsers.Bytes;

namespace Forensics.Parsers.Formats.Bits;

/// <summary>A file that a BITS job transfers.</summary>
/// <param name="LocalName">Where it goes (or comes from, when the job uploads).</param>
/// <param name="RemoteName">Address.</param>
/// <param name="TemporaryName">Name while it is transferred.</param>
public sealed record BitsFile(string LocalName, string RemoteName, string? TemporaryName)
{
    /// <summary>GUID by which a job of Windows 10 knows it; null when it is not known.</summary>
    public Guid? Id { get; init; }
    /// <summary>Byte offset.</summary>
    public long Offset { get; init; }
}

/// <summary>A job of the Background Intelligent Transfer Service.</summary>
/// <param name="Id">GUID.</param>
/// <param name="DisplayName">Name.</param>
public sealed record BitsJobRecord(Guid Id, string DisplayName)
{
    /// <summary>0 download, 1 upload, 2 upload with a reply.</summary>
    public uint Type { get; init; }
    /// <summary>0 foreground, 1 high, 2 normal, 3 low.</summary>
    public uint Priority { get; init; }
    /// <summary>0 queued, 1 connecting, 2 transferring, 3 suspended, 4 error, 5 transient error, 6 transferred, 7 acknowledged, 8 cancelled.</summary>
    public uint State { get; init; }
    /// <summary>Description.</summary>
    public string? Description { get; init; }
    /// <summary>Program started when the job ends or fails.</summary>
    public string? NotifyProgram { get; init; }
    /// <summary>Its command line.</summary>
    public string? NotifyParameters { get; init; }
    /// <summary>SID of the owner.</summary>
    public string? Owner { get; init; }
    /// <summary>Files.</summary>
    public IReadOnlyList<BitsFile> Files { get; init; } = [];
    /// <summary>When it was created; null when what follows the files is not as known.</summary>
    public Timestamp? Created { get; init; }
    /// <summary>When it was changed last.</summary>
    public Timestamp? Modified { get; init; }
    /// <summary>Byte offset.</summary>
    public long Offset { get; init; }
}

/// <summary>What a queue of BITS holds.</summary>
/// <param name="Jobs">Jobs.</param>
/// <param name="LooseFiles">Files of no job that was found.</param>
/// <param name="IsCarved">The file is a database (<c>qmgr.db</c>) that was searched for records, not read by its tables: records may be those of jobs that are gone.</param>
public sealed record BitsQueueContent(IReadOnlyList<BitsJobRecord> Jobs, IReadOnlyList<BitsFile> LooseFiles, bool IsCarved);

/// <summary>
/// Queue of the Background Intelligent Transfer Service: <c>qmgr0.dat</c>, <c>qmgr1.dat</c> (to Windows 8.1), and the same records carved from <c>qmgr.db</c> (Windows 10 and later, an ESE database).
/// Sources: https://github.com/ANSSI-FR/bits_parser and https://github.com/fireeye/BitsParser.
/// </summary>
/// <remarks>
/// Records begin with a GUID that names their version. Limitations: the database is not read by its tables, so a record that lies in several pieces is lost and one of a job that is gone is still found; errors and
/// access tokens are passed over; 65,536 records.
/// </remarks>
public static class BitsQueue
{
    private const int MaximumRecords = 65_536;
    private const int MaximumText = 32_768;
    private const int MaximumToken = 65_536;
    private const int MarkerSize = 16;

    private static readonly byte[] s_database = [0xEF, 0xCD, 0xAB, 0x89];
    private static readonly byte[] s_transfer = Convert.FromHexString("36DA56776F515A43ACAC44A248FFF34D");
    private static readonly byte[] s_file = Convert.FromHexString("E4CF9E5146D99743B73E268513051AB2");

    private static readonly byte[][] s_jobs =
    [
        .. new[]
        {
            "93362035A00C104A84F3B17E7B499CD7", "101370C83653B34183E581557F361B87", "8C93EA64030F6840B46FF97FE51D4DCD", "B346ED3D3B10F944BC2FE8378BD31986",
            "A15609E143AFC94292E66F9856EBA7F6", "9F95D44C6470F24B84D7476A7E62699F", "F11926A93203BF4C9427898818958831", "C133BCDDFB5AAF4DB8A12268B39D01AD",
            "D057568F2C013E4EAD2CF4A5D7656FAF", "5067419457031D46A4CC5DD9990706E4",
        }.Select(Convert.FromHexString),
    ];

    /// <summary>Finds the records; never throws.</summary>
    public static BitsQueueContent Parse(ReadOnlySpan<byte> file)
    {
        var view = new FieldView(file, "bits");
        List<(int At, bool IsFile)> marks = Marks(file);
        var jobs = new List<(BitsJobRecord Job, HashSet<Guid> Files)>();
        var files = new List<BitsFile>();
        for (int i = 0; i < marks.Count && jobs.Count + files.Count < MaximumRecords; i++)
        {
            (int at, bool isFile) = marks[i];
            // No record holds the mark of another.
            FieldView before = view.View(0, i + 1 < marks.Count ? marks[i + 1].At : file.Length);
            if (isFile)
            {
                long position = at + MarkerSize;
                if (File(before, ref position) is { } record)
                {
                    // What a record of the database holds before the value: its key, and six bytes of layout.
                    Guid? id = at >= 22 && view.U16(at - 4) == 0x0401 ? view.Guid(at - 22) : null;
                    files.Add(record with { Id = id, Offset = at });
                }
                continue;
            }
            if (Job(before, at, out HashSet<Guid> ids) is { } job)
            {
                jobs.Add((job, ids));
            }
        }
        return Joined(jobs, files, file.Length > 8 && file[4..8].SequenceEqual(s_database));
    }

    private static BitsQueueContent Joined(List<(BitsJobRecord Job, HashSet<Guid> Files)> jobs, List<BitsFile> files, bool isDatabase)
    {
        var byId = new Dictionary<Guid, BitsFile>();
        foreach (BitsFile file in files)
        {
            if (file.Id is { } id)
            {
                byId[id] = file;
            }
        }
        var taken = new HashSet<BitsFile>(ReferenceEqualityComparer.Instance);
        var joined = new List<BitsJobRecord>();
        foreach ((BitsJobRecord job, HashSet<Guid> ids) in jobs)
        {
            BitsFile[] own = [.. ids.Select(id => byId.GetValueOrDefault(id)).OfType<BitsFile>()];
            taken.UnionWith(own);
            BitsJobRecord whole = own.Length == 0 ? job : job with { Files = [.. job.Files, .. own] };
            // The service writes a job again whenever its state changes: of copies that differ in that alone the last is kept.
            int before = joined.FindIndex(Math.Max(0, joined.Count - 64), other => other.Id == whole.Id && other.NotifyProgram == whole.NotifyProgram && other.NotifyParameters == whole.NotifyParameters);
            if (before >= 0)
            {
                joined[before] = whole;
            }
            else
            {
                joined.Add(whole);
            }
        }
        IEnumerable<BitsFile> loose = files.Where(file => !taken.Contains(file)).DistinctBy(file => (file.LocalName, file.RemoteName));
        return new BitsQueueContent(joined, [.. loose], isDatabase);
    }

    private static List<(int At, bool IsFile)> Marks(ReadOnlySpan<byte> file)
    {
        var marks = new List<(int At, bool IsFile)>();
        foreach (byte[] marker in (byte[][])[.. s_jobs, s_file])
        {
            for (int at = 0; marks.Count < MaximumRecords * 2;)
            {
                int next = file[at..].IndexOf(marker);
                if (next < 0)
                {
                    break;
                }
                marks.Add((at + next, ReferenceEquals(marker, s_file)));
                at += next + MarkerSize;
            }
        }
        marks.Sort();
        return marks;
    }

    private static BitsJobRecord? Job(FieldView view, int at, out HashSet<Guid> ids)
    {
        ids = [];
        long position = at + MarkerSize;
        if (!view.Has(position, 32) || view.U32(position) > 2 || view.U32(position + 4) > 3 || view.U32(position + 8) > 8)
        {
            return null;
        }
        long texts = position + 32;
        if (Text(view, ref texts) is not { } name || Text(view, ref texts) is not { } description || Text(view, ref texts) is not { } program
            || Text(view, ref texts) is not { } parameters || Text(view, ref texts) is not { } owner || !owner.StartsWith("S-1-", StringComparison.Ordinal))
        {
            return null;
        }
        var job = new BitsJobRecord(view.Guid(position + 16), name)
        {
            Type = view.U32(position), Priority = view.U32(position + 4), State = view.U32(position + 8), Offset = at,
            Description = NotEmpty(description), NotifyProgram = NotEmpty(program), NotifyParameters = NotEmpty(parameters), Owner = owner,
        };
        // Flags and the access token follow, then the files between two marks.
        int transfer = view.Slice(texts, MaximumToken).IndexOf(s_transfer);
        return transfer < 0 ? job : Transfers(view, texts + transfer + MarkerSize, job, ids);
    }

    private static BitsJobRecord Transfers(FieldView view, long at, BitsJobRecord job, HashSet<Guid> ids)
    {
        if (!view.Has(at, 4))
        {
            return job;
        }
        uint count = Math.Min(view.U32(at), MaximumRecords);
        long position = at + 4;
        // Since Windows 10 there are only GUIDs here.
        if (view.Has(position + count * 16L, MarkerSize) && view.Slice(position + count * 16L, MarkerSize).SequenceEqual(s_transfer))
        {
            for (uint i = 0; i < count; i++)
            {
                ids.Add(view.Guid(position + i * 16L));
            }
            return Dated(view, position + count * 16L + MarkerSize, job);
        }
        var files = new List<BitsFile>();
        for (uint i = 0; i < count && File(view, ref position) is { } file; i++)
        {
            files.Add(file with { Offset = position });
            // Behind the sizes, one byte and two texts stands what differs between versions: the next file begins with a path.
            position += 17;
            if (Text(view, ref position) is null || Text(view, ref position) is null)
            {
                break;
            }
            position = NextFile(view, position);
        }
        return job with { Files = files };
    }

    private static long NextFile(FieldView view, long position)
    {
        for (long at = position; at < position + 256; at++)
        {
            long next = at;
            if (view.Has(at, 10) && view.U32(at) is > 3 and < 1024 && view.U16(at + 6) is ':' or '\\' && Text(view, ref next) is not null)
            {
                return at;
            }
        }
        return position;
    }

    /// <summary>Behind the errors, of 25 or 21 bytes: twelve bytes, creation, change.</summary>
    private static BitsJobRecord Dated(FieldView view, long at, BitsJobRecord job)
    {
        if (!view.Has(at, 4))
        {
            return job;
        }
        long errors = Math.Min(view.U32(at), 4096);
        foreach (int size in (int[])[25, 21])
        {
            long times = at + 4 + errors * size + 12;
            if (view.Has(times, 16) && IsOfOurTime(view.U64(times)) && IsOfOurTime(view.U64(times + 8)))
            {
                return job with { Created = view.FileTime(times), Modified = view.FileTime(times + 8) };
            }
        }
        return job;
    }

    private static bool IsOfOurTime(ulong ticks) => ticks is > 116_444_736_000_000_000 and < 157_469_184_000_000_000;

    private static BitsFile? File(FieldView view, ref long position)
    {
        return Text(view, ref position) is { Length: > 0 } local && Text(view, ref position) is { Length: > 0 } remote && Text(view, ref position) is { } temporary
            ? new BitsFile(local, remote, NotEmpty(temporary)) : null;
    }

    /// <summary>A count of characters, the zero at the end included, and the characters; null when it is none.</summary>
    private static string? Text(FieldView view, ref long position)
    {
        if (!view.Has(position, 4) || view.U32(position) is var count && (count > MaximumText || !view.Has(position + 4, count * 2L)))
        {
            return null;
        }
        ReadOnlySpan<byte> bytes = view.Slice(position + 4, count * 2L);
        position += 4 + count * 2L;
        string text = Encoding.Unicode.GetString(bytes);
        if (text.Length == 0)
        {
            return text;
        }
        return text[^1] == '\0' && text.AsSpan(0, text.Length - 1).IndexOfAnyInRange('\0', '\b') < 0 ? text[..^1] : null;
    }

    private static string? NotEmpty(string text) => text.Length == 0 ? null : text;
}
