namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads what sshd runs at every login: <c>~/.ssh/rc</c>, or <c>/etc/ssh/sshrc</c> where the account has none. See sshd(8) "SSHRC".</summary>
/// <remarks><b>Limitations</b>: <c>PermitUserRC no</c> and the <c>no-user-rc</c> option of single keys are not taken into account.</remarks>
public sealed class SshLoginScriptParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/ssh-login-script";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/ssh/sshrc*", "~/.ssh/rc*", "/root/.ssh/rc*", "/home/*/.ssh/rc*", "/var/lib/*/.ssh/rc"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        string name = input.Location.Name;
        new StartupScriptReader
        {
            Place = StartupPlace.SshLogin,
            Trigger = "ssh login",
            NeedsNoExecuteBit = true,
            User = LoginPath.UserOf(input.Location.Path) is { } user && name.StartsWith("rc", StringComparison.Ordinal) ? user : null,
            Home = LoginPath.HomeOf(input.Location.Path),
            DormantBecause = name is "rc" or "sshrc" ? null : "sshd reads no file of this name",
        }.Read(input, sink);
        new ArtifactFile(input, sink, "linux.ssh-login-script").ReportTruncation();
    }
}
