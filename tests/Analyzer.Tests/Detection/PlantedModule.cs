using System.Buffers.Binary;
using System.Text;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Builds small relocatable ELF files like kernel modules: a <c>.modinfo</c> and some strings.</summary>
internal static class PlantedModule
{
    public const string Release = "6.1.0-18-amd64";

    public static byte[] Build(string name, string author = "Linux Kernel Team", params string[] strings)
    {
        string[] info = ["license=GPL", "author=" + author, "description=" + name, "name=" + name, "vermagic=" + Release + " SMP preempt mod_unload modversions"];
        (string Name, byte[] Content)[] sections = [("", []), (".modinfo", Text(info)), (".rodata.str1.1", Text(strings)), (".shstrtab", Text(["", ".modinfo", ".rodata.str1.1", ".shstrtab"]))];
        var data = new List<byte>(new byte[64]);
        var offsets = new List<int>();
        foreach ((_, byte[] content) in sections)
        {
            offsets.Add(data.Count);
            data.AddRange(content);
        }
        int table = data.Count;
        int nameAt = 1;
        byte[] all = [.. data, .. new byte[64 * sections.Length]];
        for (int i = 1; i < sections.Length; i++)
        {
            Span<byte> header = all.AsSpan(table + (i * 64), 64);
            BinaryPrimitives.WriteInt32LittleEndian(header, nameAt);
            BinaryPrimitives.WriteInt32LittleEndian(header[4..], i == 3 ? 3 : 1);
            BinaryPrimitives.WriteInt64LittleEndian(header[24..], offsets[i]);
            BinaryPrimitives.WriteInt64LittleEndian(header[32..], sections[i].Content.Length);
            nameAt += sections[i].Name.Length + 1;
        }
        ((byte[])[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]).CopyTo(all, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(16), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(18), 62);
        BinaryPrimitives.WriteInt64LittleEndian(all.AsSpan(40), table);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(60), (ushort)sections.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(62), 3);
        return all;
    }

    /// <summary>A kernel package with a few modules and the indexes that depmod writes.</summary>
    public static PlantTree Kernel(this PlantTree tree, params string[] further)
    {
        string root = (tree.Host == PlantHost.Alpine ? "/lib" : "/usr/lib") + "/modules/" + Release;
        string[] modules = ["kernel/fs/fuse/fuse.ko", "kernel/fs/overlayfs/overlay.ko", "kernel/net/bridge/br_netfilter.ko", "kernel/drivers/hid/usbhid/usbhid.ko"];
        foreach (string module in modules)
        {
            tree.Owned("linux-image", root + "/" + module, Build(Path.GetFileNameWithoutExtension(module)));
        }
        tree.Owned("linux-image", root + "/modules.builtin", "kernel/fs/ext4/ext4.ko\nkernel/drivers/block/loop.ko\n").Owned("linux-image", root + "/modules.order", string.Concat(modules.Select(module => module + "\n")));
        return tree.File(root + "/modules.dep", string.Concat(modules.Concat(further).Select(module => module + ":\n")));
    }

    public static PlantTree Module(this PlantTree tree, string below, byte[] content) =>
        tree.Add(new PlantedFile((tree.Host == PlantHost.Alpine ? "/lib" : "/usr/lib") + "/modules/" + Release + "/" + below, Parsers.FileType.Regular) { Content = content, Modified = PlantTree.Planted, Created = PlantTree.Planted });

    private static byte[] Text(IEnumerable<string> lines) => Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + "\0")));
}
