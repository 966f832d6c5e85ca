using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// A service or driver of the control set in use. See <see href="https://learn.microsoft.com/windows-hardware/drivers/install/hklm-system-currentcontrolset-services-registry-tree"/>.
/// </summary>
public sealed record WindowsService(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    private const long KernelDriver = 0x1;
    private const long FileSystemDriver = 0x2;
    private const long RecognizerDriver = 0x8;

    /// <inheritdoc/>
    public override string Kind => "windows-service";
    /// <summary>Name of its key.</summary>
    public required string Name { get; init; }
    /// <summary>Path of its key in the hive.</summary>
    public required string KeyPath { get; init; }
    /// <summary>Program and arguments, or the driver's file, as stored.</summary>
    public string? ImagePath { get; init; }
    /// <summary>Library that a shared host process loads for it.</summary>
    public string? ServiceDll { get; init; }
    /// <summary>Command that is run when it fails.</summary>
    public string? FailureCommand { get; init; }
    /// <summary>SERVICE_KERNEL_DRIVER 1, FILE_SYSTEM_DRIVER 2, RECOGNIZER_DRIVER 8, WIN32_OWN_PROCESS 0x10, WIN32_SHARE_PROCESS 0x20 and their kin.</summary>
    public long? Type { get; init; }
    /// <summary>0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled.</summary>
    public long? Start { get; init; }
    /// <summary>Account.</summary>
    public string? ObjectName { get; init; }
    /// <summary>Name that is shown.</summary>
    public string? DisplayName { get; init; }
    /// <summary>Description.</summary>
    public string? Description { get; init; }
    /// <summary>Its security descriptor, by which it can be hidden from administrators; hexadecimal digits, null when it has none.</summary>
    public string? Security { get; init; }
    /// <summary>It has triggers, so that "on demand" may be by itself.</summary>
    public bool HasTriggers { get; init; }
    /// <summary>Program, arguments, directory and environment that a wrapper (nssm, srvany) really starts; null when it is no wrapper.</summary>
    public WrappedProgram? Wrapped { get; init; }
    /// <summary>Last write of its key.</summary>
    public Timestamp? LastWritten { get; init; }

    /// <summary>It is a driver: code of the kernel, not a process.</summary>
    public bool IsDriver => Type is { } type && (type & (KernelDriver | FileSystemDriver | RecognizerDriver)) != 0;

    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands
    {
        get
        {
            var commands = new List<StartCommand>();
            if (!IsDriver && ImagePath is { Length: > 0 } image)
            {
                commands.Add(Command(image, "service"));
            }
            if (!IsDriver && Wrapped is { } wrapped)
            {
                commands.Add(Command(wrapped.CommandLine, "service wrapper") with { WorkingDirectory = wrapped.Directory, Environment = wrapped.Environment });
            }
            if (FailureCommand is { Length: > 0 } failure)
            {
                commands.Add(Command(failure, "service failure"));
            }
            return commands;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles
    {
        get
        {
            string? driver = !IsDriver ? null : RegistryText.ImagePath(ImagePath is { Length: > 0 } image ? image : "system32\\drivers\\" + Name + ".sys");
            return [.. new[] { driver, RegistryText.ImagePath(ServiceDll) }.OfType<string>()];
        }
    }

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Text("key", KeyPath);
        fields.Text("imagePath", ImagePath);
        fields.Text("serviceDll", ServiceDll);
        fields.Text("failureCommand", FailureCommand);
        fields.Text("wrapped", Wrapped?.CommandLine);
        fields.Text("wrappedDirectory", Wrapped?.Directory);
        fields.Number("type", Type);
        fields.Number("start", Start);
        fields.Text("objectName", ObjectName);
        fields.Text("displayName", DisplayName);
        fields.Text("description", Description);
        fields.Text("security", Security);
        fields.Flag("hasTriggers", HasTriggers);
        fields.Time("lastWritten", LastWritten);
    }

    /// <summary>Reads the services of a control set.</summary>
    internal static void ReadAll(HiveFacts facts, RegistryKey controlSet)
    {
        foreach (RegistryKey key in controlSet.FindSubkey("Services")?.Subkeys() ?? [])
        {
            RegistryKey? parameters = key.FindSubkey("Parameters");
            string? image = RegistryText.Text(key, "ImagePath");
            long? type = RegistryText.Number(key, "Type");
            string? library = RegistryText.Text(parameters, "ServiceDll") ?? RegistryText.Text(key, "ServiceDll");
            if (image is null && type is null && library is null)
            {
                continue; // holds settings only
            }
            facts.Add(new WindowsService(facts.At(key))
            {
                Name = key.Name,
                KeyPath = key.Path,
                ImagePath = image,
                ServiceDll = library,
                FailureCommand = RegistryText.Text(key, "FailureCommand"),
                Type = type,
                Start = RegistryText.Number(key, "Start"),
                ObjectName = RegistryText.Text(key, "ObjectName"),
                DisplayName = RegistryText.Text(key, "DisplayName"),
                Description = RegistryText.Text(key, "Description"),
                Security = RegistryText.Of(key.FindSubkey("Security")?.FindValue("Security")),
                Wrapped = WrappedProgram.Of(image, parameters),
                HasTriggers = key.FindSubkey("TriggerInfo") is not null,
                LastWritten = key.LastWritten,
            });
        }
    }

    private StartCommand Command(string text, string trigger) => new(text)
    {
        Trigger = trigger,
        User = ObjectName ?? "LocalSystem",
        ByteOffset = Location.ByteOffset,
        DormantBecause = Start == 4 ? "the service is disabled" : null,
    };
}
