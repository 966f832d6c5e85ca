namespace Forensics.Parsers.Artifacts.Linux;

/// <summary><c>/etc/conf.d/NAME</c>, which OpenRC sources as shell text before it runs the service of that name, and <c>/etc/rc.conf</c>. See openrc-run(8).</summary>
/// <remarks><b>Limitations</b>: on hosts without OpenRC nothing reads the directory, which is the analyser's to say.</remarks>
public sealed class ServiceConfigurationParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/service-configuration";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/conf.d/*", "/etc/rc.conf", "/etc/rc.conf.d/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink) =>
        new StartupScriptReader { Place = StartupPlace.ServiceConfiguration, Trigger = "openrc " + input.Location.Name, NeedsNoExecuteBit = true }.Read(input, sink);
}
