using System.Diagnostics;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>Seeded mutants of small images, read completely: only exceptions of the forensic family, in bounded time.</summary>
public sealed class MutatedImageTests
{
    private const int MutantsPerBase = 60;
    private const double MostSeconds = 10;

    [Theory]
    [InlineData("-t ext4 -b 1024 -N 200", 4)]
    [InlineData("-t ext4 -b 1024 -N 200 -O ^metadata_csum,^uninit_bg", 4)]
    [InlineData("-t ext4 -b 1024 -N 200 -O inline_data,ea_inode,^metadata_csum -I 256", 4)]
    [InlineData("-t ext2 -b 1024 -N 200", 4)]
    [InlineData("-t ext4 -b 4096 -N 200 -O bigalloc,^metadata_csum", 16)]
    [InlineData("-t ext4 -b 1024 -N 200 -g 512 -O meta_bg,^resize_inode,^metadata_csum", 4)]
    public void Mutants_never_crash_or_hang(string options, int mebibytes)
    {
        using ExtImage image = SmallImage(options, mebibytes);
        byte[] original = image.Bytes();
        int[] interesting = Metadata(original);
        for (int seed = 0; seed < MutantsPerBase; seed++)
        {
            byte[] mutant = (byte[])original.Clone();
            Mutate(mutant, interesting, new Random(seed));
            var clock = Stopwatch.StartNew();
            ReadAll(mutant);
            Assert.True(clock.Elapsed.TotalSeconds < MostSeconds, $"seed {seed} of {options} took {clock.Elapsed}");
        }
    }

    private static ExtImage SmallImage(string options, int mebibytes)
    {
        ExtImage image = ExtImage.Make(options + " -m 0", mebibytes, withTree: false);
        string large = image.NewFile("large", new byte[150_000]);
        string small = image.NewFile("small", "content of a small file"u8.ToArray());
        string value = image.NewFile("value", new byte[700]);
        var commands = new List<string> { "mkdir d", "mkdir d/e", $"write {large} large", $"write {small} d/small", "symlink fast target", "symlink slow " + new string('s', 100) };
        commands.AddRange(Enumerable.Range(0, 30).Select(i => $"ln d/small d/name-of-some-length-{i}"));
        commands.AddRange([$"ea_set -f {value} large user.large", "ea_set large user.small 1", "ea_set d/small security.selinux label", "mknod dev c 1 3"]);
        image.Debugfs(commands, write: true);
        return image;
    }

    /// <summary>Offsets of 512-byte pieces that hold something but file content: there a change matters.</summary>
    private static int[] Metadata(byte[] image)
    {
        var offsets = new List<int>();
        for (int at = 0; at < image.Length; at += 512)
        {
            ReadOnlySpan<byte> piece = image.AsSpan(at, 512);
            if (piece.IndexOfAnyExcept((byte)0) >= 0 && piece.IndexOfAnyExcept((byte)0xAA) >= 0)
            {
                offsets.Add(at);
            }
        }
        return [.. offsets];
    }

    private static void Mutate(byte[] image, int[] interesting, Random random)
    {
        byte[] extremes = [0, 1, 0x7F, 0x80, 0xFF, 0xFE, 4, 0x0C];
        int changes = 1 + random.Next(40);
        for (int i = 0; i < changes; i++)
        {
            int at = interesting[random.Next(interesting.Length)] + random.Next(512);
            // Mostly outside the superblock, which alone would end most mutants early.
            if (at is >= 1024 and < 2048 && random.Next(8) != 0)
            {
                continue;
            }
            switch (random.Next(4))
            {
                case 0:
                    image[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    image[at] = extremes[random.Next(extremes.Length)];
                    break;
                case 2:
                    int length = Math.Min(1 + random.Next(8), image.Length - at);
                    image.AsSpan(at, length).Fill(extremes[random.Next(extremes.Length)]);
                    break;
                default:
                    int source = interesting[random.Next(interesting.Length)];
                    int size = Math.Min(512, image.Length - Math.Max(at, source));
                    image.AsSpan(source, random.Next(size + 1)).CopyTo(image.AsSpan(at));
                    break;
            }
        }
    }

    private static void ReadAll(byte[] mutant)
    {
        try
        {
            IFileSystem fileSystem = ExtWalk.Open(new MemorySource(mutant), new DiagnosticList());
            foreach (WalkedFile file in ExtWalk.Files(fileSystem, []))
            {
                Exercise.One(fileSystem, file.Entry);
            }
            // Inodes no name leads to are opened too.
            for (ulong inode = 1; inode <= 300; inode++)
            {
                try
                {
                    Exercise.One(fileSystem, fileSystem.Open(inode));
                }
                catch (ForensicException failure)
                {
                    Assert.NotEmpty(failure.Message);
                }
            }
        }
        catch (ForensicException failure)
        {
            Assert.NotEmpty(failure.Message);
        }
    }
}
