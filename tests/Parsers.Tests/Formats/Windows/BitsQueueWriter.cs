namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Makes queues of BITS: the old file, and records as the database of Windows 10 holds them.</summary>
internal static class BitsQueueWriter
{
    private static readonly byte[] s_transfer = Convert.FromHexString("36DA56776F515A43ACAC44A248FFF34D");
    private static readonly byte[] s_file = Convert.FromHexString("13F72BC84099124A9F1A3AAEBD894EEA");
    private static readonly byte[] s_queue = Convert.FromHexString("47445F00A9BDBA449851C47BB6C07ACE");
    private static readonly byte[] s_oldJob = Convert.FromHexString("B346ED3D3B10F944BC2FE8378BD31986");
    private static readonly byte[] s_newJob = Convert.FromHexString("5067419457031D46A4CC5DD9990706E4");
    private static readonly byte[] s_newFile = Convert.FromHexString("E4CF9E5146D99743B73E268513051AB2");

    public static Guid Id { get; } = new("11111111-2222-3333-4444-555555555555");

    /// <summary><c>qmgr0.dat</c> with a job.</summary>
    public static byte[] Old(string name, string remote, string local, string? program = null, string? parameters = null)
    {
        ByteWriter file = new ByteWriter().Raw(s_file).Raw(s_queue).U32(1).Raw(s_oldJob);
        Head(file, name, program, parameters).Raw(s_transfer).U32(2);
        foreach (string suffix in (string[])["", "2"])
        {
            Text(Text(Text(file, local + suffix), remote + suffix), @"C:\x\BIT1.tmp").U64(5).U64(ulong.MaxValue).U8(1);
            Text(Text(file, @"C:\"), @"\\?\Volume{1}\").Zeros(21);
        }
        return file.Raw(s_transfer).U32(0).Raw(s_oldJob).Raw(s_queue).Raw(s_file).ToArray();
    }

    /// <summary>Records as they lie in pages of <c>qmgr.db</c>.</summary>
    public static byte[] Database(string name, string remote, string local, string? program = null, string? parameters = null)
    {
        Guid file = new("66666666-7777-8888-9999-aaaaaaaaaaaa");
        ByteWriter database = new ByteWriter().U32(0).Raw(0xEF, 0xCD, 0xAB, 0x89).To(4096).Raw(s_newJob);
        Head(database, name, program, parameters).Raw(s_transfer).U32(1).Raw(file.ToByteArray()).Raw(s_transfer).U32(0).Zeros(12).U64(ByteWriter.Ticks(2026, 1, 2)).U64(ByteWriter.Ticks(2026, 1, 3)).To(8192);
        database.Raw(file.ToByteArray()).Raw(0xFE, 0x00, 0x01, 0x04, 0x00, 0x01).Raw(s_newFile);
        Text(Text(Text(database, local), remote), "");
        return database.Zeros(4096).ToArray();
    }

    private static ByteWriter Head(ByteWriter file, string name, string? program, string? parameters)
    {
        file.U32(0).U32(1).U32(6).U32(0).Raw(Id.ToByteArray());
        foreach (string? text in (string?[])[name, "what for", program, parameters, "S-1-5-18"])
        {
            Text(file, text ?? "");
        }
        return file.U32(3).Zeros(40);
    }

    private static ByteWriter Text(ByteWriter file, string text) => file.U32((uint)text.Length + 1).Utf16(text).U16(0);
}
