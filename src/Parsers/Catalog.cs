using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.FileSystems.Ext;
using Forensics.Parsers.Images;
using Forensics.Parsers.Images.Archives;
using Forensics.Parsers.Images.Compressed;
using Forensics.Parsers.Images.Parallels;
using Forensics.Parsers.Images.Qcow;
using Forensics.Parsers.Images.Qcow2;
using Forensics.Parsers.Images.Qed;
using Forensics.Parsers.Images.Vdi;
using Forensics.Parsers.Images.Vhd;
using Forensics.Parsers.Images.Vhdx;
using Forensics.Parsers.Volumes;

namespace Forensics.Parsers;

/// <summary>The ordered lists of formats and artefact parsers: the only registry. Order is probe order.</summary>
public static class Catalog
{
    /// <summary>Image containers; raw, which takes everything, is last.</summary>
    public static IReadOnlyList<IFormat<DiskImage>> Images { get; } =
    [
        new Qcow2Format(),
        new QcowFormat(),
        new QedFormat(),
        new VdiFormat(),
        new VhdFormat(),
        new VhdxFormat(),
        new ParallelsFormat(),
        new GzipFormat(DiskRecognition.Identify),
        new XzFormat(DiskRecognition.Identify),
        new ZstdFormat(DiskRecognition.Identify),
        new Bzip2Format(DiskRecognition.Identify),
        new Lz4Format(DiskRecognition.Identify),
        new TarFormat(DiskRecognition.Identify),
        new ZipFormat(DiskRecognition.Identify),
        new SevenZipFormat(DiskRecognition.Identify),
        new RecognisedFormats(),
        new RawFormat(),
    ];

    /// <summary>Volume systems; a disk without a table, which matches everything, is last.</summary>
    public static IReadOnlyList<IFormat<IVolumeSystem>> VolumeSystems => VolumeProbe.Formats;

    /// <summary>File systems.</summary>
    public static IReadOnlyList<IFormat<IFileSystem>> FileSystems { get; } = [new ExtFormat()];

    /// <summary>Artefact parsers, sorted by name.</summary>
    public static IReadOnlyList<ArtifactParser> ArtifactParsers { get; } =
    [
        new AnacrontabParser(),
        new AuthorizedKeysParser(),
        new CronPartsParser(),
        new CrontabParser(),
        new GroupParser(),
        new HostFactParser(),
        new InitScriptParser(),
        new InittabParser(),
        new LdSoPreloadParser(),
        new PasswdParser(),
        new RcLocalParser(),
        new RunlevelLinkParser(),
        new ShadowParser(),
        new SshServerConfigParser(),
        new SystemdLinkParser(),
        new SystemdUnitParser(),
    ];
}
