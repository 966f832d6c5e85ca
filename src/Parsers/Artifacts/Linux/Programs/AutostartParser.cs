using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Desktop entries in autostart directories, and sessions that display managers offer. See the Desktop Application Autostart Specification and the Desktop Entry Specification.</summary>
/// <remarks><b>Limitations</b>: an entry of a home that switches off one of the system by its name is not joined with it; <c>TryExec</c> and <c>OnlyShowIn</c> are facts, not judged.</remarks>
public sealed class AutostartParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/autostart";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/etc/xdg/autostart/*", "/etc/xdg/xdg-*/autostart/*", "/usr/{share,local/share}/autostart/*", "/usr/share/gnome/autostart/*", "/usr/share/gdm/greeter/autostart/*", "/etc/kde*/share/autostart/*",
        "~/.config/autostart/*", "~/.kde{,4}/{Autostart,share/autostart}/*.desktop", "~/.local/share/autostart/*", "/etc/skel/.config/autostart/*", "/usr/share/{xsessions,wayland-sessions}/*.desktop",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "autostart");
        string? exec = null;
        string? title = null;
        string? tryExec = null;
        string only = "";
        string? type = null;
        string? off = null;
        TextLine at = default;
        foreach (IniValue value in IniSection.Read(file))
        {
            if (!value.Group.Equals("Desktop Entry", StringComparison.Ordinal))
            {
                continue;
            }
            switch (value.Key)
            {
                case "Exec":
                    (exec, at) = (value.Value, value.Line);
                    break;
                case "TryExec":
                    tryExec = value.Value;
                    break;
                case "Name":
                    title = value.Value;
                    break;
                case "Type":
                    type = value.Value;
                    break;
                case "OnlyShowIn":
                    only = value.Value;
                    break;
                case "Hidden" when value.Value.Equals("true", StringComparison.OrdinalIgnoreCase):
                    off = "Hidden=true";
                    break;
                case "X-GNOME-Autostart-enabled" when value.Value.Equals("false", StringComparison.OrdinalIgnoreCase):
                    off ??= "X-GNOME-Autostart-enabled=false";
                    break;
            }
        }
        if (string.IsNullOrEmpty(exec))
        {
            return;
        }
        file.Add(new AutostartEntry(input.Location.At(at.Number, at.ByteOffset))
        {
            Exec = WithoutCodes(exec), Title = title, TryExec = tryExec, OnlyShowIn = only,
            IsSystemWide = input.Location.Path.StartsWith("/etc/", StringComparison.Ordinal) || input.Location.Path.StartsWith("/usr/", StringComparison.Ordinal),
            DormantBecause = !input.Location.Name.EndsWith(".desktop", StringComparison.Ordinal) ? "sessions read only files whose name ends in .desktop"
                : type is not (null or "Application") ? "its Type is not Application" : off,
        });
    }

    /// <summary>Takes <c>%U</c>, <c>%f</c> and kin out; <c>%%</c> is a percent sign.</summary>
    internal static string WithoutCodes(string exec)
    {
        if (!exec.Contains('%', StringComparison.Ordinal))
        {
            return exec;
        }
        var text = new StringBuilder(exec.Length);
        for (int i = 0; i < exec.Length; i++)
        {
            if (exec[i] == '%' && i + 1 < exec.Length && (exec[i + 1] == '%' || "fFuUdDnNickvm".Contains(exec[i + 1], StringComparison.Ordinal)))
            {
                text.Append(exec[++i] == '%' ? "%" : "");
            }
            else
            {
                text.Append(exec[i]);
            }
        }
        return text.ToString().Trim();
    }
}
