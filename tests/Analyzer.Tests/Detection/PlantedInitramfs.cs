using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Builds images of the early boot: microcode as a plain archive, zeros, then a compressed archive.</summary>
internal sealed class PlantedInitramfs
{
    private readonly List<(string Path, int Mode, byte[] Content)> _members = [];

    public PlantedInitramfs Add(string path, byte[] content, int mode = 0x81ED)
    {
        _members.Add((path, mode, content));
        return this;
    }

    public PlantedInitramfs Add(string path, string text, int mode = 0x81ED) => Add(path, Encoding.UTF8.GetBytes(text), mode);

    public byte[] Build()
    {
        byte[] microcode = Archive([("kernel/x86/microcode/GenuineIntel.bin", 0x81A4, new byte[2048])]);
        using var packed = new MemoryStream();
        packed.Write(microcode);
        packed.Write(new byte[512 - (microcode.Length % 512)]);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Archive(_members));
        }
        return packed.ToArray();
    }

    public static byte[] Archive(IReadOnlyList<(string Path, int Mode, byte[] Content)> members)
    {
        using var archive = new MemoryStream();
        int inode = 1;
        foreach ((string path, int mode, byte[] content) in members.Append(("TRAILER!!!", 0, [])))
        {
            byte[] name = Encoding.UTF8.GetBytes(path + "\0");
            string header = "070701" + string.Concat(((int[])[inode++, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length, 0]).Select(value => value.ToString("X8", CultureInfo.InvariantCulture)));
            archive.Write(Encoding.ASCII.GetBytes(header));
            archive.Write(name);
            Pad(archive);
            archive.Write(content);
            Pad(archive);
        }
        return archive.ToArray();
    }

    private static void Pad(MemoryStream archive) => archive.Write(new byte[-(int)archive.Length & 3]);
}
