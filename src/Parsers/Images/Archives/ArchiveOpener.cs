using System.Runtime.ExceptionServices;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>Chooses the members of an archive that are disks and opens them.</summary>
internal sealed class ArchiveOpener
{
    /// <summary>Bytes of a member by which it is told whether it is a disk: the superblock of btrfs lies at 64 KiB.</summary>
    public const int HeadSize = 68 << 10;

    private const int MaxDisks = 64;
    private const int MaxPacked = 8;
    private const int ManyFiles = 1000;
    private const long SmallestRaw = 1 << 20;

    private readonly IArchive _archive;
    private readonly DiskRecogniser _recognise;
    private readonly ParseContext _context;
    private readonly MemberListing _listing;

    public ArchiveOpener(IArchive archive, DiskRecogniser recognise, ParseContext context)
    {
        _archive = archive;
        _recognise = recognise;
        _context = context;
        _listing = new MemberListing(archive, recognise, context);
    }

    /// <summary>Opens an archive that was found inside a compressed stream, one wrapper further in.</summary>
    public static DiskImage OpenInner(IArchive archive, DiskRecogniser recognise, ParseContext context)
    {
        ImageProbe.RequireNesting(context);
        return new ArchiveOpener(archive, recognise, context with
        {
            Images = context.Images with { Nesting = context.Images.Nesting + 1, Companions = NoCompanionFiles.Instance },
        }).Open();
    }

    /// <summary>Opens all disks: the first with the others in <see cref="DiskImage.MoreDisks"/>.</summary>
    public DiskImage Open()
    {
        ImageProbe.RequireNesting(_context);
        _listing.Read();
        bool isPacked = false;
        List<ArchiveMember> candidates = Disks();
        if (candidates.Count == 0)
        {
            candidates = Packed();
            isPacked = true;
        }
        var opened = new List<(ArchiveMember Member, DiskImage Image)>();
        var failed = new List<(ArchiveMember Member, ForensicException Failure)>();
        foreach (ArchiveMember member in candidates)
        {
            if (!member.IsPart)
            {
                Open(member, isPacked, opened, failed);
            }
        }
        // What another image turned out to be a part of is no disk of its own.
        opened.RemoveAll(one => one.Member.IsPart);
        failed.RemoveAll(one => one.Member.IsPart);
        return opened.Count == 0 ? throw Refusal(failed) : Combine(opened, failed);
    }

    /// <summary>The companions of a member: the members beside it.</summary>
    public ICompanionFiles CompanionsOf(ArchiveMember member, IReadOnlyList<int> chain) => new MemberCompanions(this, member, chain);

