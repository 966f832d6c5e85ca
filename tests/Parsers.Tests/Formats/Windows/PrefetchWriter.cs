namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Makes prefetch files of all versions, checked by <c>sccainfo</c>.</summary>
internal static class PrefetchWriter
{
    public const string Device = @"\VOLUME{01d2c0a4c3b8f1a0-1234abcd}";

    public static byte[] Make(int version, bool isShort30 = false)
    {
        int information = version switch { 17 => 68, 23 => 156, 26 => 224, _ => isShort30 || version == 31 ? 212 : 220 };
        int metrics = 84 + information;
        if (version is 30 or 31)
        {
            metrics = version == 31 || isShort30 ? 296 : 304;
        }
        int metricSize = version == 17 ? 20 : 32;
        string[] files = [Device + @"\WINDOWS\SYSTEM32\NTDLL.DLL", Device + @"\USERS\ALICE\DOWNLOADS\TOOL.EXE"];
        var names = new ByteWriter();
        var offsets = new List<int>();
        foreach (string file in files)
        {
            offsets.Add(names.Length);
            names.Utf16(file).U16(0);
        }
        int traces = metrics + files.Length * metricSize;
        int traceSize = version >= 30 ? 8 : 12;
        int namesAt = traces + traceSize;
        int volumesAt = (namesAt + names.Length + 7) & ~7;
        byte[] volumes = Volumes(version);
        ByteWriter pf = new ByteWriter().U32((uint)version).Raw("SCCA"u8).U32(0x11).U32((uint)(volumesAt + volumes.Length)).Utf16("TOOL.EXE", 60).U32(0xDEADBEEF).U32(0);
        pf.U32((uint)metrics).U32((uint)files.Length).U32((uint)traces).U32(1).U32((uint)namesAt).U32((uint)names.Length).U32((uint)volumesAt).U32(1).U32((uint)volumes.Length);
        if (version == 17)
        {
            pf.U64(ByteWriter.Ticks(2026, 5, 1)).Zeros(16).U32(7).U32(0);
        }
        else if (version == 23)
        {
            pf.Zeros(8).U64(ByteWriter.Ticks(2026, 5, 1)).Zeros(16).U32(7);
        }
        else
        {
            pf.Zeros(8).U64(ByteWriter.Ticks(2026, 5, 1)).U64(ByteWriter.Ticks(2026, 4, 1)).U64(ByteWriter.Ticks(2026, 3, 1)).Zeros(40).To(version != 26 && metrics == 296 ? 200 : 208).U32(7);
        }
        pf.To(metrics);
        for (int i = 0; i < files.Length; i++)
        {
            pf.U32(0).U32(1);
            _ = version == 17 ? pf : pf.U32(0);
            pf.U32((uint)offsets[i]).U32((uint)files[i].Length).U32(0);
            _ = version == 17 ? pf : pf.U64((3UL << 48) + (ulong)(100 + i));
        }
        return pf.To(traces).Zeros(traceSize).Raw(names.ToArray()).To(volumesAt).Raw(volumes).ToArray();
    }

    private static byte[] Volumes(int version)
    {
        int size = version switch { 17 => 40, 23 or 26 => 104, _ => 96 };
        string[] directories = [Device + @"\WINDOWS", Device + @"\USERS\ALICE\DOWNLOADS"];
        int device = size;
        int references = (device + (Device.Length + 1) * 2 + 7) & ~7;
        int referenceSize = version == 17 ? 8 + 16 : 16 + 16;
        int strings = references + referenceSize;
        ByteWriter volumes = new ByteWriter().U32((uint)device).U32((uint)Device.Length).U64(ByteWriter.Ticks(2025, 1, 2)).U32(0x1234ABCD).U32((uint)references).U32((uint)referenceSize).U32((uint)strings).U32((uint)directories.Length);
        volumes.To(device).Utf16(Device).U16(0).To(references).U32(version == 17 ? 1u : 3u).U32(2);
        _ = version == 17 ? volumes : volumes.U64(0);
        volumes.U64(3UL << 48 | 100).U64(3UL << 48 | 101).To(strings);
        foreach (string directory in directories)
        {
            volumes.U16(directory.Length).Utf16(directory).U16(0);
        }
        return volumes.ToArray();
    }
}
