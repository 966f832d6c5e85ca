using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>
/// Reads <c>authorized_keys</c> files, see sshd(8) "AUTHORIZED_KEYS FILE FORMAT". The usual places are claimed; where else sshd looks
/// says its configuration, see <see cref="SshServerConfig.AuthorizedKeysGlobs"/>.
/// </summary>
/// <remarks>Limitations: whether the file's modes make sshd refuse it (StrictModes) is not judged here, the modes are in the artefact.</remarks>
public sealed class AuthorizedKeysParser : ArtifactParser
{
    private static readonly string[] TypeStarts = ["ssh-", "ecdsa-", "sk-", "webauthn-sk-", "x509v3-", "rsa-sha2-"];

    /// <inheritdoc/>
    public override string Name => "linux/authorized-keys";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "~/.ssh/authorized_keys*",
        "~/.ssh/{authoried_keys,authorised_keys,autorized_keys,authorized_key,authorzied_keys}",
        "/root/.ssh/authorized_keys*",
        "/home/*/.ssh/authorized_keys*",
        "/var/lib/*/.ssh/authorized_keys*",
        "/var/spool/*/.ssh/authorized_keys*",
        "/etc/ssh/authorized_keys/*",
        "/etc/ssh/authorized_keys.d/*",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink) => ReadKeys(input, new ArtifactFile(input, sink, "linux.authorized-keys"));

    /// <summary>Reads the keys of one file.</summary>
    internal static void ReadKeys(ArtifactInput input, ArtifactFile file)
    {
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim(' ', '\t', '\r');
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }
            AuthorizedKey? key = ReadKey(input, line, text);
            if (key is null)
            {
                file.Report("line", "no key; sshd skips the line", line);
            }
            else if (!file.Add(key))
            {
                return;
            }
        }
    }

    private static AuthorizedKey? ReadKey(ArtifactInput input, TextLine line, string text)
    {
        SshKeyOptions? options = null;
        if (!StartsWithType(text))
        {
            int length = SshKeyOptions.Measure(text);
            string rest = text[length..].TrimStart(' ', '\t');
            if (!StartsWithType(rest))
            {
                return null;
            }
            options = SshKeyOptions.Read(text[..length]);
            text = rest;
        }
        int typeEnd = text.AsSpan().IndexOfAny(' ', '\t') is var blank and >= 0 ? blank : text.Length;
        string type = text[..typeEnd];
        string data = text[typeEnd..].TrimStart(' ', '\t');
        int dataEnd = data.AsSpan().IndexOfAny(' ', '\t') is var end and >= 0 ? end : data.Length;
        string? defect;
        SshPublicKey? key = null;
        if (char.IsAsciiDigit(type[0]))
        {
            defect = "a key of SSH protocol 1, which no current sshd uses";
            type = "rsa1";
        }
        else if (!SshPublicKey.TryDecode(data[..dataEnd], out byte[] blob))
        {
            defect = dataEnd == 0 ? "there is no key data" : "the key data is not valid base64";
            key = blob.Length == 0 ? null : SshPublicKey.Read(blob);
        }
        else
        {
            key = SshPublicKey.Read(blob);
            defect = key.Defect ?? (key.Type == type ? null : "the type inside the key data is another one");
        }
        return new AuthorizedKey(input.Location.At(line.Number, line.ByteOffset))
        {
            KeyType = type,
            Fingerprint = key?.Fingerprint,
            Defect = defect ?? options?.Defect ?? (line.IsCut ? "the line was too long to be read whole" : null),
            Options = options?.Items ?? [],
            ForcedCommand = options?.Command,
            Comment = data[dataEnd..].Trim(' ', '\t'),
            OwnerId = input.Entry.UserId,
            FileFlags = input.Entry.Flags,
            FilePermissions = input.Entry.Permissions,
        };
    }

    // Types to come are accepted by their prefix; a first word of digits is the bit count of a protocol 1 key, followed by two numbers.
    private static bool StartsWithType(string text)
    {
        int end = text.AsSpan().IndexOfAny(' ', '\t');
        if (end <= 0)
        {
            return false;
        }
        ReadOnlySpan<char> word = text.AsSpan(0, end);
        foreach (string start in TypeStarts)
        {
            if (word.StartsWith(start, StringComparison.Ordinal) && !word.ContainsAny('"', ','))
            {
                return true;
            }
        }
        if (word.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }
        ReadOnlySpan<char> exponent = text.AsSpan(end).TrimStart(" \t");
        int exponentEnd = exponent.IndexOfAny(' ', '\t');
        return exponentEnd > 0 && !exponent[..exponentEnd].ContainsAnyExceptInRange('0', '9');
    }
}
