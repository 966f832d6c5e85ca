using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>How Python comes to run a file at every start.</summary>
public enum PythonStartupForm
{
    /// <summary><c>*.pth</c> in a directory of packages: lines that begin with <c>import</c> run.</summary>
    PathFile,
    /// <summary><c>sitecustomize.py</c>.</summary>
    SiteCustomize,
    /// <summary><c>usercustomize.py</c>.</summary>
    UserCustomize,
}

/// <summary>Code that Python runs at every start, from one file.</summary>
public sealed record PythonStartup(EvidenceLocation Location) : Artifact(Location), IStartsCommands, INamesFiles
{
    /// <inheritdoc/>
    public override string Kind => "python-startup";
    /// <summary>Form.</summary>
    public required PythonStartupForm Form { get; init; }
    /// <summary>The code: of a <c>.pth</c> one line, of a module its beginning, at most 60 KiB.</summary>
    public required string Code { get; init; }
    /// <summary>Why Python does not read it, as a clause; null when it does.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<string> NamedFiles { get; init; } = [];
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [new StartCommand("python3 -c '" + Code.Replace("'", "'\\''", StringComparison.Ordinal) + "'")
    {
        ThroughShell = true, Trigger = "python start", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause,
    }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("form", Form.ToString());
        fields.Text("code", Code.Length > 2000 ? Code[..2000] : Code);
        fields.Number("length", Code.Length);
        fields.Text("dormantBecause", DormantBecause);
        fields.List("namedFiles", NamedFiles);
    }
}

/// <summary>Reads what Python runs at every start: <c>.pth</c> files, <c>sitecustomize.py</c>, <c>usercustomize.py</c>. See the module site of Python's library.</summary>
/// <remarks><b>Limitations</b>: compiled modules (<c>sitecustomize.pyc</c>) and packages of the same name are not read.</remarks>
public sealed class PythonStartupParser : ArtifactParser
{
    private const int LongestCode = 60 << 10;
    private const int MostLines = 1000;

    /// <inheritdoc/>
    public override string Name => "linux/python-startup";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } =
    [
        "/**/site-packages/*.pth*", "/**/dist-packages/*.pth*", "/**/site-packages/{sitecustomize,usercustomize}.py", "/**/dist-packages/{sitecustomize,usercustomize}.py", "/usr/lib/python*/{sitecustomize,usercustomize}.py", "/usr/lib64/python*/sitecustomize.py",
        "/usr/local/lib/python*/{sitecustomize,usercustomize}.py", "/etc/python*/sitecustomize.py", "~/.local/lib/python*/site-packages/{sitecustomize,usercustomize}.py",
    ];

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        var file = new ArtifactFile(input, sink, "linux.python-startup");
        string name = input.Location.Name;
        string directory = input.Location.Path[..input.Location.Path.LastIndexOf('/')];
        if (name.EndsWith(".py", StringComparison.Ordinal))
        {
            file.ReportTruncation();
            string code = TextLines.Decode(input.Content.Span[..Math.Min(input.Content.Length, LongestCode)]);
            if (input.Content.Length > LongestCode)
            {
                file.Report("long", "only the beginning of the module was read", default, losesContent: true);
            }
            if (code.Trim().Length > 0)
            {
                file.Add(new PythonStartup(input.Location)
                {
                    Form = name.StartsWith("site", StringComparison.Ordinal) ? PythonStartupForm.SiteCustomize : PythonStartupForm.UserCustomize, Code = code, NamedFiles = Literals(code),
                });
            }
            return;
        }
        string? dormant = !name.EndsWith(".pth", StringComparison.Ordinal) ? "Python reads only names that end in .pth" : name.StartsWith('.') ? "current Python skips hidden .pth files" : null;
        foreach (TextLine line in file.Lines())
        {
            if (line.Number > MostLines)
            {
                file.Report("lines", "more lines than any real file has, the rest was not read", line, losesContent: true);
                return;
            }
            // Only these two beginnings run; anything else is a directory.
            ReadOnlySpan<byte> bytes = line.Bytes.Span;
            if (!bytes.StartsWith("import "u8) && !bytes.StartsWith("import\t"u8))
            {
                continue;
            }
            string code = line.Text.Length > LongestCode ? line.Text[..LongestCode] : line.Text;
            if (!file.Add(new PythonStartup(input.Location.At(line.Number, line.ByteOffset)) { Form = PythonStartupForm.PathFile, Code = code, DormantBecause = dormant, NamedFiles = [.. Modules(code, directory), .. Literals(code)] }))
            {
                return;
            }
        }
    }

    /// <summary>Absolute paths that stand in quotes, each once, at most sixteen.</summary>
    private static List<string> Literals(string code)
    {
        var files = new List<string>();
        for (int i = 0; i + 2 < code.Length && files.Count < 16; i++)
        {
            if (code[i] is not ('"' or '\'') || code[i + 1] != '/')
            {
                continue;
            }
            int end = code.AsSpan(i + 1).IndexOfAny(code[i], '\n');
            string path = end is > 1 and < 4096 ? code.Substring(i + 1, end) : "";
            i += Math.Max(end, 0);
            // A command line in quotes begins with its program.
            path = path.Split(' ', 2)[0];
            if (path.Length > 1 && !path.Contains('\0') && !files.Contains(path))
            {
                files.Add(path);
            }
        }
        return files;
    }

    /// <summary>Files of the modules that the first statement imports, in the directory of the .pth file.</summary>
    private static List<string> Modules(string code, string directory)
    {
        int end = code.IndexOf(';');
        var files = new List<string>();
        foreach (string part in (end < 0 ? code : code[..end])["import".Length..].Split(',').Take(8))
        {
            string module = part.Trim().Split(' ', 2)[0];
            var valid = new StringBuilder();
            foreach (char c in module)
            {
                valid.Append(char.IsLetterOrDigit(c) || c is '_' or '.' ? c : '\0');
            }
            if (module.Length is > 0 and < 200 && !valid.ToString().Contains('\0'))
            {
                string path = directory + "/" + module.Replace('.', '/');
                files.AddRange([path + ".py", path + "/__init__.py"]);
            }
        }
        return files;
    }
}
