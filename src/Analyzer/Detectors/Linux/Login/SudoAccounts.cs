using Forensics.Parsers.Artifacts.Linux;

namespace Forensics.Analyzer.Detectors.Linux;

/// <summary>The accounts of one host by name and number, as rules of sudo ask for them.</summary>
internal sealed class SudoAccounts
{
    private readonly Dictionary<string, UserAccount> _current = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, UserAccount> _byId = [];
    private readonly HashSet<string> _previous = new(StringComparer.Ordinal);

    public SudoAccounts(IEnumerable<UserAccount> accounts)
    {
        foreach (UserAccount account in accounts)
        {
            if (account.IsPrevious)
            {
                _previous.Add(account.Name);
                continue;
            }
            _current.TryAdd(account.Name, account);
            if (account.UserId is uint id)
            {
                _byId.TryAdd(id, account);
            }
        }
    }

    /// <summary>The account that a number means; null when none has it.</summary>
    public UserAccount? OfId(uint id) => _byId.GetValueOrDefault(id);

    /// <summary>The name behind <c>#uid</c>; other words as they are.</summary>
    public string NameOf(string user) => user.StartsWith('#') && uint.TryParse(user.AsSpan(1), out uint id) && OfId(id) is { } account ? account.Name : user;

    /// <summary>The host has accounts, and this is none of them.</summary>
    public bool IsUnknown(string name) => _current.Count > 0 && !_current.ContainsKey(name);

    /// <summary>It was not there before the last change of the accounts.</summary>
    public bool IsNew(string name) => _previous.Count > 0 && _current.ContainsKey(name) && !_previous.Contains(name);

    /// <summary>It only runs a service.</summary>
    public bool IsService(string name) => AccountRoster.IsPureService(name) || (_current.TryGetValue(name, out UserAccount? account) && AccountRoster.IsService(account) && !AccountRoster.HasLoginShell(account));
}
