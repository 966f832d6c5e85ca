using System.Globalization;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Md;

/// <summary>
/// Linux software RAID: superblocks 0.90 in either byte order, 1.0, 1.1 and 1.2; linear and levels 0, 1, 4, 5, 6 and 10 in all their layouts. With redundancy, members that are
/// missing or stale are done without. Specification: md(4), https://raid.wiki.kernel.org/index.php/RAID_superblock_formats
/// </summary>
/// <remarks>
/// Limitations: an array that is being reshaped is refused; two missing members of a RAID 6 are not computed; a write journal is not replayed; bitmaps and lists of bad blocks
/// are not consulted; multipath and faulty arrays are refused.
/// </remarks>
public sealed class MdAssembler : IVolumeAssembler
{
    /// <inheritdoc/>
    public string Kind => "md";

    /// <inheritdoc/>
    public bool IsMember(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return MdReader.Read(volume.Content) is not null;
    }

    /// <inheritdoc/>
    public AssembledVolumes Assemble(IReadOnlyList<Volume> members, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(context);
        var arrays = new List<List<Member>>();
        var byUuid = new Dictionary<string, List<Member>>(StringComparer.Ordinal);
        var all = new List<Member>(members.Count);
        foreach (Volume volume in members)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            MdSuperblock? super = MdReader.Read(volume.Content);
            var member = new Member(volume, super);
            all.Add(member);
            if (super is null)
            {
                continue;
            }
            if (!super.IsIntact)
            {
                context.Diagnostics.Report(new Diagnostic("md.checksum", volume.Identity + ": the RAID superblock has a wrong checksum; it is used as it is") { Offset = super.Offset });
            }
            if (!byUuid.TryGetValue(super.ArrayUuid, out List<Member>? array))
            {
                byUuid.Add(super.ArrayUuid, array = []);
                arrays.Add(array);
            }
            array.Add(member);
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        var volumes = new List<Volume>(arrays.Count);
        foreach (List<Member> array in arrays)
        {
            volumes.Add(Assemble(array, names, context));
        }
        volumes.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var marked = new List<Volume>(all.Count);
        foreach (Member member in all)
        {
            marked.Add(member.Volume with { MemberOf = "RAID array " + member.Array });
        }
        return new AssembledVolumes(volumes, marked);
    }

    private static Volume Assemble(List<Member> members, HashSet<string> names, ParseContext context)
    {
        MdSuperblock newest = members[0].Super!;
        foreach (Member member in members)
        {
            MdSuperblock super = member.Super!;
            if ((super.IsIntact && !newest.IsIntact) || (super.IsIntact == newest.IsIntact && super.Events > newest.Events))
            {
                newest = super;
            }
        }
        string name = Name(newest, names);
        foreach (Member member in members)
        {
            member.Array = name;
        }
        var volume = new Volume(name, -1, 0, MemorySource.Empty)
        {
            TypeName = Level(newest.Level),
            Uuid = newest.ArrayUuid,
            DeviceNames = Devices(newest),
        };
        try
        {
            Refuse(newest);
            IByteSource?[] columns = Columns(newest, members, name, context);
            IByteSource content = MdArray.Open(newest, columns, name, context.Diagnostics);
            // As the superblock says: a mirror whose members are cut short is as long as it was.
            long length = newest.Level == 1 ? newest.UsedSize : content.Length;
            return volume with { Length = length, Content = content };
        }
        catch (ForensicException exception) when (exception is not ImageReadException)
        {
            return volume with { UnreadableBecause = exception is UnsupportedFeatureException unsupported ? unsupported.Feature + " is not supported" : exception.Message };
        }
    }

