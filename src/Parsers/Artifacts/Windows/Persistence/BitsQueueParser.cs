using Forensics.Parsers.Formats.Bits;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A job of the Background Intelligent Transfer Service, or a file of a job that is not known.</summary>
public sealed record BitsJob(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "bits-job";
    /// <summary>The job; null for files of no known job.</summary>
    public BitsJobRecord? Job { get; init; }
    /// <summary>What it transfers.</summary>
    public required IReadOnlyList<BitsFile> Files { get; init; }
    /// <summary>It was carved out of a database and may be gone.</summary>
    public bool IsCarved { get; init; }
    /// <summary>What is started when the job ends or fails; null when nothing is.</summary>
    public string? NotifyCommand => Job?.NotifyProgram is { } program ? WindowsCommandText.Of(program, Job.NotifyParameters) : null;

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => NotifyCommand is not { } command ? [] : [new StartCommand(command) { Trigger = "BITS notification", User = Job?.Owner, ByteOffset = Location.ByteOffset }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("id", Job?.Id.ToString());
        fields.Text("displayName", Job?.DisplayName);
        fields.Text("description", Job?.Description);
        fields.Text("owner", Job?.Owner);
        fields.Number("type", Job?.Type);
        fields.Number("state", Job?.State);
        fields.Text("notifyCommand", NotifyCommand);
        fields.List("remote", [.. Files.Select(file => file.RemoteName)]);
        fields.List("local", [.. Files.Select(file => file.LocalName)]);
        fields.Time("created", Job?.Created);
        fields.Time("modified", Job?.Modified);
        fields.Flag("isCarved", IsCarved);
    }
}

/// <summary>Reads the queue of BITS. <see cref="BitsQueue"/> names the sources.</summary>
/// <remarks><b>Limitations:</b> records of <c>qmgr.db</c> are carved, see there; of a file over the limit only the beginning.</remarks>
public sealed class BitsQueueParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/bits-queue";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/ProgramData/Microsoft/Network/Downloader/qmgr{0.dat,1.dat,.db}", "/Documents and Settings/All Users/Application Data/Microsoft/Network/Downloader/qmgr{0,1}.dat",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        BitsQueueContent queue = BitsQueue.Parse(input.Content.Span);
        foreach (BitsJobRecord job in queue.Jobs)
        {
            sink.Add(new BitsJob(input.Location with { ByteOffset = job.Offset }) { Job = job, Files = job.Files, IsCarved = queue.IsCarved });
        }
        foreach (BitsFile file in queue.LooseFiles)
        {
            sink.Add(new BitsJob(input.Location with { ByteOffset = file.Offset }) { Files = [file], IsCarved = queue.IsCarved });
        }
    }
}

/// <summary>Puts a program and its command line together, as they are told to CreateProcess: the command line begins with the program again, or should.</summary>
internal static class WindowsCommandText
{
    /// <summary>The program in quotes when it has blanks, and what follows it.</summary>
    public static string Of(string program, string? commandLine)
    {
        string quoted = program.Contains(' ', StringComparison.Ordinal) && !program.StartsWith('"') ? "\"" + program + "\"" : program;
        string rest = commandLine?.Trim() ?? "";
        if (rest.Length == 0)
        {
            return quoted;
        }
        int end = rest[0] == '"' ? rest.IndexOf('"', 1) + 1 : rest.IndexOf(' ', StringComparison.Ordinal);
        string first = end <= 0 ? rest : rest[..end];
        return Stem(first).Equals(Stem(program), StringComparison.OrdinalIgnoreCase) ? quoted + (end <= 0 ? "" : " " + rest[end..].TrimStart()) : quoted + " " + rest;
    }

    private static string Stem(string path)
    {
        string name = path.Trim('"');
        name = name[(name.LastIndexOfAny(['\\', '/']) + 1)..];
        return name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
    }
}