    /// <summary>A member of this name in this folder, exactly or, when only one matches so, whatever the case.</summary>
    public ArchiveMember? Find(string folder, string fileName)
    {
        ArchiveMember? found = null;
        int similar = 0;
        foreach (ArchiveMember member in _listing.Members)
        {
            if (!string.Equals(member.Name, folder + fileName, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            if (member.Name == folder + fileName)
            {
                return member;
            }
            found = member;
            similar++;
        }
        return similar == 1 ? found : null;
    }

    /// <summary>Content of a member, decoded when it was not yet.</summary>
    public IByteSource ContentOf(ArchiveMember member) => member.Content ??= _listing.Decode(member);

    private List<ArchiveMember> Disks()
    {
        var disks = _listing.Members.FindAll(member => member.Role == MemberRole.Disk);
        long bytes = 0;
        disks.ForEach(member => bytes += Math.Min(member.Length, long.MaxValue - bytes));
        if (_listing.Files > ManyFiles && bytes < _listing.Bytes / 16)
        {
            throw new UnsupportedFeatureException(disks.Count == 0 ? Holds()
                : Holds() + "; '" + disks[0].Name + "' among them looks like a disk: extract it first if it is meant");
        }
        if (disks.Count == 0 && _listing is { Files: 1, Members: [{ Role: not MemberRole.Packed } only] } && only.Length >= SmallestRaw && only.Length % 512 == 0)
        {
            // A disk whose first sectors were wiped does not look like one; alone in its archive it is meant.
            return [only];
        }
        if (disks.Count > MaxDisks)
        {
            _context.Diagnostics.Report(new Diagnostic("archive.disks.limit", "the archive holds more than " + MaxDisks + " disks; the rest is not opened") { LosesContent = true });
            disks.RemoveRange(MaxDisks, disks.Count - MaxDisks);
        }
        IReadOnlyDictionary<string, int> order = OvfDescriptor.DiskOrder(_listing.OvfDescriptor, _context.Diagnostics);
        disks.Sort((left, right) => (order.GetValueOrDefault(left.FileName, int.MaxValue), left.Name).CompareTo((order.GetValueOrDefault(right.FileName, int.MaxValue), right.Name)));
        return disks;
    }

    /// <summary>Compressed files and archives in the archive, the largest first: looked into when there is no disk beside them.</summary>
    private List<ArchiveMember> Packed()
    {
        List<ArchiveMember> packed = _listing.Members.FindAll(member => member.Role == MemberRole.Packed && member.Length >= _listing.Bytes / 16);
        packed.Sort((left, right) => (-left.Length, left.Name).CompareTo((-right.Length, right.Name)));
        return packed.Count > MaxPacked ? packed[..MaxPacked] : packed;
    }

    private void Open(ArchiveMember member, bool isPacked, List<(ArchiveMember Member, DiskImage Image)> opened, List<(ArchiveMember Member, ForensicException Failure)> failed)
    {
        try
        {
            DiskImage image = ImageProbe.OpenInner(ContentOf(member), _context, CompanionsOf(member, [member.Index]));
            bool isDisk = !isPacked || !image.Format.EndsWith("raw", StringComparison.Ordinal) || _recognise(new MemorySource(image.Content.ReadArray(0, HeadSize))) is not null;
            if (isDisk)
            {
                opened.Add((member, image));
            }
        }
        catch (ForensicException failure) when (failure is UnsupportedFeatureException or CorruptDataException or LimitExceededException or UnknownFormatException)
        {
            failed.Add((member, failure));
        }
    }

    private ForensicException Refusal(List<(ArchiveMember Member, ForensicException Failure)> failed)
    {
        if (failed.Count > 0)
        {
            ExceptionDispatchInfo.Throw(failed[0].Failure);
        }
        if (_listing.Failures.Count > 0)
        {
            ExceptionDispatchInfo.Throw(_listing.Failures[0]);
        }
        return new UnsupportedFeatureException(Holds());
    }

    private string Holds() => _archive.Format + " archive without a disk image in it; it holds " + _listing.Describe();

    private DiskImage Combine(List<(ArchiveMember Member, DiskImage Image)> opened, List<(ArchiveMember Member, ForensicException Failure)> failed)
    {
        foreach ((ArchiveMember member, ForensicException failure) in failed)
        {
            _context.Diagnostics.Report(new Diagnostic("archive.member.unreadable", "the disk '" + member.Name + "' in the archive is not read: " + failure.Message) { LosesContent = true });
        }
        var disks = new List<DiskImage>();
        foreach ((ArchiveMember member, DiskImage image) in opened)
        {
            disks.Add(Named(image with { MoreDisks = [] }, member));
            foreach (DiskImage more in image.MoreDisks)
            {
                disks.Add(Named(more, member));
            }
        }
        return disks[0] with { MoreDisks = disks[1..] };
    }

    private DiskImage Named(DiskImage image, ArchiveMember member)
    {
        string name = image.MemberName is null ? member.Name : member.Name + "/" + image.MemberName;
        return image with
        {
            Format = _archive.Format + "/" + image.Format,
            MemberName = name,
            Facts = [.. image.Facts, new(_archive.Format + " member", member.Name)],
        };
    }
}
