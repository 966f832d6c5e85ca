using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>Byte offsets of structures in a made image, as debugfs names them: where a test puts its damage.</summary>
internal static partial class ExtPlaces
{
    public static int BlockSize(byte[] data) => 1024 << data[1024 + 0x18];

    /// <summary>Offset of the inode of a path (or <c>&lt;12&gt;</c>).</summary>
    public static int Inode(ExtImage image, byte[] data, string path)
    {
        Match match = Located().Match(image.Debugfs(["imap " + path]));
        return int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * BlockSize(data) + int.Parse(match.Groups[2].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    /// <summary>Blocks of a file in logical order, its index blocks among them.</summary>
    public static int[] Blocks(ExtImage image, string path) =>
        [.. image.Debugfs(["blocks " + path]).Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => int.Parse(word, CultureInfo.InvariantCulture))];

    /// <summary>Offset of the entry of a name in a directory.</summary>
    public static int Entry(ExtImage image, byte[] data, string directory, string name)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        int blockSize = BlockSize(data);
        foreach (int block in Blocks(image, directory))
        {
            int end = (block + 1) * blockSize;
            for (int at = block * blockSize; at < end; at += BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(at + 4)))
            {
                if (data[at + 6] == wanted.Length && data.AsSpan(at + 8, wanted.Length).SequenceEqual(wanted))
                {
                    return at;
                }
            }
        }
        throw new InvalidOperationException(name + " is not in " + directory);
    }

    /// <summary>Extent blocks of a file with the depth each declares.</summary>
    public static (int Block, int Depth)[] ExtentBlocks(ExtImage image, byte[] data, string path) =>
        [.. ExtentBlock().Matches(image.Debugfs(["stat " + path])).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .Select(block => (block, (int)BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(block * BlockSize(data) + 6))))];

    [GeneratedRegex(@"located at block (\d+), offset 0x([0-9a-f]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Located();

    [GeneratedRegex(@"\(ETB\d+\):(\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex ExtentBlock();
}
