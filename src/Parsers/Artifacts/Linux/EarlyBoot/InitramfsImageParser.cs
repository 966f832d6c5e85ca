using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;
using Forensics.Parsers.Formats.Pe;
using Forensics.Parsers.Formats.Cpio;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads images of the early boot, forward and with bounded memory: cpio archives one behind the other (microcode first), each plain or compressed, and unified kernel images, whose
/// <c>.initrd</c> and <c>.cmdline</c> are read. Specification: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html, https://uapi-group.org/specifications/specs/unified_kernel_image/
/// </summary>
/// <remarks><b>Limitations</b>: at most 200,000 members and 1 GiB unpacked; what follows the first MiB-wide stretch of damage is not looked for; kernels with a built-in initramfs are not opened.</remarks>
public sealed class InitramfsImageParser : ArtifactParser
{
    private const string Code = "linux.initramfs";
    private const int MostEntries = 200_000;
    private const long MostUnpacked = 1L << 30;
    private const int MostParts = 64;
    private const int LongestCommandLine = 64 << 10;

    /// <inheritdoc/>
    public override string Name => "linux/initramfs";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/boot/{initrd,initramfs,initrd.img}", "/boot/{initrd,initramfs}{-,.img-}*", "/boot/*/*/initrd*", "/boot/*/*/linux", "/boot/{EFI,efi/EFI}/Linux/*.efi", "/boot/efi/*/*/initrd*",
    ];

    /// <inheritdoc/>
    public override bool ReadsSource => true;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        IByteSource source = input.Source ?? new MemorySource(input.Content);
        Span<byte> head = stackalloc byte[2];
        if (source.ReadUpTo(0, head) == 2 && head.SequenceEqual("MZ"u8))
        {
            if (PeLayout.TryOpen(source) is not { } image || image.Section(source, ".initrd") is not { } archive)
            {
                // A kernel: nothing in it to look at here.
                return;
            }
            if (image.Section(source, ".cmdline") is { } commandLine)
            {
                string text = TextLines.Decode(commandLine.ReadArray(0, LongestCommandLine)).TrimEnd('\0', '\n');
                sink.Add(new BootEntry(input.Location) { Configuration = BootConfiguration.UnifiedImage, Title = input.Location.Name, Options = KernelCommandLine.Split(text) });
            }
            source = archive;
        }
        Read(input, source, sink);
    }

    private static void Read(ArtifactInput input, IByteSource source, IArtifactSink sink)
    {
        var parts = new List<string>();
        using var files = new InitramfsCollector();
        long position = 0;
        long unpacked = 0;
        int entries = 0;
        ForensicException? failure = null;
        try
        {
            while (parts.Count < MostParts && SkipZeros(source, ref position))
            {
                input.Cancellation.ThrowIfCancellationRequested();
                var rest = new Slice(source, position, source.Length - position);
                var trailing = new TrailingSink(sink);
                using ForwardReader? decoder = Decompression.TryOpen(rest, trailing);
                bool isPlain = decoder is null;
                using ForwardReader reader = decoder ?? new PlainReader(rest);
                parts.Add(isPlain ? "cpio" : Decompression.NameOf(rest));
                var archive = new CpioReader(reader, MostEntries - entries, MostUnpacked - unpacked);
                try
                {
                    while (archive.TryNext(isPlain, out CpioEntry entry))
                    {
                        if ((archive.Entries & 0xFF) == 0)
                        {
                            input.Cancellation.ThrowIfCancellationRequested();
                        }
                        files.Take(entry, archive);
                    }
                }
                finally
                {
                    entries += archive.Entries;
                    unpacked += archive.Position;
                }
                if (!isPlain && trailing.Offset is null)
                {
                    break;
                }
                position += isPlain ? archive.Position : trailing.Offset!.Value;
            }
        }
        catch (ForensicException exception) when (exception is CorruptDataException or LimitExceededException or UnsupportedFeatureException)
        {
            failure = exception;
        }
        if (failure is not null && entries == 0)
        {
            throw failure;
        }
        if (failure is not null || files.IsCut)
        {
            sink.Report(new Diagnostic(Code + ".part", "the image was read in part only: " + (failure?.Message ?? "more scripts and programs than may be kept"))
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Offset = position, LosesContent = true,
            });
        }
        if (parts.Count > 0)
        {
            sink.Add(new InitramfsImage(input.Location) { Parts = parts, Entries = entries, IsComplete = failure is null && !files.IsCut, Files = files.Files, InitTarget = files.InitTarget });
        }
    }

    /// <summary>Zeros between archives say nothing; false at the end.</summary>
    private static bool SkipZeros(IByteSource source, ref long position)
    {
        byte[] block = new byte[4096];
        int count;
        while ((count = source.ReadUpTo(position, block)) > 0)
        {
            int at = block.AsSpan(0, count).IndexOfAnyExcept((byte)0);
            if (at >= 0)
            {
                position += at;
                return true;
            }
            position += count;
        }
        return false;
    }

    /// <summary>What follows a compressed archive is the next one here, and not something left unread.</summary>
    private sealed class TrailingSink(IDiagnosticSink inner) : IDiagnosticSink
    {
        public long? Offset { get; private set; }

        public void Report(Diagnostic diagnostic)
        {
            if (diagnostic.Code.EndsWith(".trailing", StringComparison.Ordinal))
            {
                Offset = diagnostic.Offset;
                return;
            }
            inner.Report(diagnostic);
        }
    }
}
