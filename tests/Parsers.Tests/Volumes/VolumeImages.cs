using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Volumes;
using Xunit;

namespace Forensics.Parsers.Tests.Volumes;

/// <summary>The disks that <c>images/make.py</c> made with the tools of LVM, and ways to read them.</summary>
internal static class VolumeImages
{
    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> s_lvm = new(() => Load("lvm.tar.gz"));
    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> s_md = new(() => Load("md.tar.gz"));

    /// <summary>Five physical volumes <c>pv0.raw</c> ..., and what lvs said.</summary>
    public static IReadOnlyDictionary<string, byte[]> Lvm => s_lvm.Value;

    /// <summary>Members of arrays, <c>ARRAY.NUMBER</c>.</summary>
    public static IReadOnlyDictionary<string, byte[]> Md => s_md.Value;

    /// <summary>Copies of the five disks, free to be changed.</summary>
    public static byte[][] LvmDisks() => [.. Enumerable.Range(0, 5).Select(i => (byte[])Lvm[$"pv{i}.raw"].Clone())];

    /// <summary>Copies of the members of an array.</summary>
    public static byte[][] MdMembers(string array) =>
        [.. Enumerable.Range(0, 8).Where(i => Md.ContainsKey($"{array}.{i}")).Select(i => (byte[])Md[$"{array}.{i}"].Clone())];

    /// <summary>Each disk as one volume without a table.</summary>
    public static Volume[] Volumes(IEnumerable<byte[]> disks) => [.. disks.Select(disk => new Volume("disk", 0, disk.Length, new MemorySource(disk)))];

    public static IReadOnlyList<Volume> Resolve(IEnumerable<byte[]> disks, IDiagnosticSink? diagnostics = null) =>
        VolumeAssembly.Resolve(Volumes(disks), Catalog.VolumeAssemblers, Context(diagnostics));

    public static ParseContext Context(IDiagnosticSink? diagnostics) =>
        new(ScanLimits.Default, diagnostics ?? NullDiagnosticSink.Instance, TestContext.Current.CancellationToken);

    /// <summary>The pattern of the recipe: sector N of NAME repeats "NAME:N;".</summary>
    public static byte[] Pattern(string name, int sectors)
    {
        var bytes = new byte[sectors * 512];
        for (int n = 0; n < sectors; n++)
        {
            byte[] text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}:{n};"));
            for (int i = 0; i < 512; i++)
            {
                bytes[n * 512 + i] = text[i % text.Length];
            }
        }
        return bytes;
    }

    /// <summary>Reads a volume in pieces of changing size and checks it against what is expected; where it differs first is in the message.</summary>
    public static void AssertContent(byte[] expected, Volume volume)
    {
        Assert.Null(volume.UnreadableBecause);
        Assert.Equal(expected.Length, volume.Length);
        Assert.Equal(expected.Length, volume.Content.Length);
        var random = new Random(expected.Length);
        foreach (int most in new[] { 1 << 20, 70_000, 700 })
        {
            var actual = new byte[expected.Length];
            int position = 0;
            while (position < actual.Length)
            {
                int count = volume.Content.ReadAt(position, actual.AsSpan(position, Math.Min(actual.Length - position, random.Next(1, most))));
                Assert.True(count > 0);
                position += count;
            }
            int same = expected.AsSpan().CommonPrefixLength(actual);
            Assert.True(same == expected.Length, $"{volume.Name} differs at {same}: expected {Text(expected, same)}, found {Text(actual, same)}");
        }
        Assert.Equal(0, volume.Content.ReadAt(expected.Length, new byte[10]));
        if (volume.Content is ISparseByteSource sparse)
        {
            AssertHoles(expected, sparse);
        }
    }

    /// <summary>What lies outside the ranges that a source gives as data is zeros.</summary>
    private static void AssertHoles(byte[] expected, ISparseByteSource source)
    {
        long position = 0;
        while (source.NextData(position, out long start, out long length))
        {
            Assert.True(start >= position && length > 0 && start + length <= expected.Length);
            Assert.False(expected.AsSpan((int)position, (int)(start - position)).ContainsAnyExcept((byte)0));
            position = start + length;
        }
        Assert.False(expected.AsSpan((int)position).ContainsAnyExcept((byte)0));
    }

    private static string Text(byte[] bytes, int at) => at < bytes.Length ? Encoding.Latin1.GetString(bytes, at, Math.Min(16, bytes.Length - at)) : "the end";

    private static Dictionary<string, byte[]> Load(string name)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Volumes", "images", name));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(unpacked);
        while (tar.GetNextEntry() is { } entry)
        {
            var bytes = new byte[entry.Length];
            entry.DataStream?.ReadExactly(bytes);
            files.Add(entry.Name, bytes);
        }
        return files;
    }
}
