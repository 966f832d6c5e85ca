using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads the spool of <c>at</c>: the name holds queue, number and due time, a header owner and environment of whoever gave the job, then a <c>cd</c>, then the job itself, on newer
/// releases in a here-document for the user's shell. See at(1), atd(8) and atd.c of at 3.
/// </summary>
/// <remarks>
/// <b>Limitations</b>: the values of the environment are kept as written, quotes and backslashes in; a job whose header somebody else than at wrote is taken whole as payload.
/// </remarks>
public sealed class AtJobParser : ArtifactParser
{
    private const int MaximumVariables = 256;
    private const int MaximumValue = 4096;

    /// <inheritdoc/>
    public override string Name => "linux/at-job";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/var/spool/cron/atjobs/*", "/var/spool/at/*", "/var/spool/atjobs/*", "/var/spool/at/jobs/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        // The last number given out, and atd's lock; no jobs.
        if (input.Content.IsEmpty || name is ".SEQ" or ".lockfile")
        {
            return;
        }
        AtJob job = Named(new AtJob(input.Location) { Payload = "", OwnerId = input.Entry.UserId }, name);
        job = Read(job, input, sink);
        sink.Add(job with { DormantBecause = DormantBecause(job, input.Entry) });
    }

    private static AtJob Named(AtJob job, string name)
    {
        if (name.Length != 14 || !(char.IsAsciiLetter(name[0]) || name[0] == '=')
            || !int.TryParse(name.AsSpan(1, 5), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number)
            || !uint.TryParse(name.AsSpan(6), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint minutes))
        {
            return job;
        }
        return job with { Queue = name[..1], Number = number, Due = new Timestamp(minutes * 60L, 0) };
    }

    private static string? DormantBecause(AtJob job, FileEntry entry)
    {
        if (job.Number is null)
        {
            return "atd skips files whose name is no job name";
        }
        if (job.Queue == "=")
        {
            return "atd has started the job and not put it back";
        }
        if ((entry.Permissions & 0x40) == 0)
        {
            return "the owner's x bit is missing: at has not finished writing the job";
        }
        if (job.UserId is not uint user)
        {
            return "atd refuses a job without its header";
        }
        if (user != entry.UserId)
        {
            return string.Create(CultureInfo.InvariantCulture, $"atd refuses the job: the header says user {user}, the file belongs to {entry.UserId}");
        }
        return entry.LinkCount > 1 ? string.Create(CultureInfo.InvariantCulture, $"atd refuses a job with {entry.LinkCount} hard links") : null;
    }

    private static AtJob Read(AtJob job, ArtifactInput input, IArtifactSink sink)
    {
        var environment = new List<string>();
        var payload = new StringBuilder();
        string? delimiter = null;
        bool isInHeader = true;
        bool isInBlock = false;
        bool isCut = input.IsTruncated;
        foreach (TextLine line in TextLines.Read(input.Content, input.Limits))
        {
            string text = line.Text;
            if (isInHeader)
            {
                (job, isInHeader, isInBlock) = Header(job, text, isInBlock, environment);
                if (isInHeader)
                {
                    continue;
                }
                // What follows the cd block on newer releases: the user's shell, told to read on to a delimiter nobody guesses.
                if (HereDocument(text) is { } found)
                {
                    delimiter = found;
                    continue;
                }
            }
            if (delimiter is not null && text == delimiter)
            {
                break;
            }
            if (payload.Length == 0 && (text.Length == 0 || (delimiter is null && HereDocument(text) is not null)))
            {
                delimiter ??= HereDocument(text);
                continue;
            }
            if (payload.Length == 0)
            {
                job = job with { PayloadLine = line.Number, PayloadOffset = line.ByteOffset };
            }
            isCut |= line.IsCut;
            if (payload.Length + text.Length > input.Limits.LineBytes)
            {
                payload.Append(text.AsSpan(0, Math.Max(0, input.Limits.LineBytes - payload.Length)));
                isCut = true;
                break;
            }
            payload.Append(text).Append('\n');
        }
        if (isCut)
        {
            sink.Report(new Diagnostic("at.job.long", "the job is longer than the limit; its end was not read") { LosesContent = true });
        }
        return job with { Environment = environment, Payload = payload.ToString().TrimEnd('\n') };
    }

    /// <summary>One line of the header; false as second when the header ended before it.</summary>
    private static (AtJob Job, bool IsInHeader, bool IsInBlock) Header(AtJob job, string text, bool isInBlock, List<string> environment)
    {
        string trimmed = text.Trim();
        if (isInBlock)
        {
            // cd DIR || {  echo ...  exit 1  }
            return (job, true, trimmed is not "}");
        }
        if (text.StartsWith("# atrun uid=", StringComparison.Ordinal))
        {
            string digits = new([.. text.AsSpan(12).ToString().TakeWhile(char.IsAsciiDigit)]);
            return (uint.TryParse(digits, CultureInfo.InvariantCulture, out uint user) ? job with { UserId = user } : job, true, false);
        }
        if (text.StartsWith("# mail ", StringComparison.Ordinal))
        {
            return (job with { MailTo = text[7..].Trim().Split(' ')[0] }, true, false);
        }
        if (text.StartsWith('#') || text.StartsWith("umask ", StringComparison.Ordinal) || trimmed.Length == 0)
        {
            return (job, true, false);
        }
        if (text.StartsWith("cd ", StringComparison.Ordinal) && job.WorkingDirectory is null)
        {
            int or = text.IndexOf(" || {", StringComparison.Ordinal);
            if (or > 0)
            {
                return (job with { WorkingDirectory = Unescape(text[3..or]) }, true, true);
            }
        }
        int export = text.LastIndexOf("; export ", StringComparison.Ordinal);
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0 && export > equals && text.AsSpan(export + 9).TrimEnd().SequenceEqual(text.AsSpan(0, equals)))
        {
            if (environment.Count < MaximumVariables)
            {
                environment.Add(text[..(equals + 1)] + Unescape(text[(equals + 1)..Math.Min(export, equals + 1 + MaximumValue)]));
            }
            return (job, true, false);
        }
        return (job, false, false);
    }

    private static string? HereDocument(string text)
    {
        const string Marker = "<< 'marcinDELIMITER";
        int at = text.IndexOf(Marker, StringComparison.Ordinal);
        int end = at < 0 ? -1 : text.IndexOf('\'', at + Marker.Length);
        return end < 0 ? null : text[(at + 4)..end];
    }

    /// <summary>at puts a backslash before every sign a shell could take for its own.</summary>
    private static string Unescape(string value)
    {
        if (!value.Contains('\\'))
        {
            return value.Trim('"');
        }
        var text = new StringBuilder(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
            {
                i++;
            }
            text.Append(value[i]);
        }
        return text.ToString();
    }
}
