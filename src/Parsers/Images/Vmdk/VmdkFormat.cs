using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Vmdk;

/// <summary>
/// VMware virtual disks: hosted sparse and stream-optimized extents, COWD and seSparse extents, flat and zero extents, the descriptor inside the extent or in a file of its
/// own, and chains of deltas. Specification: VMware, Virtual Disk Format 5.0; for seSparse https://gitlab.com/qemu-project/qemu/-/blob/master/block/vmdk.c
/// </summary>
/// <remarks>
/// Throws <see cref="UnsupportedFeatureException"/> for disks on devices (raw disks, RDM), for unknown versions and when no extent, or a parent, can be had;
/// <see cref="CorruptDataException"/> naming the header field or descriptor line otherwise. Damage below that is a diagnostic and reads as zeros.
/// Limitations: the journal of a seSparse extent and changed block tracking are not read; descriptors are read up to 64 KiB.
/// </remarks>
public sealed class VmdkFormat : IFormat<DiskImage>
{
    /// <inheritdoc/>
    public string Name => "vmdk";

    /// <inheritdoc/>
    public int HeaderSize => 512;

    /// <inheritdoc/>
    public bool Matches(ReadOnlySpan<byte> header) => VmdkLayer.Matches(header);

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        var layers = new List<VmdkLayer> { VmdkLayer.Open(source, context.Images.Companions, context.Diagnostics) };
        var parents = new List<string>();
        while (layers[^1] is { HasParent: true } child)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            // The companions end a chain that is too long or comes back to itself; this bound holds whoever provides them.
            if (layers.Count > EvidenceFiles.LongestChain)
            {
                throw new LimitExceededException("chain of VMDK parents", layers.Count);
            }
            CompanionFile file = OpenParent(child);
            VmdkLayer parent = VmdkLayer.Open(file.Content, file.Companions, context.Diagnostics);
            CheckContentId(child, parent, file.FileName, context.Diagnostics);
            layers.Add(parent);
            parents.Add(file.FileName);
        }
        IByteSource content = new VmdkContent(layers[^1].Extents, null);
        for (int i = layers.Count - 2; i >= 0; i--)
        {
            content = new VmdkContent(layers[i].Extents, content);
        }
        return new DiskImage(Name, content) { Facts = Facts(layers[0], content.Length, parents) };
    }

    private static CompanionFile OpenParent(VmdkLayer child)
    {
        string hint = child.Descriptor!.ParentFileNameHint;
        if (hint.Length == 0)
        {
            throw new UnsupportedFeatureException("VMDK delta whose descriptor does not name its parent");
        }
        CompanionFile file = child.Companions.OpenNamed(hint, "VMDK parent");
        Span<byte> header = stackalloc byte[512];
        return VmdkLayer.Matches(header[..file.Content.ReadUpTo(0, header)])
            ? file
            : throw new UnsupportedFeatureException("VMDK parent '" + file.FileName + "', which is no VMDK");
    }

    private static void CheckContentId(VmdkLayer child, VmdkLayer parent, string name, IDiagnosticSink diagnostics)
    {
        uint? wanted = child.Descriptor!.ParentCid;
        uint? found = parent.Descriptor?.Cid;
        if (wanted != found || wanted is null)
        {
            diagnostics.Report(new Diagnostic("vmdk.parent.cid", "the parent '" + name + "' was changed after the delta was made, or is another disk; what the delta does not store may be wrong")
            {
                Expected = Hex(wanted),
                Actual = Hex(found),
                LosesContent = true,
            });
        }
    }

    private static string Hex(uint? id) => id is { } value ? value.ToString("x8", CultureInfo.InvariantCulture) : "none";

    private static List<KeyValuePair<string, string>> Facts(VmdkLayer layer, long size, List<string> parents)
    {
        var facts = new List<KeyValuePair<string, string>> { new("virtual size", size.ToString(CultureInfo.InvariantCulture)) };
        if (layer.Descriptor is { } descriptor)
        {
            facts.Add(new("create type", PathText.FromText(descriptor.CreateType)));
            facts.Add(new("descriptor version", descriptor.Version));
            if (descriptor.EncodingName.Length is > 0 and <= 64)
            {
                facts.Add(new("descriptor encoding", PathText.FromText(descriptor.EncodingName)));
            }
        }
        facts.Add(new("extents", layer.Extents.Count.ToString(CultureInfo.InvariantCulture)));
        facts.AddRange(layer.Layout?.Facts ?? []);
        if (layer.Descriptor is { } named)
        {
            facts.Add(new("CID", Hex(named.Cid)));
            if (layer.HasParent)
            {
                facts.Add(new("parentCID", Hex(named.ParentCid)));
                facts.Add(new("parents", string.Join(" <- ", parents)));
            }
            if (named.ChangeTrackPath.Length > 0)
            {
                facts.Add(new("change tracking file", PathText.FromText(named.ChangeTrackPath)));
            }
            facts.AddRange(named.Database);
        }
        return facts;
    }
}
