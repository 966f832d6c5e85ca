using Forensics.Analyzer.Evidence;
using Forensics.Analyzer.Risk;
using Forensics.Parsers;
using Forensics.Parsers.Artifacts;
using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>
/// Every key that opens an account: listed for review, and judged by its comment, by where else it stands, by whose account it opens and by its file. One finding a key, for the
/// worst reason, naming all.
/// </summary>
public sealed class AuthorizedKeyDetector : IDetector
{
    private static readonly RuleInfo Listed = new("L-SSH-KEYS.key", "SSH key that opens an account", "access", ["T1098.004"]);
    private static readonly RuleInfo KnownBad = new("L-SSH-KEYS.known-bad-comment", "SSH key with the comment of known malware", "access", ["T1098.004"]);
    private static readonly RuleInfo Shared = new("L-SSH-KEYS.shared-with-root", "The same SSH key opens root and another account", "access", ["T1098.004"]);
    private static readonly RuleInfo NoLogin = new("L-SSH-KEYS.account-without-shell", "SSH key for an account without login shell", "access", ["T1098.004"]);
    private static readonly RuleInfo Locked = new("L-SSH-KEYS.locked-file", "Key file is protected against removal", "evasion", ["T1098.004", "T1222.002"]);
    private static readonly RuleInfo Writable = new("L-SSH-KEYS.writable-by-others", "Key file that others may write", "access", ["T1098.004"]);
    private static readonly RuleInfo Foreign = new("L-SSH-KEYS.foreign-owner", "Key file owned by another account", "access", ["T1098.004"]);

    private static readonly RuleInfo Misspelt = new("L-SSH-KEYS.misspelt-file", "Key file under a misspelt name", "access", ["T1098.004"]);
    private static readonly RuleInfo PrivateKey = new("L-SSH-KEYS.private-key-beside", "The private key of an accepted SSH key lies in the same home", "access", ["T1098.004", "T1552.004"]);

