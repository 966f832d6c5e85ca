using BenchmarkDotNet.Attributes;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats.EventLog;
using Forensics.Parsers.Tests.Formats.EventLog;

namespace Forensics.Benchmarks;

/// <summary>
/// Event logs, figures per record: of 20,000 written ones, or of the file named by the environment variable <c>DEADBOX_BENCH_EVTX</c>, which must have as many to make the figures comparable.
/// </summary>
[MemoryDiagnoser]
public class EventLogBenchmarks
{
    private const int Records = 20_000;
    private MemorySource _log = new(Array.Empty<byte>());

    /// <summary>Writes or loads the log.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        string? path = Environment.GetEnvironmentVariable("DEADBOX_BENCH_EVTX");
        DateTimeOffset time = DateTimeOffset.UnixEpoch.AddYears(50);
        _log = new MemorySource(path is not null ? File.ReadAllBytes(path) : EvtxWriter.Write(Enumerable.Range(0, Records).Select(i =>
            new WrittenEvent("Microsoft-Windows-Security-Auditing", 4624 + (i % 10), time.AddSeconds(i), ("TargetUserSid", "S-1-5-21-1-2-3-1001"), ("TargetUserName", "alice"), ("TargetDomainName", "WS01"),
                ("TargetLogonId", (ulong)i), ("LogonType", 3u), ("AuthenticationPackageName", "NTLM"), ("IpAddress", "192.0.2.1"), ("IpPort", "50000")) { IsNested = true })));
    }

    /// <summary>All records with the texts of all their data.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public long AllTexts()
    {
        var reader = new EventLogReader(_log, NullDiagnosticSink.Instance);
        long characters = 0;
        while (reader.Read())
        {
            for (int i = 0; i < reader.Current.FieldCount; i++)
            {
                characters += reader.Current.FieldText(i).Length;
            }
        }
        return characters;
    }

    /// <summary>One event of ten is wanted.</summary>
    [Benchmark(OperationsPerInvoke = Records)]
    public long Filtered()
    {
        var reader = new EventLogReader(_log, NullDiagnosticSink.Instance, (_, id) => id == 4625);
        long wanted = 0;
        while (reader.Read())
        {
            wanted++;
        }
        return wanted;
    }
}
