using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>
/// Walks an archive once: keeps the members that matter, copies those that are images and cannot be read where they lie into temporary files while they pass, and remembers enough of
/// the others to say what the archive holds.
/// </summary>
internal sealed class MemberListing(IArchive archive, DiskRecogniser recognise, ParseContext context)
{
    /// <summary>Smaller members are no images and no parts of any.</summary>
    private const int SmallestContainer = 512;
    private const int SmallestDisk = 16 << 10;
    private const int SmallestPart = 64 << 10;
    private const int MaxKept = 100_000;
    private const int MaxShown = 8;
    private const int MaxFailures = 100;
    private const int LongestShown = 80;
    private const long LongestDescriptor = 4 << 20;

    private readonly List<string> _shown = [];

    /// <summary>Members that may be images or parts of them, in order.</summary>
    public List<ArchiveMember> Members { get; } = [];

    /// <summary>The descriptor of an OVA; null when there is none.</summary>
    public byte[]? OvfDescriptor { get; private set; }

    /// <summary>Number of regular members.</summary>
    public int Files { get; private set; }

    /// <summary>Bytes of all regular members.</summary>
    public long Bytes { get; private set; }

    /// <summary>Walks the archive. Throws when it cannot be read on.</summary>
    public void Read()
    {
        int index = 0;
        foreach (ArchiveEntry entry in archive.Entries())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            if (index >= context.Limits.ArchiveMembers)
            {
                context.Diagnostics.Report(new Diagnostic("archive.members.limit", string.Create(CultureInfo.InvariantCulture,
                    $"the archive has more than {index} members; the rest is not looked at")) { LosesContent = true });
                break;
            }
            if (_shown.Count < MaxShown)
            {
                _shown.Add(entry.Name.Length > LongestShown ? entry.Name[..LongestShown] + "..." : entry.Name);
            }
            if (entry.Kind == ArchiveEntryKind.Regular)
            {
                Files++;
                Bytes = Bytes <= long.MaxValue - entry.Length ? Bytes + entry.Length : long.MaxValue;
                TakeOrReport(entry, index);
            }
            index++;
        }
        Total = index;
    }

    /// <summary>Number of members of every kind.</summary>
    public int Total { get; private set; }

    /// <summary>What the archive holds, for a refusal.</summary>
    public string Describe() => Total == 0 ? "nothing" : string.Create(CultureInfo.InvariantCulture,
        $"{string.Join(", ", _shown.Select(name => "'" + name + "'"))}{(Total > _shown.Count ? ", ..." : "")} ({Files} files, {Bytes} bytes)");

    /// <summary>The content of a member that was passed over, by walking the archive again.</summary>
    public IByteSource Decode(ArchiveMember member)
    {
        int index = 0;
        foreach (ArchiveEntry entry in archive.Entries())
        {
            if (index++ == member.Index)
            {
                using ForwardReader reader = entry.OpenReader();
                return Copy(entry, reader, []);
            }
        }
        throw new CorruptDataException("archive.member", member.Index, "the member '" + member.Name + "'", "none");
    }

    /// <summary>Why members could not be looked at.</summary>
    public List<ForensicException> Failures { get; } = [];

    private void TakeOrReport(ArchiveEntry entry, int index)
    {
        try
        {
            Take(entry, index);
        }
        catch (ForensicException failure) when (failure is UnsupportedFeatureException || !archive.IsSequential && failure is CorruptDataException or LimitExceededException)
        {
            if (Failures.Count < MaxFailures)
            {
                Failures.Add(failure);
                context.Diagnostics.Report(new Diagnostic("archive.member.unreadable", "the member '" + entry.Name + "' of the archive is not read: " + failure.Message) { LosesContent = true });
            }
        }
    }

    private void Take(ArchiveEntry entry, int index)
    {
        if (OvfDescriptor is null && entry.Length <= LongestDescriptor && entry.Name.EndsWith(".ovf", StringComparison.OrdinalIgnoreCase))
        {
            using ForwardReader text = entry.OpenReader();
            byte[] descriptor = new byte[(int)entry.Length];
            OvfDescriptor = descriptor[..text.ReadUpTo(descriptor)];
            return;
        }
        if (entry.Length < SmallestContainer || Members.Count >= MaxKept)
        {
            return;
        }
        if (entry.Direct is { } direct)
        {
            Keep(entry, index, Classify(count => direct.ReadArray(0, count), entry), direct);
            return;
        }
        using ForwardReader reader = entry.OpenReader();
        byte[] head = new byte[(int)Math.Min(ArchiveOpener.HeadSize, entry.Length)];
        head = head[..reader.ReadUpTo(head)];
        MemberRole role = Classify(count => head.Length > count ? head[..count] : head, entry);
        Keep(entry, index, role, role is MemberRole.Disk or MemberRole.Piece ? Copy(entry, reader, head) : null);
    }

    private void Keep(ArchiveEntry entry, int index, MemberRole role, IByteSource? content)
    {
        if (role != MemberRole.Other || entry.Length >= SmallestPart)
        {
            Members.Add(new ArchiveMember(index, entry.Name, entry.Length, role) { Content = content });
        }
    }

    private ITemporaryFile Copy(ArchiveEntry entry, ForwardReader reader, byte[] head)
    {
        ITemporaryFile file = context.Images.Temporary.Create("a member of the " + archive.Format, Math.Min(entry.StoredLength, reader.InputLength));
        Spool.Write(file, 0, head);
        long length = new Spool(context, "unpack").Copy(reader, file, head.Length);
        return length == entry.Length ? file : throw new CorruptDataException("archive.member", entry.Length, entry.Length.ToString(CultureInfo.InvariantCulture) + " bytes", length + " bytes");
    }

    /// <summary>By the first bytes, of which few are enough for most members.</summary>
    private MemberRole Classify(Func<int, byte[]> begin, ArchiveEntry entry)
    {
        byte[] head = begin(SmallestContainer);
        foreach (IFormat<DiskImage> format in context.Images.Formats)
        {
            bool isImage = format is not RawFormat && format.Matches(head) && (format is not RecognisedFormats || RecognisedFormats.IsContainer(head));
            if (isImage)
            {
                return format is CompressedFormat or ArchiveFormat ? MemberRole.Packed : MemberRole.Disk;
            }
        }
        if (entry.Length >= SmallestDisk && recognise(new MemorySource(begin(ArchiveOpener.HeadSize))) is not null)
        {
            return MemberRole.Disk;
        }
        return entry.Length >= SmallestPart && IsNameOfPiece(entry.Name) ? MemberRole.Piece : MemberRole.Other;
    }

    /// <summary><c>.vmdk</c>, <c>.001</c>, <c>.E02</c>, <c>.EAA</c>: only decides what is kept at hand while a stream passes.</summary>
    private static bool IsNameOfPiece(string name)
    {
        int dot = name.LastIndexOf('.');
        ReadOnlySpan<char> extension = name.AsSpan(dot + 1);
        return dot >= 0 && (extension.Equals("vmdk", StringComparison.OrdinalIgnoreCase)
            || extension.Length == 3 && (char.IsAsciiDigit(extension[0]) || extension[0] is 'E' or 'e' or 'S' or 's')
                && (char.IsAsciiDigit(extension[1]) && char.IsAsciiDigit(extension[2]) || char.IsAsciiLetterUpper(extension[1]) && char.IsAsciiLetterUpper(extension[2])));
    }
}