    private static readonly HashSet<string> s_usualKeyNames = new(StringComparer.Ordinal) { "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "identity" };
    private static readonly string[] BadComments = ["mdrfckr", "hilde@teamtnt", "rsa-key-2013", "root@vps1", "teamtnt.red", "kinsing"];

    /// <inheritdoc/>
    public IReadOnlyList<RuleInfo> Rules { get; } = [Listed, KnownBad, Shared, NoLogin, Locked, Writable, Foreign, Misspelt, PrivateKey];

    /// <inheritdoc/>
    public IEnumerable<Finding> Examine(EvidenceIndex evidence)
    {
        var login = new LoginActivation(evidence, (_, _) => false);
        HashSet<Artifact> withPrivateKey = new(evidence.Links.Where(link => link.Source is SshKeyPair && link.Files.Any(file => file.Resolved is not null)).Select(link => link.Source), ReferenceEqualityComparer.Instance);
        ILookup<string, SshKeyPair> pairs = evidence.OfType<SshKeyPair>().Where(withPrivateKey.Contains).ToLookup(pair => pair.Fingerprint, StringComparer.Ordinal);
        foreach (AccountRoster roster in AccountRoster.All(evidence).Where(roster => !roster.Keys.Any(key => evidence.IsOfWindows(key.Location))))
        {
            ILookup<string, AuthorizedKey> byFingerprint = roster.Keys.Where(key => key.Fingerprint is not null && !IsRefusal(key)).ToLookup(key => key.Fingerprint!, StringComparer.Ordinal);
            foreach (AuthorizedKey key in roster.Keys)
            {
                yield return Judge(key, roster, key.Fingerprint is string print ? byFingerprint[print] : [], evidence, login, key.Fingerprint is string known ? pairs[known] : []);
            }
        }
    }

    private static Finding Judge(AuthorizedKey key, AccountRoster roster, IEnumerable<AuthorizedKey> same, EvidenceIndex evidence, LoginActivation login, IEnumerable<SshKeyPair> pairs)
    {
        UserAccount? account = roster.OwnerOf(key);
        var reasons = new List<(RuleInfo Rule, Severity Severity, string Why)>();
        if (KnownBadComment(key) is string comment)
        {
            reasons.Add((KnownBad, Severity.Critical, $"its comment contains {comment}, which known malware leaves"));
        }
        uint flags = (key.FileFlags ?? 0) & (InodeFlags.Immutable | InodeFlags.AppendOnly);
        if (flags != 0)
        {
            reasons.Add((Locked, Severity.Medium, "its file is " + ((flags & InodeFlags.Immutable) != 0 ? "immutable" : "append-only") + ", so that the key cannot be taken out"));
        }
        if (account is not null && !AccountRoster.HasLoginShell(account) && !account.Shell.EndsWith("git-shell", StringComparison.Ordinal) && IsNoLogin(account.Shell))
        {
            reasons.Add((NoLogin, Severity.Medium, $"its account {account.Name} has the shell {account.Shell}, but the key still allows forwarding and file transfer"));
        }
        if ((key.FilePermissions & 0b000_000_010) != 0)
        {
            reasons.Add((Writable, Severity.Medium, "anybody may write its file"));
        }
        AuthorizedKey[] elsewhere = [.. same.Where(other => other.Location.Path != key.Location.Path)];
        if (!IsRefusal(key) && elsewhere.Length > 0 && account is not null && elsewhere.Append(key).Any(one => roster.OwnerOf(one)?.UserId == 0) && elsewhere.Any(one => roster.OwnerOf(one)?.Name != account.Name))
        {
            reasons.Add((Shared, Severity.Medium, "the same key also opens " + string.Join(", ", elsewhere.Select(one => roster.OwnerOf(one)?.Name ?? one.Location.Path).Distinct(StringComparer.Ordinal))));
        }
        if (key.Location.Path.Contains("/.ssh/", StringComparison.Ordinal) && key.Location.Name is "authoried_keys" or "authorised_keys" or "autorized_keys" or "authorized_key" or "authorzied_keys")
        {
            reasons.Add((Misspelt, Severity.Medium, "its file has a misspelt name that sshd does not read, as some malware writes it"));
        }
        string folder = key.Location.Path[..(key.Location.Path.LastIndexOf('/') + 1)];
        SshKeyPair? pair = IsRefusal(key) ? null : pairs.Take(64).FirstOrDefault(pair => pair.Location.Volume == key.Location.Volume && pair.Location.Path.StartsWith(folder, StringComparison.Ordinal));
        if (pair is not null)
        {
            bool isUsual = s_usualKeyNames.Contains(PathTraits.Name(pair.NamedFiles[0]));
            reasons.Add((PrivateKey, isUsual ? Severity.Low : Severity.Medium, $"its private key {pair.NamedFiles[0]} lies beside it, so whoever reads the disk can log in"));
        }
        if (account?.UserId is uint owner && key.OwnerId != owner && key.OwnerId != 0)
        {
            reasons.Add((Foreign, Severity.Low, $"its file belongs to user id {key.OwnerId}, so sshd refuses it under StrictModes"));
        }
        (RuleInfo Rule, Severity Severity, string Why) worst = reasons.Count == 0 ? (Listed, Severity.Info, "") : reasons.OrderByDescending(reason => reason.Severity).First();
        string? dormant = login.DormantBecause(key);
        // Being writable is what makes sshd refuse the file; it cannot excuse itself.
        bool isUnused = dormant is not null && worst.Rule != Writable && worst.Severity > Severity.Low;
        return new Finding(worst.Rule, isUnused ? worst.Severity.Lower() : worst.Severity, key.Location)
        {
            Message = $"{key.KeyType} key {key.Fingerprint ?? "without fingerprint"}" + (account is null ? "" : $" opens the account {account.Name}")
                + (reasons.Count == 0 ? "." : ": " + string.Join("; ", reasons.Select(reason => reason.Why)) + ".") + (dormant is null ? "" : $" sshd would not use it: {dormant}."),
            Evidence = Clip.Evidence(string.Join(' ', new[] { string.Join(',', key.Options), key.KeyType, key.Fingerprint ?? "", key.Comment }.Where(part => part.Length > 0))),
            Hashes = evidence.HashesOf(key.Location),
            Related = [.. elsewhere.Select(one => one.Location.Path).Distinct(StringComparer.Ordinal).Take(16).Select(path => new RelatedFile(path, "uses"))],
            // Only the key with a known name is surely hostile; another one may be the administrator's own and must not be deleted on a guess.
            Remediation = worst.Severity < Severity.Medium ? []
                : worst.Rule == KnownBad ? Remediation.RemoveLine(key.Location.Path, key.Location.Line)
                : [.. Remediation.Unlock(key.Location.Path), "Ask whose key this is; delete its line when nobody knows it"],
        };
    }

    /// <summary>The comment of known malware that a key bears; null when it bears none.</summary>
    internal static string? KnownBadComment(AuthorizedKey key) => BadComments.FirstOrDefault(bad => key.Comment.Contains(bad, StringComparison.OrdinalIgnoreCase));

    // cloud-init's line for root: the key is there only to tell people to log in as another user.
    private static bool IsRefusal(AuthorizedKey key) => key.ForcedCommand is string command && command.Contains("Please login as", StringComparison.OrdinalIgnoreCase);

    private static bool IsNoLogin(string shell) => PathTraits.Name(shell.TrimEnd()) is "nologin" or "false" or "true" or "sync" or "halt" or "shutdown";
}
