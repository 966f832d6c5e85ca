namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// What lies in <c>~/.config/cron</c>. No cron daemon reads the directory; families such as perfctl keep the programs there that their tables start, and scripts of users keep tables there.
/// Text in the form of a table is read as one, anything else as the program it is.
/// </summary>
/// <remarks><b>Limitations</b>: who starts a program there is said by the table that names it, not here.</remarks>
public sealed class UserCronDirectoryParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/user-cron-directory";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["~/.config/cron/*", "/.config/cron/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlySpan<byte> content = input.Content.Span;
        if (!content.StartsWith("#!"u8) && !content.StartsWith("\u007fELF"u8) && !content[..Math.Min(content.Length, 4096)].Contains((byte)0))
        {
            new CrontabParser().Parse(input, sink);
            return;
        }
        new StartupScriptReader { Place = StartupPlace.UserCronDirectory, Trigger = "user's cron directory" }.Read(input, sink);
    }
}
