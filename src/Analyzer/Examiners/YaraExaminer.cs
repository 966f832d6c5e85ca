using System.Text;
using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Diagnostics;
using Forensics.Yara;

namespace Forensics.Analyzer.Examiners;

/// <summary>Runs YARA over a content: general rules on everything, rules that import <c>pe</c> on what begins with MZ only.</summary>
internal sealed class YaraExaminer : Examiner
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly YaraScanner _general;
    private readonly YaraScanner? _pe;

    public YaraExaminer(YaraCompilation compilation)
    {
        _general = compilation.Rules.CreateScanner(s_timeout);
        _pe = compilation.PeRules?.CreateScanner(s_timeout);
    }

    public override string Name => "yara";

    public override bool Wants(in ExaminedContent content) => content.Bytes.Length > 0;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        string name = content.Location.Name;
        int dot = name.LastIndexOf('.');
        var externals = new YaraExternals(name, content.Location.Path, dot > 0 ? name[dot..] : "", content.Kind.ToString(), "", content.Md5);
        Take(_general.Scan(content.Bytes, externals), content, sink);
        if (_pe is not null && content.Kind == ContentKind.Pe)
        {
            Take(_pe.Scan(content.Bytes, externals), content, sink);
        }
    }

    public override void Dispose()
    {
        _general.Dispose();
        _pe?.Dispose();
        base.Dispose();
    }

    private static void Take(YaraScanResult result, in ExaminedContent content, IExaminationSink sink)
    {
        if (result.Outcome is YaraScanOutcome.TimedOut or YaraScanOutcome.Failed)
        {
            sink.Report(new Diagnostic(result.Outcome == YaraScanOutcome.TimedOut ? "yara.timeout" : "yara.failed", "YARA did not finish this file: " + result.Detail) { LosesContent = true });
            sink.Incomplete("YARA did not finish a file");
        }
        foreach (YaraRuleMatch match in result.Matches)
        {
            sink.Add(new YaraMatch(content.Location)
            {
                Rule = match.Rule,
                Namespace = match.Namespace,
                Tags = match.Tags,
                Meta = match.Meta,
                Strings = [.. match.Strings.Select(text => new YaraString(text.Identifier, text.Offset, Encoding.Latin1.GetString(text.Data)))],
                IsTruncated = match.IsTruncated,
            });
        }
    }
}
