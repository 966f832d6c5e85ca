using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Reads <c>/etc/inetd.conf</c> and its directory. Specification: inetd(8) of openbsd-inetd and of Busybox.</summary>
/// <remarks><b>Limitations</b>: Sun-RPC service names are taken as text; a line switched off by Debian's <c>#&lt;off&gt;#</c> is a comment like any other.</remarks>
public sealed class InetdParser : ArtifactParser
{
    /// <inheritdoc/>
    public override string Name => "linux/inetd";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = ["/etc/inetd.conf", "/etc/inetd.d/*", "/etc/inet/inetd.conf"];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "inetd");
        foreach (TextLine line in file.Lines())
        {
            // service  socket-type  protocol  wait  user  program  argument0  arguments...
            string[] words = line.Text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 6 || words[0].StartsWith('#') || words[5] is "internal")
            {
                continue;
            }
            // The TCP wrapper gets the real server as argument 0.
            bool isWrapped = words[5].EndsWith("/tcpd", StringComparison.Ordinal) && words.Length > 6;
            if (!file.Add(new InetdService(input.Location.At(line.Number, line.ByteOffset))
            {
                Service = words[0],
                Protocol = words[2],
                User = words[4].Split('.', ':')[0],
                Command = isWrapped ? string.Join(' ', [words[6].StartsWith('/') ? words[6] : "/usr/sbin/" + words[6], .. words.Skip(7)]) : string.Join(' ', [words[5], .. words.Skip(7)]),
            }))
            {
                return;
            }
        }
    }
}
