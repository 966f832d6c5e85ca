using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Forensics.Yara.Native;
using Forensics.Yara.Scanning;

namespace Forensics.Yara.Compilation;

/// <summary>One YR_COMPILER. Once a source had an error it can only be disposed: libyara does not undo half a file.</summary>
internal sealed unsafe class NativeCompiler : IDisposable
{
    private const int LevelError = 0;
    private const int MaximumMessages = 100;

    private readonly LibYara _library;
    private readonly YaraLayout? _layout;
    private readonly GCHandle _self;
    private nint _compiler;
    private string _file = "";
    private List<YaraCompileMessage> _messages = [];
    private ExceptionDispatchInfo? _failure;

    /// <summary>A compiler that knows the external variables and refuses includes.</summary>
    /// <param name="library">An initialised library.</param>
    /// <param name="layout">Null while it is not yet known: messages then do not name the rule.</param>
    public NativeCompiler(LibYara library, YaraLayout? layout)
    {
        _library = library;
        _layout = layout;
        nint compiler;
        Check(library.CompilerCreate(&compiler), "create a compiler");
        _compiler = compiler;
        _self = GCHandle.Alloc(this);
        library.CompilerSetCallback(compiler, &OnMessage, GCHandle.ToIntPtr(_self));
        // Rule files come from anywhere: `include "/etc/passwd"` must not read the analyst's disk.
        library.CompilerSetIncludeCallback(compiler, 0, 0, 0);
        foreach (byte[] name in ExternalNames.Native)
        {
            byte empty = 0;
            fixed (byte* identifier = name)
            {
                Check(library.CompilerDefineString(compiler, identifier, &empty), "define an external variable");
            }
        }
    }

    /// <summary>What was said about the source added last.</summary>
    public IReadOnlyList<YaraCompileMessage> Messages => _messages;

    /// <summary>Adds a source; false when it had errors.</summary>
    public bool Add(YaraSource source)
    {
        _file = source.FileName;
        _messages = [];
        byte[] text = NativeText.ToNative(source.Text);
        byte[] ns = NativeText.ToNative(source.Namespace);
        int errors;
        fixed (byte* textStart = text, nsStart = ns)
        {
            errors = _library.CompilerAddString(_compiler, textStart, nsStart);
        }
        _failure?.Throw();
        if (errors != 0 && !_messages.Exists(message => message.IsError))
        {
            _messages.Add(new YaraCompileMessage(_file, 0, true, "libyara refused the file without giving a reason"));
        }
        return errors == 0;
    }

    /// <summary>The rules of all sources added.</summary>
    public RulesHandle GetRules()
    {
        nint rules;
        Check(_library.CompilerGetRules(_compiler, &rules), "finish the rules");
        return new RulesHandle(_library, rules);
    }

    /// <summary>Releases the compiler; rules taken from it live on.</summary>
    public void Dispose()
    {
        if (_compiler != 0)
        {
            _library.CompilerDestroy(_compiler);
            _compiler = 0;
            _self.Free();
        }
    }

    /// <summary>YR_COMPILER_CALLBACK_FUNC. Nothing may leave it: an exception is kept until libyara has returned.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(int level, byte* file, int line, nint rule, byte* text, nint user)
    {
        NativeCompiler compiler = (NativeCompiler)GCHandle.FromIntPtr(user).Target!;
        try
        {
            compiler.Record(level == LevelError, line, rule, NativeText.Read(text));
        }
        catch (Exception exception)
        {
            compiler._failure = ExceptionDispatchInfo.Capture(exception);
        }
    }

    private void Record(bool isError, int line, nint rule, string text)
    {
        if (_messages.Count >= MaximumMessages && !isError)
        {
            return;
        }
        string name = rule == 0 || _layout is null ? "" : NativeText.Read(*(byte**)(rule + _layout.RuleIdentifier));
        _messages.Add(new YaraCompileMessage(_file, line, isError, name.Length == 0 ? text : $"rule \"{name}\": {text}"));
    }

    private static void Check(int error, string action)
    {
        if (error != YaraError.Success)
        {
            throw new InsufficientMemoryException($"YARA could not {action}: {YaraError.Describe(error)}");
        }
    }
}
