using System.Buffers.Binary;
using System.Text;

namespace Forensics.Parsers.Tests.Formats.Windows;

/// <summary>Writes Defender's books by the public descriptions of libyal (history) and of ERNW and Fox-IT (quarantine).</summary>
internal static class DefenderWriter
{
    /// <summary>2026-06-01 12:00:00 UTC.</summary>
    public const ulong Noon = 134247888000000000;

    private const string Key =
        "1E87781B8DBAA844CE69702C0C78B786A3F623B738F5EDF9AF83530FB3FC54FAA21EB9CF1331FD0F0DA954F687CB9E18279697900E53FB317C9CBCE48E23D05371ECC15951B8F3649D7CA33ED68DC904" +
        "7E82C9BAAD9799D0D458CB847CA9FFBE3C8A775233557DDE13A8B14087CC1BC8F10F6ECDD083A959CFF84A9D1D50755E3E191818AF23E2293558766D2C07E25712B2CA0B535ED8F6" +
        "C56CE73D24BDD0291771861A54B4C285A9A3DB7ACA6D224AEACD621DB9F2A22ED1E9E11D75BED7DC0ECB0A8E68A2FF1263408DC808DFFD164B116774CD0B9B8D05411ED6262E429BA495676B8398DB2F35D3C1B9CED52636F2765E1A95CB7CA4C3DDABDDBFF38253";

    /// <summary>A file of the history of detections.</summary>
    public static byte[] History(string threat, ulong time, string process, string user, params (string Type, string Name)[] resources)
    {
        var values = new List<byte[]> { Value(8, Number(1)), Value(0x1E, new byte[16]), Text("Magic.Version:1.2"), Text(threat), Value(6, new byte[4]), Value(6, new byte[4]), Value(6, new byte[4]) };
        foreach ((string type, string name) in resources)
        {
            values.AddRange([Text("Magic.Version:1.2"), Text(type), Text(name), Value(6, new byte[4]), Value(6, [4, 0, 0, 0]), Value(0x28, [0, 0, 0, 0]), Value(0x0A, Number(time + 1))]);
            values.AddRange(Enumerable.Range(7, 5).Select(_ => Value(6, new byte[4])));
            values.AddRange([Text(user), Value(6, new byte[4]), Text(process), Value(6, new byte[4]), Value(6, new byte[4]), Value(6, new byte[4]), Value(0x0A, Number(time))]);
        }
        return [.. values.SelectMany(value => value)];
    }

    /// <summary>An entry of the quarantine.</summary>
    public static byte[] Quarantine(string threat, ulong time, params (string Type, string Name)[] resources)
    {
        byte[] about = [.. new byte[32], .. Number(time), .. Number(7), 1, 0, 0, 0, .. Encoding.ASCII.GetBytes(threat + "\0")];
        var body = new List<byte>();
        var offsets = new List<int>();
        int table = 4 + resources.Length * 4;
        foreach ((string type, string name) in resources)
        {
            Pad();
            offsets.Add(table + body.Count);
            body.AddRange(Encoding.Unicode.GetBytes(@"\\?\" + name + "\0"));
            body.AddRange([2, 0, .. Encoding.ASCII.GetBytes(type + "\0")]);
            Pad();
            body.AddRange([8, 0, 0x0F, 0x60, .. Number(time)]);
            Pad();
            byte[] path = Encoding.Unicode.GetBytes(name + "\0");
            body.AddRange([(byte)path.Length, (byte)(path.Length >> 8), 0x0C, 0x20, .. path]);
        }
        byte[] section = [.. Word(resources.Length), .. offsets.SelectMany(Word), .. body];
        byte[] header = [0xDB, 0xE8, 0xC5, 0x01, 1, 0, 0, 0, .. new byte[32], .. Word(about.Length), .. Word(section.Length), .. new byte[8], .. "QFIL"u8];
        return [.. Encipher(header), .. Encipher(about), .. Encipher(section)];

        void Pad()
        {
            while ((table + body.Count) % 4 != 0)
            {
                body.Add(0);
            }
        }
    }

    /// <summary>RC4, each time from the beginning.</summary>
    public static byte[] Encipher(byte[] data)
    {
        byte[] key = Convert.FromHexString(Key);
        int[] state = [.. Enumerable.Range(0, 256)];
        for (int i = 0, j = 0; i < 256; i++)
        {
            j = (j + state[i] + key[i % key.Length]) % 256;
            (state[i], state[j]) = (state[j], state[i]);
        }
        int a = 0;
        int b = 0;
        return [.. data.Select(value =>
        {
            a = (a + 1) % 256;
            b = (b + state[a]) % 256;
            (state[a], state[b]) = (state[b], state[a]);
            return (byte)(value ^ state[(state[a] + state[b]) % 256]);
        })];
    }

    private static byte[] Text(string text) => Value(0x15, Encoding.Unicode.GetBytes(text + "\0"));

    private static byte[] Value(int type, byte[] content) => [.. Word(content.Length), .. Word(type), .. content, .. new byte[(8 - content.Length % 8) % 8]];

    private static byte[] Word(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Number(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
