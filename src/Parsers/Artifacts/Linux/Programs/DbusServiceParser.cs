using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Services that the message bus activates: <c>[D-BUS Service]</c> with <c>Name</c>, <c>Exec</c>, <c>User</c>, <c>SystemdService</c>. See the D-Bus specification, "Message Bus Starting Services".</summary>
/// <remarks><b>Limitations</b>: a service file that hides one of a later directory by its bus name is not noticed.</remarks>
public sealed class DbusServiceParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/dbus-service";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
        ["/{usr/share,usr/local/share,lib,usr/lib,etc}/dbus-1/{system-services,services}/*", "~/.local/share/dbus-1/services/*", "/var/lib/snapd/dbus-1/{system-services,services}/*", "/var/lib/flatpak/exports/share/dbus-1/{system-services,services}/*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "dbus-service");
        string? name = null;
        string? exec = null;
        string? user = null;
        string? unit = null;
        TextLine at = default;
        foreach (IniValue value in IniSection.Read(file))
        {
            if (!value.Group.Equals("D-BUS Service", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }
            switch (value.Key)
            {
                case "Name":
                    name = value.Value;
                    break;
                case "Exec":
                    (exec, at) = (value.Value, value.Line);
                    break;
                case "User":
                    user = value.Value;
                    break;
                case "SystemdService":
                    unit = value.Value;
                    break;
            }
        }
        if (exec is null && unit is null)
        {
            return;
        }
        bool isSystem = input.Location.Path.Contains("/system-services/", StringComparison.Ordinal);
        file.Add(new DbusService(at.Number == 0 ? input.Location : input.Location.At(at.Number, at.ByteOffset))
        {
            BusName = name ?? "", Exec = exec ?? "", User = user, SystemdService = unit, IsSystemBus = isSystem,
            DormantBecause = !input.Location.Name.EndsWith(".service", StringComparison.Ordinal) ? "the bus reads only files whose name ends in .service"
                : string.IsNullOrEmpty(name) ? "it states no bus name"
                : isSystem && string.IsNullOrEmpty(user) && unit is null ? "the system bus starts no service without a User" : null,
        });
    }
}
