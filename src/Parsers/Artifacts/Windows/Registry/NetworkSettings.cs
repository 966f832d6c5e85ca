using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A forwarding of connections by <c>netsh interface portproxy</c>.</summary>
public sealed record PortProxy(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "port-proxy";
    /// <summary>From which to which version of IP: <c>v4tov4</c>.</summary>
    public required string Family { get; init; }
    /// <summary>Where it listens: <c>address/port</c>, <c>*</c> for all addresses.</summary>
    public required string Listens { get; init; }
    /// <summary>Where it connects to.</summary>
    public required string Connects { get; init; }
    /// <summary>Last write of the key.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("family", Family);
        fields.Text("listens", Listens);
        fields.Text("connects", Connects);
        fields.Time("lastWritten", LastWritten);
    }

    internal static void ReadAll(HiveFacts facts, RegistryKey controlSet)
    {
        foreach (RegistryKey family in controlSet.Find(@"Services\PortProxy")?.Subkeys() ?? [])
        {
            foreach (RegistryKey protocol in family.Subkeys())
            {
                foreach (RegistryValue value in protocol.Values())
                {
                    facts.Add(new PortProxy(facts.At(value)) { Family = family.Name, Listens = value.Name, Connects = RegistryText.Of(value) ?? "", LastWritten = protocol.LastWritten });
                }
            }
        }
    }
}

/// <summary>Whether the firewall is on for a kind of network.</summary>
public sealed record FirewallProfile(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "firewall-profile";
    /// <summary><c>DomainProfile</c>, <c>StandardProfile</c> (private), <c>PublicProfile</c>.</summary>
    public required string Profile { get; init; }
    /// <summary>It is on; null when not stated.</summary>
    public bool? IsEnabled { get; init; }
    /// <summary>What comes in is let in unless a rule says no; null when not stated.</summary>
    public bool? AllowsInbound { get; init; }
    /// <summary>Set by policy.</summary>
    public bool IsPolicy { get; init; }
    /// <summary>Last write of the key.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("profile", Profile);
        fields.Flag("isEnabled", IsEnabled);
        fields.Flag("allowsInbound", AllowsInbound);
        fields.Flag("isPolicy", IsPolicy);
        fields.Time("lastWritten", LastWritten);
    }

    internal static void ReadAll(HiveFacts facts, RegistryKey? policy, bool isPolicy)
    {
        foreach (RegistryKey key in policy?.Subkeys() ?? [])
        {
            if (key.Name.EndsWith("Profile", StringComparison.OrdinalIgnoreCase))
            {
                facts.Add(new FirewallProfile(facts.At(key))
                {
                    Profile = key.Name,
                    IsEnabled = RegistryText.Number(key, "EnableFirewall") is { } on ? on != 0 : null,
                    AllowsInbound = RegistryText.Number(key, "DefaultInboundAction") is { } action ? action == 0 : null,
                    IsPolicy = isPolicy,
                    LastWritten = key.LastWritten,
                });
            }
        }
    }
}

/// <summary>How the machine may be reached by Remote Desktop.</summary>
public sealed record RemoteDesktopSetting(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "remote-desktop-setting";
    /// <summary>Connections are refused (<c>fDenyTSConnections</c>); null when not stated, which refuses.</summary>
    public bool? DeniesConnections { get; init; }
    /// <summary>Port; null when not stated, which is 3389.</summary>
    public long? Port { get; init; }
    /// <summary>The network level asks for credentials first (<c>UserAuthentication</c>).</summary>
    public bool? NeedsNetworkAuthentication { get; init; }
    /// <summary>One session a user.</summary>
    public bool? SingleSessionPerUser { get; init; }
    /// <summary>0 the protocol's own, 1 negotiated, 2 TLS.</summary>
    public long? SecurityLayer { get; init; }
    /// <summary>How sessions may be watched: 2 and 4 without asking the user.</summary>
    public long? Shadow { get; init; }
    /// <summary>Set by policy, which wins.</summary>
    public bool IsPolicy { get; init; }
    /// <summary>Last write of the key of the listener.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Flag("deniesConnections", DeniesConnections);
        fields.Number("port", Port);
        fields.Flag("needsNetworkAuthentication", NeedsNetworkAuthentication);
        fields.Flag("singleSessionPerUser", SingleSessionPerUser);
        fields.Number("securityLayer", SecurityLayer);
        fields.Number("shadow", Shadow);
        fields.Flag("isPolicy", IsPolicy);
        fields.Time("lastWritten", LastWritten);
    }

    internal static void Read(HiveFacts facts, RegistryKey controlSet)
    {
        if (controlSet.Find(@"Control\Terminal Server") is not { } server)
        {
            return;
        }
        RegistryKey? listener = server.Find(@"WinStations\RDP-Tcp");
        facts.Add(new RemoteDesktopSetting(facts.At(server))
        {
            DeniesConnections = Flag(server, "fDenyTSConnections"),
            Port = RegistryText.Number(listener, "PortNumber"),
            NeedsNetworkAuthentication = Flag(listener, "UserAuthentication"),
            SingleSessionPerUser = Flag(server, "fSingleSessionPerUser"),
            SecurityLayer = RegistryText.Number(listener, "SecurityLayer"),
            Shadow = RegistryText.Number(listener, "Shadow"),
            LastWritten = (listener ?? server).LastWritten,
        });
    }

    /// <summary>Reads the policy below SOFTWARE.</summary>
    internal static void ReadPolicy(HiveFacts facts)
    {
        if (facts.Hive.Find(@"Policies\Microsoft\Windows NT\Terminal Services") is { } policy)
        {
            facts.Add(new RemoteDesktopSetting(facts.At(policy))
            {
                DeniesConnections = Flag(policy, "fDenyTSConnections"),
                NeedsNetworkAuthentication = Flag(policy, "UserAuthentication"),
                SingleSessionPerUser = Flag(policy, "fSingleSessionPerUser"),
                SecurityLayer = RegistryText.Number(policy, "SecurityLayer"),
                Shadow = RegistryText.Number(policy, "Shadow"),
                IsPolicy = true,
                LastWritten = policy.LastWritten,
            });
        }
    }

    private static bool? Flag(RegistryKey? key, string name) => RegistryText.Number(key, name) is { } number ? number != 0 : null;
}
