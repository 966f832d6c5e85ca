namespace Forensics.Analyzer.Evidence;

/// <summary>A container of a host, whose files are examined as a tree of their own.</summary>
/// <param name="Engine"><c>docker</c>, <c>podman</c>, <c>containerd</c>.</param>
/// <param name="Id">The engine's identifier, display form.</param>
/// <param name="Name">The name people use, display form; the short identifier when it has none.</param>
/// <param name="HostVolume">Root volume of the host that it runs on.</param>
public sealed record ContainerIdentity(string Engine, string Id, string Name, string HostVolume)
{
    /// <summary>Image it was made from, display form; null when not known.</summary>
    public string? Image { get; init; }
    /// <summary>Command it starts, display form; empty when not known.</summary>
    public string Command { get; init; } = "";

    /// <summary>Something in it starts services, cron or init scripts, as far as its command tells.</summary>
    public bool StartsServices =>
        Command.Contains("init", StringComparison.Ordinal) || Command.Contains("systemd", StringComparison.Ordinal) || Command.Contains("supervisord", StringComparison.Ordinal)
        || Command.Contains("cron", StringComparison.Ordinal) || Command.Contains("s6-svscan", StringComparison.Ordinal) || Command.Contains("runsvdir", StringComparison.Ordinal);
}
