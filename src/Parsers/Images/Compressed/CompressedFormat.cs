using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Archives;

namespace Forensics.Parsers.Images.Compressed;

/// <summary>
/// A compressed file that holds one stream of bytes: an image, or a tar with images. What it holds is opened as an image again, at most three times.
/// </summary>
/// <remarks>
/// A stream that can only be decompressed from its beginning is copied once into a sparse temporary file (docs/decisions/017); of a tar, only the members that look like disks are.
/// A file of many blocks that can be decompressed alone is decompressed block by block as it is read. A file that is cut short is an error
/// (<see cref="CorruptDataException"/>), never a short image. <see cref="LimitExceededException"/> when it expands beyond the bounds of <see cref="ScanLimits"/>;
/// <see cref="TemporarySpaceException"/> when there is no room.
/// </remarks>
/// <param name="recognise">Names what the beginning of a disk holds, null when it does not look like a disk.</param>
public abstract class CompressedFormat(DiskRecogniser recognise) : IFormat<DiskImage>
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public virtual int HeaderSize => 16;

    /// <inheritdoc/>
    public abstract bool Matches(ReadOnlySpan<byte> header);

    /// <inheritdoc/>
    public DiskImage Open(IByteSource source, ParseContext context)
    {
        ImageProbe.RequireNesting(context);
        if (TryBlocks(source, context) is { } blocks)
        {
            long length = blocks.Blocks[^1].Offset + blocks.Blocks[^1].Length;
            // Nothing is written yet: what is free is watched while blocks are decompressed.
            var content = new LazySpool(blocks, context.Images.Temporary.Create("decompressed " + Name, 0), context);
            DiskImage image = Wrap(ImageProbe.OpenInner(content, context), source);
            return image with
            {
                Facts = [.. image.Facts, new("independent " + Name + " blocks", blocks.Blocks.Count.ToString(CultureInfo.InvariantCulture)), Size(length)],
            };
        }
        return Wrap(OpenStream(source, context), source);
    }

    /// <summary>A decoder at the beginning.</summary>
    internal abstract ForwardReader OpenReader(IByteSource source, IDiagnosticSink diagnostics);

    /// <summary>The blocks, at least two, that can be decompressed alone; null when the file has to be read from its beginning.</summary>
    internal virtual IPackedBlocks? TryBlocks(IByteSource source, ParseContext context) => null;

    private static KeyValuePair<string, string> Size(long length) => new("decompressed size", length.ToString(CultureInfo.InvariantCulture));

    private DiskImage OpenStream(IByteSource source, ParseContext context)
    {
        using ForwardReader reader = OpenReader(source, context.Diagnostics);
        byte[] head = new byte[TarHeader.Size];
        head = head[..reader.ReadUpTo(head)];
        if (TarHeader.IsTar(head))
        {
            // A second look at the archive begins again and repeats what was reported.
            bool isFirst = true;
            var archive = new TarArchive(() =>
            {
                IDiagnosticSink sink = isFirst ? context.Diagnostics : NullDiagnosticSink.Instance;
                isFirst = false;
                return new ForwardTarInput(OpenReader(source, sink));
            }, context);
            return ArchiveOpener.OpenInner(archive, recognise, context);
        }
        ITemporaryFile file = context.Images.Temporary.Create("decompressed " + Name, source.Length);
        Spool.Write(file, 0, head);
        long length = new Spool(context, "decompress").Copy(reader, file, head.Length);
        DiskImage image = ImageProbe.OpenInner(file, context);
        return image with { Facts = [.. image.Facts, Size(length)] };
    }

    private DiskImage Wrap(DiskImage inner, IByteSource source) => inner with
    {
        Format = Name + "/" + inner.Format,
        Facts = [.. inner.Facts, new(Name + " file size", source.Length.ToString(CultureInfo.InvariantCulture))],
        MoreDisks = [.. inner.MoreDisks.Select(disk => disk with { Format = Name + "/" + disk.Format })],
    };
}
