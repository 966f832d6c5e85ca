using Forensics.Analyzer.Examiners;
using Forensics.Analyzer.Pipeline;

namespace Forensics.Analyzer.Commands;

/// <summary>The values of options that name digests.</summary>
internal static class HashNames
{
    /// <summary>The algorithms of a comma-separated list; none for null. Throws <see cref="UsageException"/>.</summary>
    public static HashKinds Parse(string? text)
    {
        HashKinds kinds = HashKinds.None;
        foreach (string name in text is null ? [] : text.Split(',', StringSplitOptions.TrimEntries))
        {
            kinds |= name.ToLowerInvariant() switch
            {
                "md5" => HashKinds.Md5,
                "sha1" => HashKinds.Sha1,
                "sha256" => HashKinds.Sha256,
                _ => throw new UsageException("'" + name + "' is not a hash; use md5, sha1, sha256"),
            };
        }
        return kinds;
    }
}
