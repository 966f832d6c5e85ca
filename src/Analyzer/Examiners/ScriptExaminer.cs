using Forensics.Analyzer.Evidence;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Formats;

namespace Forensics.Analyzer.Examiners;

/// <summary>Reads the commands of a shell script that something starts, so that they are followed and judged in turn.</summary>
/// <remarks>Limitations: shell only; a script of another interpreter is hashed and searched by YARA, its statements are not followed.</remarks>
internal sealed class ScriptExaminer : Examiner
{
    private const int MaximumBytes = 1 << 20;

    public override string Name => "script";

    public override bool Wants(in ExaminedContent content) => content.StartedBy is not null && content.Kind is ContentKind.Script or ContentKind.Text;

    public override void Examine(in ExaminedContent content, IExaminationSink sink)
    {
        string? interpreter = ContentClassifier.Interpreter(content.Bytes);
        string program = interpreter is null ? "sh" : interpreter[(interpreter.LastIndexOf('/') + 1)..];
        // Text without a shebang is a script only when it may be executed; other started text is configuration.
        if (!ShellWords.IsShell(program) || (interpreter is null && (content.Entry.Permissions & 0b001_001_001) == 0))
        {
            return;
        }
        bool cut = content.Bytes.Length > MaximumBytes;
        ShellScriptLines script = ShellScriptLines.Read((cut ? content.Bytes[..MaximumBytes] : content.Bytes).ToArray(), ScanLimits.Default);
        if (cut || script.IsCut)
        {
            sink.Report(new Diagnostic("script.truncated", "only the beginning of the script was followed") { LosesContent = true });
        }
        sink.Add(new ScriptFacts(content.Location)
        {
            Interpreter = interpreter,
            StartedBy = content.StartedBy!,
            Commands = [.. script.Lines.Select(line => new StartCommand(line.Text)
            {
                ThroughShell = true, Trigger = "script", Line = line.Number, ByteOffset = line.ByteOffset,
            })],
        });
    }
}
