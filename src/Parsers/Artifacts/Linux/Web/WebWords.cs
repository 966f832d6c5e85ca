using System.Text;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>Web scripts other than PHP, by the words that stand in them, and access files by their directives.</summary>
internal static class WebWords
{
    private static readonly string[] s_javaRequest = ["request.getParameter", "request.getHeader", "getQueryString", "request.getInputStream", "request.getReader", "${param.", "pageContext.getRequest"];
    private static readonly string[] s_javaRun = ["getRuntime().exec", "Runtime.exec", "ProcessBuilder(", "\"getRuntime\"", "java.lang.Runtime"];
    private static readonly string[] s_javaCode = ["defineClass(", "ScriptEngineManager", "URLClassLoader(", "ELProcessor"];
    private static readonly string[] s_cgiRequest = ["FieldStorage", "QUERY_STRING", "CGI->new", "new CGI", "param(", "HTTP_", "sys.stdin", "<STDIN>", "read_post"];
    private static readonly string[] s_cgiRun = ["os.system(", "os.popen(", "subprocess.", "system(", "exec(", "qx{", "qx(", "`$", "open(", "eval "];

    /// <summary>A script of Java, .NET or a classic CGI program: a request and what runs things in one file.</summary>
    public static void Read(string language, ReadOnlySpan<byte> bytes, Action<WebScriptSign> found)
    {
        string text = Encoding.Latin1.GetString(bytes);
        if (language == "asp")
        {
            NetWords.Read(text, found);
            return;
        }
        (string[] request, string[] code, string[] run) = language switch
        {
            "jsp" => (s_javaRequest, s_javaCode, s_javaRun),
            _ => (s_cgiRequest, [], s_cgiRun),
        };
        string? asked = First(text, request, out _);
        if (language == "cgi" && (asked is null || !IsShort(text)))
        {
            // Programs of every size read the query and run something; only what does nothing else counts.
            return;
        }
        if (First(text, code, out int codeLine) is { } evaluated && (asked is not null || evaluated.Contains("equest", StringComparison.Ordinal)))
        {
            found(new WebScriptSign(WebScriptAct.EvaluatesRequest, evaluated, codeLine));
        }
        if (asked is not null && First(text, run, out int runLine) is { } started && (language != "cgi" || started is not ("open(" or "eval ")))
        {
            found(new WebScriptSign(WebScriptAct.RunsRequest, started + " with " + asked, runLine));
        }
    }

    /// <summary>Directives that make the server run what is no code: <c>AddType application/x-httpd-php .jpg</c>.</summary>
    public static void AccessFile(ReadOnlySpan<byte> bytes, Action<WebScriptSign> found)
    {
        string text = Encoding.Latin1.GetString(bytes);
        int number = 0;
        bool isForImages = false;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            string line = raw.Length > 4096 ? new string(raw[..4096]) : new string(raw);
            string[] words = line.Split([' ', '\t', '"', '\''], 16, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0].StartsWith('#'))
            {
                continue;
            }
            string directive = words[0].ToLowerInvariant();
            bool isScript = words[1].Contains("php", StringComparison.OrdinalIgnoreCase) || words[1].Contains("cgi", StringComparison.OrdinalIgnoreCase);
            if (directive is "<files" or "<filesmatch")
            {
                isForImages = IsNoCode(line);
            }
            else if (directive.StartsWith("</files", StringComparison.Ordinal))
            {
                isForImages = false;
            }
            else if ((directive is "addtype" or "addhandler" && isScript && words.Skip(2).Any(IsNoCode)) || (directive is "sethandler" or "forcetype" && isScript && isForImages))
            {
                found(new WebScriptSign(WebScriptAct.MakesFilesExecutable, line.Trim(), number));
            }
        }
    }

    private static bool IsNoCode(string word) =>
        new[] { "jpg", "jpeg", "png", "gif", "ico", "txt", "bmp", "webp", "svg", "css", "log", "pdf" }.Any(ending => word.Contains(ending, StringComparison.OrdinalIgnoreCase));

    private static bool IsShort(string text) => text.Length < 4096;

    private static string? First(string text, string[] words, out int line)
    {
        string? best = null;
        int at = int.MaxValue;
        foreach (string word in words)
        {
            int found = text.IndexOf(word, StringComparison.OrdinalIgnoreCase);
            if (found >= 0 && found < at)
            {
                (best, at) = (word, found);
            }
        }
        line = best is null ? 0 : text.AsSpan(0, at).Count('\n') + 1;
        return best;
    }
}
