using System.Reflection;
using Forensics.Analyzer.Detectors;
using Forensics.Analyzer.Reports;
using Forensics.Analyzer.Risk;
using Forensics.Analyzer.Signatures;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux.Logs;
using Forensics.Parsers.FileSystems;
using Forensics.Parsers.Images;
using Forensics.Parsers.Packages;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Analyzer.Tests.Architecture;

/// <summary>Nothing that was written is forgotten in a catalog, lacks a test, or takes a rule id that is taken.</summary>
public sealed class CatalogTests
{
    private static readonly SignatureSet s_signatures = SignatureSet.LoadBuiltIn();

    [Fact]
    public void Every_format_is_in_the_catalog()
    {
        Assert.Equal(Implementations<IFormat<DiskImage>>(typeof(Parsers.Catalog)), Names(Parsers.Catalog.Images));
        Assert.Equal(Implementations<IFormat<IVolumeSystem>>(typeof(Parsers.Catalog)), Names(Parsers.Catalog.VolumeSystems));
        Assert.Equal(Implementations<IVolumeAssembler>(typeof(Parsers.Catalog)), Names(Parsers.Catalog.VolumeAssemblers));
        Assert.Equal(Implementations<IPackageReader>(typeof(Parsers.Catalog)), Names(Parsers.Catalog.PackageReaders));
        Assert.Equal(Implementations<IFormat<IFileSystem>>(typeof(Parsers.Catalog)), Names(Parsers.Catalog.FileSystems));
    }

    [Fact]
    public void Every_artefact_parser_is_in_the_catalog_under_a_name_of_its_own()
    {
        Assert.Equal(Implementations<ArtifactParser>(typeof(Parsers.Catalog)), Names(Parsers.Catalog.ArtifactParsers));
        Assert.Equal(Implementations<LogParser>(typeof(Parsers.Catalog)), Names(Parsers.Catalog.LogParsers));
        string[] logs = [.. Parsers.Catalog.LogParsers.Select(parser => parser.Name)];
        Assert.Equal(logs.Distinct(), logs);
        Assert.All(Parsers.Catalog.LogParsers, parser => Assert.All(parser.Claims, claim => Assert.Matches("^(/|~/)", claim)));
        string[] names = [.. Parsers.Catalog.ArtifactParsers.Select(parser => parser.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.All(Parsers.Catalog.ArtifactParsers, parser => Assert.All(parser.Claims, claim => Assert.Matches("^(/|~/|~$)", claim)));
    }

    [Fact]
    public void Every_detector_and_writer_is_in_the_catalog()
    {
        Assert.Equal(Implementations<IDetector>(typeof(Catalog)), Names(Catalog.Detectors(s_signatures)));
        Assert.Equal(Implementations<IReportWriter>(typeof(Catalog)), Names(Catalog.ReportWriters()));
    }

    [Fact]
    public void Rule_ids_are_unique_and_begin_with_an_id_of_the_catalogue()
    {
        string[] ids = [.. Catalog.Detectors(s_signatures).SelectMany(detector => detector.Rules).Select(rule => rule.Id)];
        Assert.Equal(ids.Order(StringComparer.Ordinal).Distinct(), ids.Order(StringComparer.Ordinal));
        Assert.All(ids, id => Assert.Matches(@"^([LW]-[A-Z0-9]+(-[A-Z0-9]+)*|HASH)\.[a-z0-9-]+$", id));
    }

    [Fact]
    public void Everything_in_the_catalogs_is_named_by_a_test()
    {
        string tests = string.Join('\n', Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && Path.GetFileName(path) != "CatalogTests.cs").Select(File.ReadAllText));
        string[] types =
        [
            .. Names(Parsers.Catalog.Images), .. Names(Parsers.Catalog.VolumeSystems).Where(name => name != nameof(NoTable)), .. Names(Parsers.Catalog.FileSystems), .. Names(Parsers.Catalog.VolumeAssemblers),
            .. Names(Parsers.Catalog.ArtifactParsers), .. Names(Parsers.Catalog.LogParsers), .. Names(Catalog.ReportWriters()),
        ];
        Assert.All(types, type => Assert.Contains(type, tests, StringComparison.Ordinal));
        // Detectors are tested by what they say: the catalogue id of at least one rule of each stands in a test.
        Assert.All(Catalog.Detectors(s_signatures).Where(detector => detector.Rules.Count > 0),
            detector => Assert.True(detector.Rules.Any(rule => tests.Contains(rule.Id[..rule.Id.IndexOf('.')], StringComparison.Ordinal)), detector.GetType().Name));
    }

    private static string[] Implementations<T>(Type inAssemblyOf) =>
        [.. inAssemblyOf.Assembly.GetTypes().Where(type => typeof(T).IsAssignableFrom(type) && type is { IsAbstract: false, IsInterface: false }).Select(type => type.Name).Order(StringComparer.Ordinal)];

    private static string[] Names<T>(IEnumerable<T> items) where T : notnull => [.. items.Select(item => item.GetType().Name).Order(StringComparer.Ordinal)];
}
