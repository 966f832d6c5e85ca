using System.Text;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>Reads the keys that OpenSSH for Windows accepts. The files have the form of those on Linux, and so their keys are the same fact.</summary>
/// <remarks><b>Limitations:</b> other files that <c>AuthorizedKeysFile</c> names are not looked for. By default keys of administrators count in <c>administrators_authorized_keys</c> only.</remarks>
public sealed class WindowsAuthorizedKeysParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/authorized-keys";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/ProgramData/ssh/administrators_authorized_keys", "/Users/*/.ssh/authorized_keys*", "/{Windows,WINNT}/System32/config/systemprofile/.ssh/authorized_keys*"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArtifactInput text = WindowsSshText.Of(input);
        AuthorizedKeysParser.ReadKeys(text, new ArtifactFile(text, sink, "windows.authorized-keys"));
    }
}

/// <summary>Reads the configuration of sshd of OpenSSH for Windows.</summary>
/// <remarks><b>Limitations:</b> included files are not looked for outside <c>ProgramData\ssh</c>.</remarks>
public sealed class WindowsSshServerConfigParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "windows/sshd-config";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/ProgramData/ssh/sshd_config", "/ProgramData/ssh/sshd_config.d/*.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        ArtifactInput text = WindowsSshText.Of(input);
        SshServerConfigParser.ReadOptions(text, new ArtifactFile(text, sink, "windows.sshd-config"));
    }
}

/// <summary>Text files of OpenSSH as PowerShell writes them: UTF-16, or UTF-8 with a mark.</summary>
internal static class WindowsSshText
{
    /// <summary>The same file in UTF-8 without a mark.</summary>
    public static ArtifactInput Of(ArtifactInput input)
    {
        ReadOnlySpan<byte> content = input.Content.Span;
        return EncodedText.IsUtf16(content) ? input with { Content = Encoding.UTF8.GetBytes(EncodedText.Decode(content)) }
            : content.StartsWith("\uFEFF"u8) ? input with { Content = input.Content[3..] } : input;
    }
}
