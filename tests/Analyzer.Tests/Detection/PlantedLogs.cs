using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Analyzer.Tests.EndToEnd;

namespace Forensics.Analyzer.Tests.Detection;

/// <summary>Writes logs as the programs of a host do. Times are Unix seconds.</summary>
internal static class PlantedLogs
{
    public const long Day = 86400;

    /// <summary>A line of rsyslog in the form of Debian 12 and later.</summary>
    public static string Line(long time, string program, string message) =>
        DateTimeOffset.FromUnixTimeSeconds(time).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + $"+00:00 web01 {program}: {message}\n";

    /// <summary>A line in the traditional form, without a year.</summary>
    public static string OldLine(long time, string program, string message)
    {
        DateTimeOffset at = DateTimeOffset.FromUnixTimeSeconds(time);
        return at.ToString("MMM ", CultureInfo.InvariantCulture) + at.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + at.ToString(" HH:mm:ss", CultureInfo.InvariantCulture) + $" web01 {program}: {message}\n";
    }

    /// <summary>What an ordinary host logs about accounts: cron's sessions each hour, alice with her key each day, and sudo.</summary>
    public static string Ordinary(long from, long to, Func<long, string, string, string>? form = null)
    {
        form ??= Line;
        var text = new StringBuilder();
        for (long time = from; time < to; time += 3600)
        {
            text.Append(form(time + 17 * 60, "CRON[811]", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)")).Append(form(time + 17 * 60 + 1, "CRON[811]", "pam_unix(cron:session): session closed for user root"));
            if (time / 3600 % 24 == 9)
            {
                text.Append(form(time + 1800, "sshd[2201]", "Accepted publickey for alice from 10.1.2.3 port 50122 ssh2: ED25519 " + AliceKey))
                    .Append(form(time + 1800, "sshd[2201]", "pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)"))
                    .Append(form(time + 1900, "sudo", "    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/apt-get update"))
                    .Append(form(time + 2400, "sshd[2201]", "pam_unix(sshd:session): session closed for user alice"));
            }
        }
        return text.ToString();
    }

    /// <summary>Passwords that were refused to one address.</summary>
    public static string Storm(long from, int count, string address, string user = "root", Func<long, string, string, string>? form = null)
    {
        form ??= Line;
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            text.Append(form(from + i * 3, $"sshd[{3000 + i}]", $"Failed password for {user} from {address} port {40000 + i} ssh2"));
        }
        return text.ToString();
    }

    public const string AliceKey = "SHA256:uHz2kC0mWJjD3dJ1cQ9mQ0n5Fz7b1r5tK1l6m8o0p2q";

    /// <summary>A record of wtmp on x86-64; all zeros for type -1.</summary>
    public static byte[] Wtmp(params (short Type, string User, string Line, string Host, long Time)[] records)
    {
        var all = new byte[records.Length * 384];
        for (int i = 0; i < records.Length; i++)
        {
            Span<byte> record = all.AsSpan(i * 384, 384);
            (short type, string user, string line, string host, long time) = records[i];
            if (type < 0)
            {
                continue;
            }
            BinaryPrimitives.WriteInt16LittleEndian(record, type);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], 1000 + i);
            Encoding.ASCII.GetBytes(line).CopyTo(record[8..]);
            Encoding.ASCII.GetBytes(user).CopyTo(record[44..]);
            Encoding.ASCII.GetBytes(host).CopyTo(record[76..]);
            BinaryPrimitives.WriteInt32LittleEndian(record[340..], (int)time);
        }
        return all;
    }

    /// <summary>Logins of alice, one a day.</summary>
    public static (short, string, string, string, long)[] Days(long from, int days) =>
        [(2, "reboot", "~", "6.1.0-18-amd64", from), .. Enumerable.Range(0, days).SelectMany(day => new (short, string, string, string, long)[] { (7, "alice", "pts/0", "10.1.2.3", from + day * Day + 34200), (8, "", "pts/0", "", from + day * Day + 35000) })];

    /// <summary>A journal of such lines, written by systemd's own program.</summary>
    public static byte[] Journal(IEnumerable<(long Time, string Program, string Message)> lines)
    {
        using var machine = new Machine();
        var export = new StringBuilder();
        foreach ((long time, string program, string message) in lines)
        {
            export.Append(CultureInfo.InvariantCulture, $"__REALTIME_TIMESTAMP={time}000000\n__MONOTONIC_TIMESTAMP={time - PlantTree.Installed}000000\n_BOOT_ID=0123456789abcdef0123456789abcde0\n_HOSTNAME=web01\n_UID=0\nSYSLOG_IDENTIFIER={program}\nMESSAGE={message}\n\n");
        }
        File.WriteAllText(machine.At("in.export"), export.ToString());
        Machine.Run("/lib/systemd/systemd-journal-remote", ["-o", machine.At("out.journal"), machine.At("in.export")]);
        return File.ReadAllBytes(machine.At("out.journal"));
    }

    /// <summary>A log file with the time of its last line as that of its last change.</summary>
    public static PlantTree Log(this PlantTree tree, string path, byte[] content, long modified, long created = PlantTree.Installed) =>
        tree.File(path, "").Change(path, file => file with { Content = content, Modified = modified, Created = created });

    /// <summary>The same with text.</summary>
    public static PlantTree Log(this PlantTree tree, string path, string content, long modified, long created = PlantTree.Installed) => tree.Log(path, Encoding.UTF8.GetBytes(content), modified, created);

    /// <summary>An ordinary host that has run for two weeks before and one after something was planted: auth.log, its rotated part, wtmp.</summary>
    public static PlantTree OrdinaryLogs(this PlantTree tree, string more = "")
    {
        long begin = PlantTree.Planted - 14 * Day;
        long end = PlantTree.Planted + 2 * Day;
        string old = Ordinary(begin, PlantTree.Planted - 7 * Day);
        string current = Ordinary(PlantTree.Planted - 7 * Day, PlantTree.Planted) + more + Ordinary(PlantTree.Planted + 6 * 3600, end);
        return tree.Log("/var/log/auth.log.1", old, PlantTree.Planted - 7 * Day, begin).Log("/var/log/auth.log", current, end, PlantTree.Planted - 7 * Day)
            .Log("/var/log/wtmp", Wtmp(Days(begin, 16)), end - 3600).Log("/var/log/lastlog", new byte[292], end - 3600);
    }

    public static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return packed.ToArray();
    }
}
