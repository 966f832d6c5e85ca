using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Forensics.Yara.Compilation;
using Forensics.Yara.Scanning;

namespace Forensics.Yara.Native;

/// <summary>Finds out which layout a libyara has, and proves it by a scan whose every field is known, before any evidence is scanned.</summary>
internal static unsafe class LayoutProbe
{
    private const string Source = """
        private rule deadbox_hidden { condition: true }
        rule deadbox_probe : first second
        {
            meta:
                text = "value"
                number = -7
                flag = true
            strings:
                $plain = "needle"
                $secret = "needle" private
                $hex = { 01 02 ?? 04 }
            condition:
                all of them and deadbox_hidden and filename == "probe"
        }
        """;

    /// <summary>The layout of an initialised library.</summary>
    /// <exception cref="YaraUnavailableException">The version is unknown or the library answers the probe otherwise than expected.</exception>
    public static YaraLayout Establish(LibYara library)
    {
        using RulesHandle rules = Compile(library);
        byte version = CompiledVersion(library, rules);
        YaraLayout layout = YaraLayout.For(version, library.HasAddBytes) ?? throw new YaraUnavailableException(
            $"This libyara is not supported: its compiled rules have version {version}, while 4.2 to 4.5 have 19 to 21; install libyara 4.2 to 4.5.");
        RuleCatalog catalog = new(layout);
        MatchCollector collector = new(catalog);
        using ScannerHandle scanner = ScannerHandle.Create(rules, collector, 10);
        ExternalValues externals = new(ExternalSet.FileName);
        if (externals.Apply(scanner, new YaraExternals("probe", "", "", "", "", "")) != YaraError.Success
            || scanner.Scan("..needle..\u0001\u0002\u0003\u0004"u8) != YaraError.Success
            || collector.Failure is not null
            || collector.TakeMatches() is not [YaraRuleMatch match]
            || !IsExpected(match))
        {
            throw new YaraUnavailableException($"This libyara failed the self-test of the binding (compiled rules version {version}); install libyara 4.2 to 4.5 of your distribution.");
        }
        return layout;
    }

    private static bool IsExpected(YaraRuleMatch match) =>
        match is { Rule: "deadbox_probe", Namespace: "probe", IsTruncated: false, Tags: ["first", "second"] }
        && match.Meta is [{ Key: "text", Value: "value" }, { Key: "number", Value: "-7" }, { Key: "flag", Value: "true" }]
        && match.Strings is [{ Identifier: "$plain", Offset: 2, Length: 6 } plain, { Identifier: "$hex", Offset: 10, Length: 4 } hex]
        && plain.Data.AsSpan().SequenceEqual("needle"u8)
        && hex.Data.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[1, 2, 3, 4]);

    private static RulesHandle Compile(LibYara library)
    {
        using NativeCompiler compiler = new(library, null);
        if (!compiler.Add(new YaraSource("probe", Source, "probe")))
        {
            throw new YaraUnavailableException("This libyara refuses the probe rule of the binding; install libyara 4.2 to 4.5 of your distribution.");
        }
        return compiler.GetRules();
    }

    /// <summary>Compiled rules begin with <c>YARA</c> and the version of the format.</summary>
    private static byte CompiledVersion(LibYara library, RulesHandle rules)
    {
        HeaderSink sink = new();
        GCHandle handle = GCHandle.Alloc(sink);
        try
        {
            YaraStream stream = new() { User = GCHandle.ToIntPtr(handle), Write = &OnWrite };
            int error = library.RulesSaveStream(rules.DangerousGetHandle(), &stream);
            return error == YaraError.Success && sink.Count == sink.Header.Length && sink.Header.AsSpan(0, 4).SequenceEqual("YARA"u8) ? sink.Header[4] : (byte)0;
        }
        finally
        {
            handle.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nuint OnWrite(nint data, nuint size, nuint count, nint user)
    {
        HeaderSink sink = (HeaderSink)GCHandle.FromIntPtr(user).Target!;
        nuint length = size * count;
        for (nuint i = 0; i < length && sink.Count < sink.Header.Length; i++)
        {
            sink.Header[sink.Count++] = ((byte*)data)[i];
        }
        return count;
    }

    private sealed class HeaderSink
    {
        public byte[] Header { get; } = new byte[5];
        public int Count { get; set; }
    }
}
