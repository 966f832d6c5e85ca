using Forensics.Yara.Native;
using Forensics.Yara.Scanning;

namespace Forensics.Yara.Compilation;

/// <summary>
/// Turns sources into rule sets. All files go into one compiler first, which is all that good rules need. libyara cannot take a bad file out again, so
/// after an error the files not yet proven are compiled alone, and what stood the test is compiled together.
/// </summary>
internal sealed class RuleCompiler(LibYara library)
{
    /// <summary>Compiles sources into the two groups.</summary>
    public YaraCompilation Compile(IReadOnlyList<YaraSource> sources)
    {
        List<Candidate> plain = [];
        List<Candidate> pe = [];
        List<Candidate> all = new(sources.Count);
        foreach (YaraSource source in sources)
        {
            RuleText text = RuleText.Analyze(source.Text);
            Candidate candidate = new(source, text);
            all.Add(candidate);
            if (source.Text.Contains('\0', StringComparison.Ordinal))
            {
                candidate.Reject(1, "the file contains a NUL character, so it is not text");
                continue;
            }
            (text.ImportsPe ? pe : plain).Add(candidate);
        }
        YaraRuleSet rules = CompileGroup(plain);
        YaraRuleSet? peRules = pe.Count == 0 ? null : CompileGroup(pe);
        if (peRules is not null && !pe.Exists(candidate => candidate.IsGood))
        {
            peRules.Dispose();
            peRules = null;
        }
        return Summarize(all, rules, peRules);
    }

    private static YaraCompilation Summarize(List<Candidate> all, YaraRuleSet rules, YaraRuleSet? peRules)
    {
        List<YaraCompileMessage> messages = [];
        int files = 0;
        int count = 0;
        foreach (Candidate candidate in all)
        {
            messages.AddRange(candidate.Messages);
            files += candidate.IsGood ? 1 : 0;
            count += candidate.IsGood ? candidate.Text.Rules.Count : 0;
        }
        return new YaraCompilation(rules, peRules, messages, files, count);
    }

    private YaraRuleSet CompileGroup(List<Candidate> group)
    {
        RulesHandle? rules = CompileTogether(group, out int failed);
        if (rules is null)
        {
            // Those before the failed one have just compiled together; the others are unknown, and one after the other would cost a whole run each.
            for (int i = failed; i < group.Count; i++)
            {
                CompileAlone(group[i]);
            }
            RejectDuplicates(group);
            while (rules is null)
            {
                // Good alone but not among the others: every round takes one file out, so this ends.
                rules = CompileTogether(group, out _);
            }
        }
        ExternalSet externals = ExternalSet.None;
        foreach (Candidate candidate in group)
        {
            externals |= candidate.IsGood ? candidate.Text.Externals : ExternalSet.None;
        }
        return new YaraRuleSet(rules, externals);
    }

    /// <summary>Compiles the good candidates; null when one had errors, which it then carries.</summary>
    private RulesHandle? CompileTogether(List<Candidate> group, out int failed)
    {
        using NativeCompiler compiler = new(library, library.Layout);
        for (failed = 0; failed < group.Count; failed++)
        {
            Candidate candidate = group[failed];
            if (!candidate.IsGood)
            {
                continue;
            }
            bool good = compiler.Add(candidate.Source);
            candidate.Take(good, compiler.Messages);
            if (!good)
            {
                return null;
            }
        }
        return compiler.GetRules();
    }

    private void CompileAlone(Candidate candidate)
    {
        using NativeCompiler compiler = new(library, library.Layout);
        bool good = compiler.Add(candidate.Source);
        candidate.Take(good, compiler.Messages);
    }

    /// <summary>Files that define a rule again: found beforehand, since each would cost a compilation of everything.</summary>
    private static void RejectDuplicates(List<Candidate> group)
    {
        Dictionary<(string, string), string> first = [];
        foreach (Candidate candidate in group)
        {
            if (!candidate.IsGood)
            {
                continue;
            }
            foreach (string rule in candidate.Text.Rules)
            {
                if (first.TryGetValue((candidate.Source.Namespace, rule), out string? file))
                {
                    candidate.Reject(0, $"duplicated identifier \"{rule}\": {file} defines it in the same namespace");
                    break;
                }
            }
            if (candidate.IsGood)
            {
                candidate.Text.Rules.ForEach(rule => first[(candidate.Source.Namespace, rule)] = candidate.Source.FileName);
            }
        }
    }

    /// <summary>A file on its way.</summary>
    private sealed class Candidate(YaraSource source, RuleText text)
    {
        public YaraSource Source => source;
        public RuleText Text => text;
        public bool IsGood { get; private set; } = true;
        public IReadOnlyList<YaraCompileMessage> Messages { get; private set; } = [];

        /// <summary>What the latest compilation said replaces what an earlier one did.</summary>
        public void Take(bool good, IReadOnlyList<YaraCompileMessage> messages)
        {
            IsGood = good;
            Messages = messages;
        }

        public void Reject(int line, string message) => Take(false, [new YaraCompileMessage(source.FileName, line, true, message)]);
    }
}
