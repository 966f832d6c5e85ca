namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>What a value of a policy file is about.</summary>
public enum PolicyTopic
{
    /// <summary>It makes Windows start something.</summary>
    Autostart,
    /// <summary>Settings of Defender.</summary>
    Defender,
    /// <summary>The firewall.</summary>
    Firewall,
    /// <summary>Logging of PowerShell, auditing, the security authority, rights of installers.</summary>
    Security,
}

/// <summary>A value that a policy file writes into the registry, where it starts something or touches the protection of the machine.</summary>
public sealed record PolicyValue(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "policy-value";
    /// <summary>Key as an administrator writes it: <c>HKLM\Software\...</c>, <c>HKCU\Software\...</c>.</summary>
    public required string KeyPath { get; init; }
    /// <summary>Name of the value; begins with <c>**</c> when the policy deletes instead.</summary>
    public required string ValueName { get; init; }
    /// <summary>Its data as text; null when there are none.</summary>
    public string? Data { get; init; }
    /// <summary>What it is about.</summary>
    public required PolicyTopic Topic { get; init; }
    /// <summary>Where the policy comes from.</summary>
    public PolicyOrigin Origin { get; init; }
    /// <summary>Account that the policy is for; null for whoever logs on.</summary>
    public string? User { get; init; }

    /// <summary>The policy takes the value away.</summary>
    public bool IsDeletion => ValueName.StartsWith("**", StringComparison.Ordinal);

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => Topic != PolicyTopic.Autostart || IsDeletion || string.IsNullOrWhiteSpace(Data) ? [] :
    [
        new StartCommand(Data) { Trigger = "group policy registry", User = User, ByteOffset = Location.ByteOffset },
    ];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("key", KeyPath);
        fields.Text("value", ValueName);
        fields.Text("data", Data);
        fields.Text("topic", Topic.ToString());
        fields.Text("origin", Origin.ToString());
        fields.Text("user", User);
    }
}
