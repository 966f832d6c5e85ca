using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Reads the tasks of the task scheduler of Windows Vista and later, one XML file each. Specification: [MS-TSCH] 2.5,
/// <see href="https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema"/>.
/// </summary>
/// <remarks>
/// <b>Limitations:</b> a document type declaration ends the reading, as it does for the service; at most 256 triggers, principals and actions, 64 levels and 8 Mi characters. Whether the registry knows the
/// task, without which the service does not run it, is not looked at here.
/// </remarks>
public sealed class ScheduledTaskParser : ArtifactParser
{
    private const int MaximumBytes = 16 << 20;

    /// <inheritdoc/>
    public override string Name => "windows/scheduled-task";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/Windows/{System32,SysWOW64}/Tasks/**"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (input.Content.IsEmpty)
        {
            return;
        }
        ReadOnlyMemory<byte> content = input.Content.Length > MaximumBytes ? input.Content[..MaximumBytes] : input.Content;
        (ScheduledTask? task, string? damage) = TaskXml.Read(EncodedText.Decode(content.Span), new ScheduledTask(input.Location) { Name = NameOf(input.Location.Path) });
        if (damage is not null)
        {
            sink.Report(new Diagnostic("windows.task.damaged", "the XML of a task could not be read to its end")
            {
                Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = damage, LosesContent = true,
            });
        }
        else if (task is null)
        {
            sink.Report(new Diagnostic("windows.task.root", "a file among the tasks is no task") { Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress });
        }
        if (task is not null)
        {
            sink.Add(task);
        }
    }

    /// <summary>The name with folders that the service gives to a file below its directory.</summary>
    private static string NameOf(string path)
    {
        int at = path.IndexOf("/Tasks/", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? "\\" + path[(path.LastIndexOf('/') + 1)..] : path[(at + 6)..].Replace('/', '\\');
    }
}
