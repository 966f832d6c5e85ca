using System.Diagnostics;
using Forensics.Parsers.Formats.Registry;
using Xunit;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>How long a large hive takes; run by name, since it needs a quiet machine.</summary>
public sealed class RegistrySpeedTests
{
    [Fact(Explicit = true)]
    public void A_hive_of_100_MiB_is_walked_in_two_seconds()
    {
        var writer = new RegistryHiveWriter();
        for (int i = 0; i < 180_000; i++)
        {
            // As full as keys of a SOFTWARE hive are.
            writer.Key($@"Classes\Group{i % 211}\{{{i:x8}-0000-4000-8000-000000000000}}\Sub").Text("", "A description of a class").Expandable("Path", @"%SystemRoot%\System32\library" + i + ".dll").Number("Flags", (uint)i).Binary("Data", new byte[64]);
        }
        byte[] bytes = writer.ToBytes();
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, bytes);
            writer = null!;
            TimeSpan before = Environment.CpuUsage.TotalTime;
            var clock = Stopwatch.StartNew();
            int keys = 0;
            long data = 0;
            foreach (RegistryKey key in RegistryHiveOracleTests.Open(file, Diagnostics.NullDiagnosticSink.Instance).Keys())
            {
                keys++;
                foreach (RegistryValue value in key.Values())
                {
                    data += value.Data().Length;
                }
            }
            TimeSpan used = Environment.CpuUsage.TotalTime - before;
            TestContext.Current.TestOutputHelper?.WriteLine($"{bytes.Length >> 20} MiB, {keys} keys, {data} bytes of data: {clock.ElapsedMilliseconds} ms, of the processor {used.TotalMilliseconds:f0} ms");
            Assert.InRange(bytes.Length, 100 << 20, 200 << 20);
            Assert.True(used < TimeSpan.FromSeconds(2), used.ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact(Explicit = true)]
    public void A_hive_of_100_MiB_is_searched_for_deleted_keys_in_one_second()
    {
        var writer = new RegistryHiveWriter();
        for (int i = 0; i < 180_000; i++)
        {
            WrittenKey key = writer.Key($@"Classes\Group{i / 400}\{{{i:x8}-0000-4000-8000-000000000000}}").Text("", "A description of a class").Expandable("Path", @"%SystemRoot%\System32\library" + i + ".dll").Number("Flags", (uint)i).Binary("Data", new byte[200]);
            if (i % 20 == 0)
            {
                writer.Delete(key);
            }
        }
        RegistryHive hive = RegistryHiveTests.Open(writer.ToBytes());
        writer = null!;
        TimeSpan before = Environment.CpuUsage.TotalTime;
        DeletedRegistryEntries deleted = hive.FindDeleted();
        TimeSpan used = Environment.CpuUsage.TotalTime - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{deleted.Keys.Count} keys, {deleted.Values.Count} values: {used.TotalMilliseconds:f0} ms");
        Assert.Equal(9000, deleted.Keys.Count);
        Assert.True(used < TimeSpan.FromSeconds(1), used.ToString());
    }
}
