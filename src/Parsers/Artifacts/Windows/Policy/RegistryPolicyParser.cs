using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// Reads <c>Registry.pol</c>, the values that a group policy writes into the registry, as far as they start something or touch the protection of the machine. Specification: [MS-GPREG] 2.2.1,
/// <see href="https://learn.microsoft.com/previous-versions/windows/desktop/policy/registry-policy-file-format"/>.
/// </summary>
/// <remarks><b>Limitations:</b> other values are passed over; at most 64 KiB of a value and 100,000 values a file.</remarks>
public sealed class RegistryPolicyParser : ArtifactParser
{
    private const int HeaderSize = 8;
    private const int MaximumValues = 100_000;
    private const int MaximumName = 1024;
    private const int MaximumData = 64 << 10;

    private static readonly string[] s_autostart =
    [
        @"\CurrentVersion\Run\", @"\CurrentVersion\RunOnce\", @"\Policies\Explorer\Run\", @"\Windows NT\CurrentVersion\Winlogon\Shell", @"\Windows NT\CurrentVersion\Winlogon\Userinit", @"\CurrentVersion\Policies\System\Shell",
        @"\Control Panel\Desktop\SCRNSAVE.EXE", @"\Environment\UserInitMprLogonScript", @"\Command Processor\AutoRun",
    ];

    private static readonly string[] s_security =
    [
        @"\PowerShell\ScriptBlockLogging\", @"\PowerShell\ModuleLogging\", @"\PowerShell\Transcription\", @"\PowerShell\EnableScripts", @"\PowerShell\ExecutionPolicy", @"\Windows\Installer\AlwaysInstallElevated", @"\Policies\System\EnableLUA",
        @"\Control\Lsa\", @"\WDigest\UseLogonCredential", @"\Terminal Services\fDenyTSConnections", @"\Terminal Services\Shadow", @"\System\EnableSmartScreen", @"\EventLog\",
    ];

    /// <inheritdoc/>
    public override string Name => "windows/registry-policy";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = PolicyFolders.Claims("Registry.pol");

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ReadOnlySpan<byte> bytes = input.Content.Span;
        if (bytes.IsEmpty)
        {
            return;
        }
        if (bytes.Length < HeaderSize || !bytes.StartsWith("PReg"u8))
        {
            throw new CorruptDataException("registry policy", 0, "PReg", Convert.ToHexString(bytes[..Math.Min(4, bytes.Length)]));
        }
        string root = PolicyFolders.IsOfUsers(input.Location.Path) ? "HKCU" : "HKLM";
        int at = HeaderSize;
        for (int count = 0; at < bytes.Length && count < MaximumValues; count++)
        {
            int start = at;
            // [key;value;type;size;data]
            if (!Take(bytes, ref at, '[') || !TakeName(bytes, ref at, out string key) || !Take(bytes, ref at, ';') || !TakeName(bytes, ref at, out string value) || !Take(bytes, ref at, ';')
                || !Number(bytes, ref at, out uint type) || !Take(bytes, ref at, ';') || !Number(bytes, ref at, out uint size) || !Take(bytes, ref at, ';') || size > bytes.Length - at)
            {
                Damaged(input, sink, start);
                return;
            }
            ReadOnlySpan<byte> data = bytes.Slice(at, (int)size);
            at += (int)size;
            if (!Take(bytes, ref at, ']'))
            {
                Damaged(input, sink, start);
                return;
            }
            if (TopicOf(key, value) is { } topic)
            {
                sink.Add(new PolicyValue(input.Location with { ByteOffset = start })
                {
                    KeyPath = root + "\\" + key, ValueName = value, Data = Text(type, data[..Math.Min(data.Length, MaximumData)]), Topic = topic,
                    Origin = PolicyFolders.OriginOf(input.Location.Path), User = PolicyFolders.RunsAs(input.Location.Path),
                });
            }
        }
        if (at < bytes.Length)
        {
            Damaged(input, sink, at);
        }
    }

    private static void Damaged(ArtifactInput input, IArtifactSink sink, int at) => sink.Report(new Diagnostic("windows.policy.registry", "the values of a policy could not be read to their end")
    {
        Path = input.Location.Path, MetadataAddress = input.Location.MetadataAddress, Actual = "offset " + at.ToString(CultureInfo.InvariantCulture), LosesContent = true,
    });

    private static PolicyTopic? TopicOf(string key, string value)
    {
        string whole = "\\" + key.Trim('\\') + "\\" + value;
        bool Has(string part) => whole.Contains(part, StringComparison.OrdinalIgnoreCase);
        return Array.Exists(s_autostart, Has) ? PolicyTopic.Autostart
            : Has(@"\Windows Defender\") || Has(@"\Microsoft Antimalware\") ? PolicyTopic.Defender
            : Has(@"\WindowsFirewall\") ? PolicyTopic.Firewall
            : Array.Exists(s_security, Has) ? PolicyTopic.Security : null;
    }

    private static string? Text(uint type, ReadOnlySpan<byte> data) => type switch
    {
        1 or 2 => Encoding.Unicode.GetString(data).TrimEnd('\0'),
        7 => Encoding.Unicode.GetString(data).TrimEnd('\0').Replace('\0', '\n'),
        4 when data.Length >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(data).ToString(CultureInfo.InvariantCulture),
        11 when data.Length >= 8 => BinaryPrimitives.ReadUInt64LittleEndian(data).ToString(CultureInfo.InvariantCulture),
        _ => data.IsEmpty ? null : Convert.ToHexString(data[..Math.Min(data.Length, 256)]),
    };

    private static bool Take(ReadOnlySpan<byte> bytes, ref int at, char wanted)
    {
        if (bytes.Length - at < 2 || BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) != wanted)
        {
            return false;
        }
        at += 2;
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> bytes, ref int at, out uint number)
    {
        number = 0;
        if (bytes.Length - at < 4)
        {
            return false;
        }
        number = BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
        at += 4;
        return true;
    }

    // Text that ends with a NUL.
    private static bool TakeName(ReadOnlySpan<byte> bytes, ref int at, out string name)
    {
        var text = new StringBuilder();
        name = "";
        while (bytes.Length - at >= 2 && text.Length <= MaximumName)
        {
            char next = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
            at += 2;
            if (next == '\0')
            {
                name = text.ToString();
                return true;
            }
            text.Append(next);
        }
        return false;
    }
}
