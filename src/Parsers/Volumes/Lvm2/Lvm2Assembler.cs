using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>
/// Volume groups of LVM2: text metadata on physical volumes of any number of disks. Linear, striped, mirror, all RAID types without reshape, thick and thin snapshots, thin
/// pools, caches. Specification: https://github.com/libyal/libvslvm/blob/main/documentation/Logical%20Volume%20Manager%20(LVM)%20format.asciidoc, lvm(8) and the lvm2 sources.
/// </summary>
/// <remarks>
/// Limitations: VDO, writecache and integrity volumes and reshaped RAID are named and not read; metadata of LVM1 is not read; a mirror's log is not consulted.
/// </remarks>
public sealed class Lvm2Assembler : IVolumeAssembler
{
    /// <inheritdoc/>
    public string Kind => "lvm2";

    /// <inheritdoc/>
    public bool IsMember(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        return PhysicalVolumeLabel.Read(volume.Content) is not null;
    }

    /// <inheritdoc/>
    public AssembledVolumes Assemble(IReadOnlyList<Volume> members, ParseContext context)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(context);
        var found = new List<Member>(members.Count);
        var texts = new MetadataTexts(context.Diagnostics);
        foreach (Volume volume in members)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            found.Add(ReadMember(volume, texts, context));
        }
        var volumes = new List<Volume>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (VolumeGroupText group in NewestTexts(found, context))
        {
            AddGroup(group, found, names, volumes, context);
        }
        volumes.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        var marked = new List<Volume>(members.Count);
        foreach (Member member in found)
        {
            if (member is { Group: null, IsDamaged: true })
            {
                context.Diagnostics.Report(new Diagnostic("lvm.pv.orphan", member.Volume.Identity + ": the metadata of this physical volume is damaged, and no other one knows its group") { LosesContent = true });
            }
            marked.Add(member.Volume with { MemberOf = member.Group is null ? "LVM, no volume group" : "LVM volume group " + member.Group });
        }
        return new AssembledVolumes(volumes, marked);
    }

    private static Member ReadMember(Volume volume, MetadataTexts metadata, ParseContext context)
    {
        PhysicalVolumeLabel? label = PhysicalVolumeLabel.Read(volume.Content);
        if (label is null)
        {
            return new Member(volume, "", [], false);
        }
        if (!label.IsIntact)
        {
            context.Diagnostics.Report(new Diagnostic("lvm.label.checksum", volume.Identity + ": the label of a physical volume has a wrong checksum; it is used as it is") { Offset = label.Offset });
        }
        var texts = new List<VolumeGroupText>();
        bool isDamaged = false;
        foreach ((ulong offset, ulong size) in label.MetadataAreas)
        {
            if (MetadataArea.Read(volume.Identity, volume.Content, offset, size, metadata, context, out bool damaged) is { } text)
            {
                texts.Add(text);
            }
            isDamaged |= damaged;
        }
        return new Member(volume, VolumeGroupText.Display(label.Uuid), texts, isDamaged);
    }

    /// <summary>The newest text of each group, in the order in which the groups were met.</summary>
    private static List<VolumeGroupText> NewestTexts(List<Member> members, ParseContext context)
    {
        var newest = new Dictionary<string, VolumeGroupText>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (Member member in members)
        {
            foreach (VolumeGroupText text in member.Texts)
            {
                if (!newest.TryGetValue(text.Id, out VolumeGroupText? known))
                {
                    order.Add(text.Id);
                    newest.Add(text.Id, text);
                }
                else if (IsBetter(text, known))
                {
                    newest[text.Id] = text;
                }
            }
        }
        var result = new List<VolumeGroupText>(order.Count);
        foreach (string id in order)
        {
            VolumeGroupText text = newest[id];
            if (text.IsOlder)
            {
                context.Diagnostics.Report(new Diagnostic("lvm.text.older", string.Create(CultureInfo.InvariantCulture,
                    $"volume group {VolumeGroupText.Display(text.Name)}: no copy of the current metadata is sound; number {text.SequenceNumber} is read as it is and may lack later changes"))
                {
                    LosesContent = true,
                });
            }
            result.Add(text);
        }
        return result;
    }

    private static bool IsBetter(VolumeGroupText text, VolumeGroupText known) =>
        text.SequenceNumber != known.SequenceNumber ? text.SequenceNumber > known.SequenceNumber
        : known.IsOlder && !text.IsOlder || known.IsIgnored && !text.IsIgnored && known.IsOlder == text.IsOlder;

    /// <summary>
    /// Makes a group. When a physical volume is there twice (a disk and a copy of it), the group is made as often: the first copies, in the order of the disks, are one, the second
    /// ones another.
    /// </summary>
    private static void AddGroup(VolumeGroupText newest, List<Member> members, HashSet<string> names, List<Volume> volumes, ParseContext context)
    {
        var copies = new Dictionary<string, List<Member>>(StringComparer.Ordinal);
        int instances = 1;
        foreach (PhysicalVolumeText physical in newest.PhysicalVolumes.Values)
        {
            List<Member> found = members.FindAll(member => member.Uuid == physical.Uuid && member.Uuid.Length > 0);
            copies[physical.Name] = found;
            instances = Math.Max(instances, found.Count);
        }
        for (int instance = 0; instance < instances; instance++)
        {
            if (volumes.Count + newest.LogicalVolumes.Count > VolumeAssembly.MaximumVolumes)
            {
                context.Diagnostics.Report(new Diagnostic("volume.count", "volume group " + VolumeGroupText.Display(newest.Name) + ": there are too many volumes; those of this group are not read") { LosesContent = true });
                return;
            }
            string name = UniqueName(newest, names, instance > 0, context);
            var own = new List<Member>();
            foreach (List<Member> found in copies.Values)
            {
                if (instance < found.Count)
                {
                    own.Add(found[instance]);
                    found[instance].Group = name;
                }
            }
            if (instances > 1)
            {
                context.Diagnostics.Report(new Diagnostic("lvm.pv.duplicate", string.Create(CultureInfo.InvariantCulture,
                    $"volume group {name}: its physical volumes are there {instances} times; this is copy {instance + 1}")));
            }
            // A copy of a disk has its own, perhaps older metadata.
            VolumeGroupText text = newest;
            if (instances > 1 && NewestTexts(own, context with { Diagnostics = NullDiagnosticSink.Instance }).Find(candidate => candidate.Id == newest.Id) is { } ownText)
            {
                text = ownText;
            }
            var physical = new Dictionary<string, LvmPhysicalVolume>(StringComparer.Ordinal);
            foreach (PhysicalVolumeText pv in text.PhysicalVolumes.Values)
            {
                physical[pv.Name] = new LvmPhysicalVolume(pv, own.Find(member => member.Uuid == pv.Uuid)?.Volume.Content);
            }
            var group = new VolumeGroup(text, name, physical, context);
            List<Volume> made = group.Volumes();
            group.ReportState(made);
            volumes.AddRange(made);
        }
    }

    private static string UniqueName(VolumeGroupText text, HashSet<string> names, bool isCopy, ParseContext context)
    {
        string name = VolumeGroupText.Display(text.Name);
        string unique = name;
        for (int number = 2; !names.Add(unique); number++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}#{number}");
        }
        if (!isCopy && unique != name)
        {
            context.Diagnostics.Report(new Diagnostic("lvm.vg.duplicate-name", "another volume group is named " + name + " too; the one with the UUID " + text.Id + " is shown as " + unique));
        }
        return unique;
    }

    private sealed class Member(Volume volume, string uuid, IReadOnlyList<VolumeGroupText> texts, bool isDamaged)
    {
        public Volume Volume { get; } = volume;
        public string Uuid { get; } = uuid;
        public IReadOnlyList<VolumeGroupText> Texts { get; } = texts;
        public bool IsDamaged { get; } = isDamaged;
        public string? Group { get; set; }
    }
}