    private static void Refuse(MdSuperblock super)
    {
        if (super.IsReshaping)
        {
            throw new UnsupportedFeatureException("a RAID array that is being reshaped");
        }
        if (super.UnknownFeatures != 0)
        {
            throw new UnsupportedFeatureException(string.Create(CultureInfo.InvariantCulture, $"RAID superblock feature 0x{super.UnknownFeatures:x}"));
        }
        if (super.RaidDisks is < 1 or > MdArray.MaxMembers)
        {
            throw new CorruptDataException("md.raid_disks", super.Offset, "1 to 1024", super.RaidDisks.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The data areas of the members by place. Stale, failed and half-rebuilt ones are left out unless the level cannot do without.</summary>
    private static IByteSource?[] Columns(MdSuperblock newest, List<Member> members, string name, ParseContext context)
    {
        var chosen = new Member?[newest.RaidDisks];
        bool hasRedundancy = newest.Level is not (0 or -1);
        foreach (Member member in members)
        {
            MdSuperblock super = member.Super!;
            if (newest.HasJournal && super.Slot == MdSuperblock.Journal || super.Slot < 0)
            {
                continue;
            }
            if (super.Slot >= chosen.Length)
            {
                Report(context, "md.slot", member, "its place is past the end of the array; it is left out", false);
                continue;
            }
            // An event more or less is what a crash during an update leaves.
            bool isStale = hasRedundancy && (super.Events < newest.Events && newest.Events - super.Events > 1 || newest.ActiveSlots is { Count: > 0 } active && !active.Contains(super.Slot));
            if (isStale || super.RecoveredTo is not null)
            {
                Report(context, "md.stale", member, isStale ? "it is older than the rest of " + name + " and is left out" : "it is not rebuilt to its end and is left out", false);
                continue;
            }
            Member? other = chosen[super.Slot];
            if (other is not null)
            {
                Report(context, "md.duplicate", member, "another member of " + name + " has its place; " + (Prefer(member, other) ? "the other one" : "it") + " is left out", false);
            }
            if (other is null || Prefer(member, other))
            {
                chosen[super.Slot] = member;
            }
        }
        var columns = new IByteSource?[chosen.Length];
        int missing = 0;
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = chosen[i] is { } member ? Data(member, newest, context) : null;
            missing += columns[i] is null ? 1 : 0;
        }
        if (missing > 0 && hasRedundancy)
        {
            context.Diagnostics.Report(new Diagnostic("md.degraded", string.Create(CultureInfo.InvariantCulture, $"{name}: {missing} of {columns.Length} members are missing or left out")));
        }
        if (newest.IsResyncing && missing > 0 && newest.Level is 4 or 5 or 6)
        {
            context.Diagnostics.Report(new Diagnostic("md.dirty", name + ": the array was not in sync and a member is missing; what is computed from parity may be wrong") { LosesContent = true });
        }
        if (newest.HasJournal)
        {
            context.Diagnostics.Report(new Diagnostic("md.journal", name + ": the array has a write journal, which is not replayed; the last writes may be missing") { LosesContent = true });
        }
        return columns;
    }

    private static bool Prefer(Member member, Member other) =>
        member.Super!.IsReplacement != other.Super!.IsReplacement ? other.Super.IsReplacement : member.Super.Events > other.Super.Events;

    private static IByteSource Data(Member member, MdSuperblock newest, ParseContext context)
    {
        MdSuperblock super = member.Super!;
        long size = newest.UsedSize > 0 && newest.Level is not (0 or -1) ? newest.UsedSize : super.DataSize;
        if (super.DataOffset > member.Volume.Content.Length || size > member.Volume.Content.Length - super.DataOffset)
        {
            Report(context, "md.truncated", member, "it is shorter than its data; what is missing reads as zeros", true);
        }
        return SegmentedSource.Create([new SourceSegment(0, size, member.Volume.Content, super.DataOffset)], size);
    }

    private static void Report(ParseContext context, string code, Member member, string what, bool losesContent) =>
        context.Diagnostics.Report(new Diagnostic(code, member.Volume.Identity + ": " + what) { LosesContent = losesContent });

    /// <summary>The name with the host that made the array, as it stands; <c>md0</c> where only a number is known; the UUID where nothing is.</summary>
    private static string Name(MdSuperblock super, HashSet<string> names)
    {
        string name = "md:" + (super.Name.Length > 0 ? Display(super.Name)
            : super.Minor >= 0 ? "md" + super.Minor.ToString(CultureInfo.InvariantCulture) : super.ArrayUuid);
        string unique = name;
        for (int number = 2; !names.Add(unique); number++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}#{number}");
        }
        return unique;
    }

    private static List<string> Devices(MdSuperblock super)
    {
        var devices = new List<string>();
        if (super.Name.Length > 0)
        {
            string full = Display(super.Name);
            string own = Display(super.Name[(super.Name.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            devices.Add("/dev/md/" + own);
            if (own != full)
            {
                devices.Add("/dev/md/" + full);
            }
            if (int.TryParse(own, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                devices.Add("/dev/md" + number.ToString(CultureInfo.InvariantCulture));
            }
        }
        else if (super.Minor >= 0)
        {
            devices.Add("/dev/md" + super.Minor.ToString(CultureInfo.InvariantCulture));
            devices.Add("/dev/md/" + super.Minor.ToString(CultureInfo.InvariantCulture));
        }
        devices.Add("/dev/disk/by-id/md-uuid-" + super.ArrayUuid);
        return devices;
    }

    private static string Display(string name) => PathText.FromBytes(Encoding.Latin1.GetBytes(name));

    private static string Level(int level) => level switch
    {
        -1 => "linear RAID",
        _ => "RAID " + level.ToString(CultureInfo.InvariantCulture),
    };

    private sealed class Member(Volume volume, MdSuperblock? super)
    {
        public Volume Volume { get; } = volume;
        public MdSuperblock? Super { get; } = super;
        public string Array { get; set; } = "";
    }
}
