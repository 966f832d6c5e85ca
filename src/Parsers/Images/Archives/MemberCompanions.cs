using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Archives;

/// <summary>The files of an image in an archive: the members in the same folder of the archive, under the same rule as files on a disk. Only what is in the archive can be reached.</summary>
internal sealed class MemberCompanions(ArchiveOpener archive, ArchiveMember member, IReadOnlyList<int> chain) : ICompanionFiles
{
    public string FileName => member.FileName;

    public CompanionFile OpenNamed(string name, string role)
    {
        string shown = role + " '" + PathText.FromText(name) + "'";
        if (EvidenceFiles.LastComponent(name, out string reason) is not { } fileName)
        {
            throw new UnsupportedFeatureException(shown + " (" + reason + ")");
        }
        if (chain.Count >= EvidenceFiles.LongestChain)
        {
            throw new UnsupportedFeatureException(shown + " (the chain of images that name each other is too long)");
        }
        if (archive.Find(member.Folder, PathText.FromText(fileName)) is not { } found)
        {
            throw new UnsupportedFeatureException(shown + " (no such member beside it in the archive)");
        }
        if (chain.Contains(found.Index))
        {
            throw new UnsupportedFeatureException(shown + " (the image leads back to itself)");
        }
        return Part(found);
    }

    public CompanionFile? OpenSegment(string fileName) => archive.Find(member.Folder, fileName) is { } found && !chain.Contains(found.Index) ? Part(found) : null;

    private CompanionFile Part(ArchiveMember found)
    {
        found.IsPart = true;
        return new CompanionFile(found.FileName, archive.ContentOf(found), archive.CompanionsOf(found, [.. chain, found.Index]));
    }
}
