using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Tests.Bytes;
using Forensics.Parsers.Tests.Images;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.SystemdJournal;

/// <summary>Journal files written by systemd-journal-remote from the export format, once a process.</summary>
internal static class JournalSamples
{
    public const int Entries = 600;

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, byte[]> s_made = [];

    /// <summary>A journal; large values compressed by zstd or not, compact or not.</summary>
    public static byte[] Make(bool isCompressed, bool isCompact)
    {
        lock (s_lock)
        {
            string key = isCompressed + "-" + isCompact;
            if (!s_made.TryGetValue(key, out byte[]? journal))
            {
                using var folder = new TempFolder();
                string source = folder.Write("in.export", Export());
                string target = folder.File("out.journal");
                var start = new System.Diagnostics.ProcessStartInfo("/lib/systemd/systemd-journal-remote", ["--compress=" + (isCompressed ? "yes" : "no"), "-o", target, source])
                {
                    RedirectStandardError = true, RedirectStandardOutput = true,
                };
                start.Environment["SYSTEMD_JOURNAL_COMPACT"] = isCompact ? "1" : "0";
                using var process = System.Diagnostics.Process.Start(start)!;
                Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.True(process.ExitCode == 0, error.Result);
                s_made.Add(key, journal = File.ReadAllBytes(target));
            }
            return (byte[])journal.Clone();
        }
    }

    /// <summary>Two boots; messages that repeat, that are long, binary and empty.</summary>
    private static byte[] Export()
    {
        var random = new Random(2);
        using var export = new MemoryStream();
        for (int i = 0; i < Entries; i++)
        {
            Text(export, $"__REALTIME_TIMESTAMP={1700000000000000 + i * 1500000L}\n__MONOTONIC_TIMESTAMP={(i % 300) * 1500000L}\n_BOOT_ID=0123456789abcdef0123456789abcde{i / 300}\n_HOSTNAME=web01\n");
            switch (i % 5)
            {
                case 0:
                    Text(export, $"SYSLOG_IDENTIFIER=sshd\n_COMM=sshd\n_EXE=/usr/sbin/sshd\n_UID=0\n_PID={1000 + i}\nMESSAGE=Failed password for root from 203.0.113.{i % 50} port {1024 + i} ssh2\n");
                    break;
                case 1:
                    Text(export, $"SYSLOG_IDENTIFIER=CRON\n_UID=0\n_PID={1000 + i}\nMESSAGE=(root) CMD (/usr/lib/x{i % 3})\n");
                    break;
                case 2:
                    Text(export, "SYSLOG_IDENTIFIER=app\n_UID=1000\nMESSAGE=" + string.Concat(Enumerable.Repeat($"long text {i} ", 100)) + "\n");
                    break;
                case 3:
                    var binary = new byte[900];
                    random.NextBytes(binary);
                    Text(export, "SYSLOG_IDENTIFIER=bin\nMESSAGE\n");
                    export.Write(BitConverter.GetBytes((long)binary.Length));
                    export.Write(binary);
                    Text(export, "\n");
                    break;
                default:
                    Text(export, $"SYSLOG_IDENTIFIER=systemd\n_UID=0\n_PID=1\nUNIT=foo{i % 7}.service\nMESSAGE=Started foo{i % 7}.service - Foo.\n");
                    break;
            }
            Text(export, "\n");
        }
        return export.ToArray();
    }

    private static void Text(Stream stream, FormattableString text) => Text(stream, text.ToString(CultureInfo.InvariantCulture));

    private static void Text(Stream stream, string text) => stream.Write(Encoding.Latin1.GetBytes(text));

    /// <summary>
    /// The entries as journalctl shows them: of each a line with times and boot, and then the values of the fields, Latin-1.
    /// </summary>
    public static List<string> OfJournalctl(byte[] journal, IReadOnlyList<string> fields)
    {
        using var folder = new TempFolder();
        string path = folder.Write("x.journal", journal);
        SharedImages.Run("journalctl", ["--file", path, "--all", "-o", "export"], folder.File("out"));
        byte[] export = File.ReadAllBytes(folder.File("out"));
        var entries = new List<string>();
        var entry = new Dictionary<string, string>(StringComparer.Ordinal);
        int at = 0;
        while (at < export.Length)
        {
            int end = export.AsSpan(at).IndexOf((byte)'\n');
            string line = Encoding.Latin1.GetString(export, at, end);
            at += end + 1;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.Length == 0)
            {
                entries.Add(Show(entry["__REALTIME_TIMESTAMP"], entry["__MONOTONIC_TIMESTAMP"], entry["_BOOT_ID"], fields.Select(name => entry.GetValueOrDefault(name, ""))));
                entry.Clear();
            }
            else if (equals >= 0)
            {
                entry[line[..equals]] = line[(equals + 1)..];
            }
            else
            {
                int length = (int)BinaryPrimitives.ReadInt64LittleEndian(export.AsSpan(at));
                entry[line] = Encoding.Latin1.GetString(export, at + 8, length);
                at += 8 + length + 1;
            }
        }
        return entries;
    }

    public static string Show(string realtime, string monotonic, string boot, IEnumerable<string> values) => realtime + " " + monotonic + " " + boot + "\n" + string.Join("\n", values);

    /// <summary>Compresses the large plain values of a journal in place by another tool, as older versions of systemd wrote them.</summary>
    public static byte[] Recompress(byte[] journal, bool lz4)
    {
        bool isCompact = (journal[12] & 16) != 0;
        int payload = isCompact ? 72 : 64;
        int done = 0;
        for (long at = BinaryPrimitives.ReadInt64LittleEndian(journal.AsSpan(88)); at + 16 <= journal.Length;)
        {
            Span<byte> found = journal.AsSpan((int)at);
            long size = BinaryPrimitives.ReadInt64LittleEndian(found[8..]);
            if (size == 0)
            {
                break;
            }
            if (found[0] == 1 && size > 1000 && done < 12)
            {
                byte[] plain = found[payload..(int)size].ToArray();
                byte[] packed = lz4 ? [.. BitConverter.GetBytes((long)plain.Length), .. Lz4BlockTests.Pack(plain)] : Xz(plain);
                Assert.True(packed.Length < plain.Length);
                found[payload..(int)size].Clear();
                packed.CopyTo(found[payload..]);
                BinaryPrimitives.WriteInt64LittleEndian(found[8..], payload + packed.Length);
                found[1] = lz4 ? (byte)2 : (byte)1;
                done++;
            }
            at += (size + 7) / 8 * 8;
        }
        journal[12] |= lz4 ? (byte)2 : (byte)1;
        Assert.Equal(12, done);
        return journal;
    }

    private static byte[] Xz(byte[] plain)
    {
        using var folder = new TempFolder();
        SharedImages.Run("xz", ["-c", "--check=none", "--lzma2=dict=1MiB", folder.Write("plain", plain)], folder.File("packed"));
        return File.ReadAllBytes(folder.File("packed"));
    }
}
