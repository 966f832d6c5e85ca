using System.Globalization;
using System.Text.RegularExpressions;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Pages of ASP and ASP.NET by what they do with a request: VBScript, JScript, C# and Visual Basic alike, found by their calls.</summary>
internal static partial class NetWords
{
    /// <summary>What the page does.</summary>
    public static void Read(string text, Action<WebScriptSign> found)
    {
        text = Plain(text);
        Match asked = Request().Match(text);
        bool isJScript = JScript().IsMatch(text);
        if (asked.Success && First(text, EvaluatesDirectly(), isJScript ? AnyEval() : UnsafeEval(), LoadsCode()) is { } code)
        {
            found(new WebScriptSign(WebScriptAct.EvaluatesRequest, Clip(code.Value), Line(text, code.Index)));
        }
        if (asked.Success && First(text, RunsDirectly(), Shell()) is { } run)
        {
            found(new WebScriptSign(WebScriptAct.RunsRequest, Clip(run.Value) + " with " + Clip(asked.Value), Line(text, run.Index)));
        }
        if (First(text, Writes()) is { } write)
        {
            found(new WebScriptSign(WebScriptAct.WritesRequest, Clip(write.Value), Line(text, write.Index)));
        }
    }

    // C# and JScript take escapes in names: \u0065val is eval.
    private static string Plain(string text) => !text.Contains(@"\u00", StringComparison.OrdinalIgnoreCase) ? text
        : Escape().Replace(text, match => ((char)int.Parse(match.ValueSpan[^2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());

    private static Match? First(string text, params ReadOnlySpan<Regex> expressions)
    {
        foreach (Regex expression in expressions)
        {
            if (expression.Match(text) is { Success: true } match)
            {
                return match;
            }
        }
        return null;
    }

    private static string Clip(string text) => text.Length > 80 ? text[..80] : text;

    private static int Line(string text, int at) => text.AsSpan(0, at).Count('\n') + 1;

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\\u00[0-9a-f]{2}", Options)]
    private static partial Regex Escape();

    [GeneratedRegex(@"\bRequest\s*(?:\(|\[|\.\s*(?:Form|QueryString|Item|Params|Headers|InputStream|BinaryRead|Cookies|Files)\b)", Options)]
    private static partial Regex Request();

    [GeneratedRegex(@"language\s*=\s*[""']?jscript", Options)]
    private static partial Regex JScript();

    [GeneratedRegex(@"\b(?:eval|execute|executeglobal)[\s(]+(?:System\.|Context\.|HttpContext\.Current\.|Page\.)*Request\b", Options)]
    private static partial Regex EvaluatesDirectly();

    [GeneratedRegex(@"\beval\s*\(", Options)]
    private static partial Regex AnyEval();

    [GeneratedRegex(@"\beval\s*\([^;<>]{1,400}[""']unsafe[""']", Options)]
    private static partial Regex UnsafeEval();

    // Not Assembly.Load("Name"), which loads what is installed.
    [GeneratedRegex(@"\bAssembly\s*\.\s*Load\s*\(\s*[^""\s)]|\bGetMethod\s*\(\s*""Load""|\bCompileAssemblyFromSource\b|\bJScript\.Eval\b", Options)]
    private static partial Regex LoadsCode();

    [GeneratedRegex(@"(?:\bProcess\s*\.\s*Start\s*\(|\bnew\s+(?:System\.Diagnostics\.)?ProcessStartInfo\s*\(|\.Arguments\s*=|\.FileName\s*=|\.(?:exec|run|ShellExecute)[\s(])[^;\r\n]{0,120}\bRequest\s*[\[(.]", Options)]
    private static partial Regex RunsDirectly();

    [GeneratedRegex(@"\bcmd(?:\.exe)?[""']|\\cmd\.exe\b|\bcmd\.exe\s+/c|\bpowershell(?:\.exe)?[""'\s]|\bWScript\.Shell\b|\bShell\.Application\b|%comspec%", Options)]
    private static partial Regex Shell();

    [GeneratedRegex(@"\b(?:WriteAllText|WriteAllBytes|AppendAllText|StreamWriter|FileStream|CreateTextFile|OpenTextFile|SaveToFile|SaveAs)[\s(]+(?:Server\s*\.\s*MapPath\s*\(\s*|Path\s*\.\s*Combine\s*\([^;]{0,80})?(?:Context\.|HttpContext\.Current\.|Page\.)*Request\s*(?:\(|\[|\.\s*(?:Form|QueryString|Item|Params|Headers|Cookies))", Options)]
    private static partial Regex Writes();
}
