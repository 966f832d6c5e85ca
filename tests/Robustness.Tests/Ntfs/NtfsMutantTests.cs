using System.Diagnostics;
using System.Globalization;
using Forensics.Analyzer.Tests.EndToEnd;
using Xunit;

namespace Forensics.Robustness.Tests.Ntfs;

/// <summary>Seeded damage that knows the structures (their update sequences fit again afterwards), and images cut short: whatever comes of it, it comes soon and as an exit code.</summary>
public sealed class NtfsMutantTests
{
    private const int Mutants = 300;
    private const double MostSecondsEach = 15;

    private static readonly ulong[] s_nasty = [0, 1, 7, 0x7F, 0x80, 0xFF, 0x200, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1UL << 32, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue];

    [Fact]
    public void Mutated_structures_end_as_exit_codes()
    {
        int read = 0;
        for (int seed = 0; seed < Mutants; seed++)
        {
            var random = new Random(seed);
            var patch = new NtfsPatch(NtfsBase.Copy());
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                Mutate(random, patch);
            }
            using var image = new NtfsFile(patch.Image);
            read += Exercise(image.Path, "seed " + seed.ToString(CultureInfo.InvariantCulture)) ? 1 : 0;
        }
        // Most damage is local.
        Assert.InRange(read, Mutants * 3 / 4, Mutants);
    }

    [Fact]
    public void An_image_cut_at_64_points_is_refused_or_read_as_far_as_it_goes()
    {
        byte[] whole = NtfsBase.Copy();
        for (int i = 1; i <= 64; i++)
        {
            using var image = new NtfsFile(whole[..((int)((long)whole.Length * i / 64) - (i == 64 ? 1 : 0))]);
            Exercise(image.Path, string.Create(CultureInfo.InvariantCulture, $"cut at {i}/64"));
        }
    }

    private static bool Exercise(string path, string what)
    {
        var clock = Stopwatch.StartNew();
        (int code, _, string error) = Deadbox.Run("files", path, "--hash", "md5", "--deleted");
        Assert.True(code is 0 or 3, $"{what}: files: exit {code}: {error}");
        (int scan, _, string scanError) = Deadbox.Run("scan", path, "-q", "--no-builtin-rules", "--profile", "full", "--format", "json");
        Assert.True(scan == code, $"{what}: scan: exit {scan}: {scanError}");
        (int info, _, string infoError) = Deadbox.Run("info", path);
        Assert.True(info is 0 or 3, $"{what}: info: exit {info}: {infoError}");
        Assert.True(clock.Elapsed.TotalSeconds < MostSecondsEach, $"{what}: {clock.Elapsed.TotalSeconds} s");
        return code == 0;
    }

    private static void Mutate(Random random, NtfsPatch patch)
    {
        switch (random.Next(10))
        {
            case 0:
                Field(random, patch.Image.AsSpan(0, 0x54), 0x0B, 0x54);
                break;
            case 1 or 2:
                patch.EditIndex(random.Next(2) == 0 ? "dir" : "dir", random.Next(3), block => Field(random, block, 0x10, 0x100));
                break;
            case 3:
                Content(random, patch, "packed.txt", "");
                break;
            case 4:
                Content(random, patch, "$Secure", "$SDS");
                break;
            default:
                Record(random, patch);
                break;
        }
    }

    private static void Record(Random random, NtfsPatch patch)
    {
        long number = random.Next(4) == 0 ? random.Next(0, 27) : random.Next(0, (int)patch.RecordCount);
        patch.Edit(number, record =>
        {
            int[] attributes = record.IsInUse ? [.. record.Attributes()] : [];
            if (attributes.Length == 0 || random.Next(8) == 0)
            {
                Field(random, record.Bytes, 0, 0x38);
                return;
            }
            int attribute = attributes[random.Next(attributes.Length)];
            // Its head, or anything in it.
            int length = random.Next(2) == 0 ? 0x48 : (int)record.Get32(attribute + 4);
            Field(random, record.Bytes, attribute, Math.Min(record.Bytes.Length, attribute + length));
        });
    }

    private static void Content(Random random, NtfsPatch patch, string name, string stream)
    {
        (_, long lcn, long count) = patch.ContentOf(name, stream)[0];
        Field(random, patch.Image, (int)lcn * patch.ClusterSize, (int)(lcn + Math.Min(count, 4)) * patch.ClusterSize);
    }

    /// <summary>A number that breaks parsers, or a random byte, in a field of its size.</summary>
    private static void Field(Random random, Span<byte> bytes, int from, int to)
    {
        int size = 1 << random.Next(4);
        int at = from + (random.Next(to - from) & ~(size - 1));
        if (at + size > Math.Min(bytes.Length, to))
        {
            bytes[Math.Min(at, bytes.Length - 1)] = (byte)random.Next(256);
            return;
        }
        ulong value = random.Next(3) == 0 ? (ulong)random.NextInt64() : s_nasty[random.Next(s_nasty.Length)];
        for (int i = 0; i < size; i++)
        {
            bytes[at + i] = (byte)(value >> (8 * i));
        }
    }
}
