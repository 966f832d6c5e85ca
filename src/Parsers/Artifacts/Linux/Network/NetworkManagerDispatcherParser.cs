namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Scripts that NetworkManager runs when a connection changes. It takes only files that root owns, that nobody else may write, that root may execute and whose set-user-id bit is
/// clear. See NetworkManager-dispatcher(8) and nm-dispatcher.c.
/// </summary>
/// <remarks><b>Limitations</b>: a script of <c>/etc</c> that hides one of <c>/usr/lib</c> by its name is not noticed; both are read.</remarks>
public sealed class NetworkManagerDispatcherParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/networkmanager-dispatcher";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/{etc,usr/lib,lib}/NetworkManager/dispatcher.d/*", "/{etc,usr/lib,lib}/NetworkManager/dispatcher.d/{pre-up.d,pre-down.d,no-wait.d}/*"];

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        string directory = HookDirectory.Of(input.Location.Path);
        bool isLink = input.Entry.Type == FileType.SymbolicLink;
        // A link into no-wait.d is how a script asks not to be waited for; the script itself is read there.
        if (isLink && input.LinkTarget?.Contains("no-wait.d/", StringComparison.Ordinal) == true && !input.LinkTarget.StartsWith('/'))
        {
            return;
        }
        HookDirectory.Read(input, sink, new StartupScriptReader
        {
            Place = StartupPlace.NetworkDispatcher,
            Trigger = directory.EndsWith("dispatcher.d", StringComparison.Ordinal) ? "NetworkManager dispatcher" : "NetworkManager " + directory[(directory.LastIndexOf('/') + 1)..^2],
            DormantBecause = name.StartsWith('.') ? "NetworkManager ignores files whose name begins with a dot"
                : HookDirectory.Backup(name) ?? HookDirectory.Untrusted(input.Entry, "NetworkManager", refusesSetUserId: true)
                ?? (!isLink && (input.Entry.Permissions & 0x40) == 0 ? "the file is not executable" : null),
        });
    }
}
