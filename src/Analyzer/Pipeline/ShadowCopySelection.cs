using Forensics.Parsers;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes;
using Forensics.Parsers.Volumes.ShadowCopies;

namespace Forensics.Analyzer.Pipeline;

/// <summary>
/// The shadow copies of all volumes and the one of each that is opened. <c>vss2</c> is the second of each volume; an identifier is that of a copy, of its store or of a set, and the volumes whose
/// copies were made in the same set follow.
/// </summary>
internal sealed class ShadowCopySelection
{
    private readonly Dictionary<string, IReadOnlyList<ShadowCopy>> _copies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ShadowCopy> _chosen = new(StringComparer.Ordinal);

    private ShadowCopySelection(string? wanted) => Wanted = wanted;

    /// <summary>What the user named; null when the volumes of today are asked for.</summary>
    public string? Wanted { get; }

    /// <summary>A shadow copy is asked for.</summary>
    public bool IsAsked => Wanted is not null;

    /// <summary>At least one volume has what is asked for.</summary>
    public bool IsFound => _chosen.Count > 0;

    /// <summary>The copies on a volume, from old to new.</summary>
    public IReadOnlyList<ShadowCopy> CopiesOf(Volume volume) => _copies.GetValueOrDefault(volume.Identity) ?? [];

    /// <summary>The copy that is opened; null when the volume is shown as it is now.</summary>
    public ShadowCopy? ChosenOf(Volume volume) => _chosen.GetValueOrDefault(volume.Identity);

    /// <summary>Looks for copies on each volume that stands for itself and chooses.</summary>
    public static ShadowCopySelection Of(IReadOnlyList<Volume> volumes, string? wanted, Func<Volume, ParseContext> contextOf)
    {
        var selection = new ShadowCopySelection(wanted);
        foreach (Volume volume in volumes.Where(volume => volume.MemberOf is null && volume.UnreadableBecause is null))
        {
            if (Find(volume, contextOf(volume)) is { Count: > 0 } copies)
            {
                selection._copies[volume.Identity] = copies;
            }
        }
        if (wanted is not null)
        {
            selection.Choose(wanted);
        }
        return selection;
    }

    private void Choose(string wanted)
    {
        bool isIdentifier = Guid.TryParse(wanted, out Guid identifier);
        foreach ((string volume, IReadOnlyList<ShadowCopy> copies) in _copies)
        {
            ShadowCopy? copy = isIdentifier ? copies.FirstOrDefault(copy => copy.Id == identifier || copy.StoreId == identifier) ?? copies.FirstOrDefault(copy => copy.SetId == identifier)
                : copies.FirstOrDefault(copy => copy.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase));
            if (copy is not null)
            {
                _chosen[volume] = copy;
            }
        }
        if (!isIdentifier || _chosen.Values.Select(copy => copy.SetId).FirstOrDefault(set => set is { } known && known != Guid.Empty) is not { } set)
        {
            return;
        }
        foreach ((string volume, IReadOnlyList<ShadowCopy> copies) in _copies)
        {
            if (!_chosen.ContainsKey(volume) && copies.FirstOrDefault(copy => copy.SetId == set) is { } copy)
            {
                _chosen[volume] = copy;
            }
        }
    }

    private static IReadOnlyList<ShadowCopy> Find(Volume volume, ParseContext context)
    {
        try
        {
            return ShadowCopyVolume.Find(volume.Content, context);
        }
        catch (ForensicException exception)
        {
            context.Diagnostics.Report(new Diagnostic(exception.Code, "shadow copies cannot be looked for: " + exception.Message));
            return [];
        }
    }
}
