using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>A rule of the Windows firewall. Grammar: [MS-GPFAS] 2.2.2.</summary>
/// <remarks><b>Limitations:</b> fields that name neither program, service, port, protocol nor address are kept in <see cref="Text"/> only.</remarks>
public sealed record FirewallRule(EvidenceLocation Location) : Artifact(Location)
{
    /// <inheritdoc/>
    public override string Kind => "firewall-rule";
    /// <summary>Name of the value: identifier of the rule.</summary>
    public required string Id { get; init; }
    /// <summary>The rule as stored.</summary>
    public required string Text { get; init; }
    /// <summary>Name that is shown; <c>@file,-number</c> stands for a text of that file.</summary>
    public string? Name { get; init; }
    /// <summary><c>Allow</c>, <c>Block</c>.</summary>
    public string? Action { get; init; }
    /// <summary><c>In</c>, <c>Out</c>.</summary>
    public string? Direction { get; init; }
    /// <summary>It counts.</summary>
    public bool IsActive { get; init; }
    /// <summary>Number of the protocol: 6 TCP, 17 UDP.</summary>
    public string? Protocol { get; init; }
    /// <summary>Local ports, comma-separated.</summary>
    public string? LocalPorts { get; init; }
    /// <summary>Remote ports.</summary>
    public string? RemotePorts { get; init; }
    /// <summary>Remote addresses.</summary>
    public string? RemoteAddresses { get; init; }
    /// <summary>Program.</summary>
    public string? Application { get; init; }
    /// <summary>Service.</summary>
    public string? Service { get; init; }
    /// <summary>Set by policy.</summary>
    public bool IsPolicy { get; init; }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("id", Id);
        fields.Text("name", Name);
        fields.Text("action", Action);
        fields.Text("direction", Direction);
        fields.Flag("isActive", IsActive);
        fields.Text("protocol", Protocol);
        fields.Text("localPorts", LocalPorts);
        fields.Text("remotePorts", RemotePorts);
        fields.Text("remoteAddresses", RemoteAddresses);
        fields.Text("application", Application);
        fields.Text("service", Service);
        fields.Flag("isPolicy", IsPolicy);
        fields.Text("text", Text);
    }

    /// <summary>Reads the rules of a key.</summary>
    internal static void ReadAll(HiveFacts facts, RegistryKey? key, bool isPolicy)
    {
        foreach (RegistryValue value in key?.Values() ?? [])
        {
            if (value.AsText() is not { Length: > 0 } text)
            {
                continue;
            }
            ILookup<string, string> parts = text.Split('|').Select(part => part.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
            facts.Add(new FirewallRule(facts.At(value))
            {
                Id = value.Name,
                Text = text,
                Name = Join(parts, "Name"),
                Action = Join(parts, "Action"),
                Direction = Join(parts, "Dir"),
                IsActive = !string.Equals(Join(parts, "Active"), "FALSE", StringComparison.OrdinalIgnoreCase),
                Protocol = Join(parts, "Protocol"),
                LocalPorts = Join(parts, "LPort", "LPort2_10"),
                RemotePorts = Join(parts, "RPort", "RPort2_10"),
                RemoteAddresses = Join(parts, "RA4", "RA6"),
                Application = Join(parts, "App"),
                Service = Join(parts, "Svc"),
                IsPolicy = isPolicy,
            });
        }
    }

    private static string? Join(ILookup<string, string> parts, params ReadOnlySpan<string> names)
    {
        var found = new List<string>();
        foreach (string name in names)
        {
            found.AddRange(parts[name]);
        }
        return found.Count == 0 ? null : string.Join(',', found);
    }
}
