namespace Forensics.Analyzer.Signatures;

/// <summary>The data rules and pool lists of one scan; immutable. YARA rules and hash lists have their own loaders.</summary>
public sealed class SignatureSet
{
    private SignatureSet(IReadOnlyList<DataRule> rules, PoolList pools, IReadOnlyList<string> files)
    {
        Rules = rules;
        Pools = pools;
        Files = files;
    }

    /// <summary>Rules of all files, in file order.</summary>
    public IReadOnlyList<DataRule> Rules { get; }

    /// <summary>Mining pools.</summary>
    public PoolList Pools { get; }

    /// <summary>The files it was read from.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>No rules, no pools.</summary>
    public static SignatureSet Empty { get; } = new([], PoolList.Empty, []);

    /// <summary>The folder <c>signatures</c> beside the program.</summary>
    public static string BuiltInFolder => Path.Combine(AppContext.BaseDirectory, "signatures");

    /// <summary>Reads <c>rules/*.yaml</c> and <c>pools/*.txt</c> of the folder beside the program.</summary>
    public static SignatureSet LoadBuiltIn() => Load([BuiltInFolder]);

    /// <summary>
    /// Reads signature folders (with <c>rules/</c> and <c>pools/</c> in them) and single <c>.yaml</c> or <c>.txt</c> files, in the order given.
    /// A rule id may stand in only one of the files. Throws <see cref="SignatureException"/> for anything unusable.
    /// </summary>
    public static SignatureSet Load(IEnumerable<string> paths)
    {
        var ruleFiles = new List<string>();
        var poolFiles = new List<string>();
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                ruleFiles.AddRange(SignatureFiles.List(Path.Combine(path, "rules"), ".yaml"));
                poolFiles.AddRange(SignatureFiles.List(Path.Combine(path, "pools"), ".txt"));
            }
            else if (path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
            {
                ruleFiles.Add(path);
            }
            else
            {
                poolFiles.Add(path);
            }
        }
        var rules = new List<DataRule>();
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in ruleFiles)
        {
            foreach (DataRule rule in RuleFile.Load(file, file.StartsWith(BuiltInFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            {
                if (!known.TryAdd(rule.Id, file))
                {
                    throw new SignatureException($"{file}: rule '{rule.Id}' stands in {known[rule.Id]} already");
                }
                rules.Add(rule);
            }
        }
        return new SignatureSet(rules, PoolList.Load(poolFiles), [.. ruleFiles, .. poolFiles]);
    }
}
