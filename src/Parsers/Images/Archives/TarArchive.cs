namespace Forensics.Parsers.Images.Archives;

/// <summary>
/// A tar: ustar, GNU long names, pax headers, base-256 sizes, and all formats of sparse members (old GNU; pax 0.0, 0.1, 1.0). Our own because .NET's reader takes the wrong
/// bytes for a sparse member and allocates what a header claims.
/// </summary>
/// <remarks>
/// Diagnostics: <c>tar.truncated</c>, <c>tar.end</c>, <c>tar.header.damaged</c>, <c>tar.member.damaged</c>, <c>tar.member.unsupported</c> and <c>tar.extension.too-long</c>, all of
/// which lose content. Limitations: no multi-volume archives; pax headers for the whole archive (type g) are passed over.
/// </remarks>
internal sealed class TarArchive(Func<TarInput> open, ParseContext context) : IArchive
{
    public string Format => "tar";

    public bool IsSequential => true;

    public IEnumerable<ArchiveEntry> Entries()
    {
        using TarInput input = open();
        var walk = new TarWalk(input, context);
        while (walk.Next() is { } entry)
        {
            yield return entry;
        }
    }
}
