using System.Globalization;
using System.Runtime.InteropServices;

namespace Forensics.Yara.Native;

/// <summary>
/// The functions of one loaded libyara and the count of its users. The library is initialised for the first user and finalised after the last; it is
/// never unloaded, since threads may still hold its thread-local data.
/// </summary>
internal sealed unsafe class LibYara
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<nint, LibYara> Loaded = [];

    private readonly delegate* unmanaged[Cdecl]<int> _initialize;
    private readonly delegate* unmanaged[Cdecl]<int> _finalize;
    private readonly delegate* unmanaged[Cdecl]<int, uint, int> _setConfiguration;
    private int _users;
    private YaraLayout? _layout;

    public readonly delegate* unmanaged[Cdecl]<nint*, int> CompilerCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, void> CompilerDestroy;
    public readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<int, byte*, int, nint, byte*, nint, void>, nint, void> CompilerSetCallback;
    public readonly delegate* unmanaged[Cdecl]<nint, nint, nint, nint, void> CompilerSetIncludeCallback;
    public readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, int> CompilerDefineString;
    public readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, int> CompilerAddString;
    public readonly delegate* unmanaged[Cdecl]<nint, nint*, int> CompilerGetRules;
    public readonly delegate* unmanaged[Cdecl]<nint, int> RulesDestroy;
    public readonly delegate* unmanaged[Cdecl]<nint, YaraStream*, int> RulesSaveStream;
    public readonly delegate* unmanaged[Cdecl]<nint, nint*, int> ScannerCreate;
    public readonly delegate* unmanaged[Cdecl]<nint, void> ScannerDestroy;
    public readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, nint, nint, int>, nint, void> ScannerSetCallback;
    public readonly delegate* unmanaged[Cdecl]<nint, int, void> ScannerSetFlags;
    public readonly delegate* unmanaged[Cdecl]<nint, int, void> ScannerSetTimeout;
    public readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, int> ScannerDefineString;
    public readonly delegate* unmanaged[Cdecl]<nint, byte*, nuint, int> ScannerScanMem;
    public readonly delegate* unmanaged[Cdecl]<nint, nint> ScannerLastErrorRule;

    private LibYara(nint handle)
    {
        _initialize = (delegate* unmanaged[Cdecl]<int>)Find(handle, "yr_initialize");
        _finalize = (delegate* unmanaged[Cdecl]<int>)Find(handle, "yr_finalize");
        _setConfiguration = (delegate* unmanaged[Cdecl]<int, uint, int>)Find(handle, "yr_set_configuration_uint32");
        CompilerCreate = (delegate* unmanaged[Cdecl]<nint*, int>)Find(handle, "yr_compiler_create");
        CompilerDestroy = (delegate* unmanaged[Cdecl]<nint, void>)Find(handle, "yr_compiler_destroy");
        CompilerSetCallback = (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<int, byte*, int, nint, byte*, nint, void>, nint, void>)Find(handle, "yr_compiler_set_callback");
        CompilerSetIncludeCallback = (delegate* unmanaged[Cdecl]<nint, nint, nint, nint, void>)Find(handle, "yr_compiler_set_include_callback");
        CompilerDefineString = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)Find(handle, "yr_compiler_define_string_variable");
        CompilerAddString = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)Find(handle, "yr_compiler_add_string");
        CompilerGetRules = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Find(handle, "yr_compiler_get_rules");
        RulesDestroy = (delegate* unmanaged[Cdecl]<nint, int>)Find(handle, "yr_rules_destroy");
        RulesSaveStream = (delegate* unmanaged[Cdecl]<nint, YaraStream*, int>)Find(handle, "yr_rules_save_stream");
        ScannerCreate = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Find(handle, "yr_scanner_create");
        ScannerDestroy = (delegate* unmanaged[Cdecl]<nint, void>)Find(handle, "yr_scanner_destroy");
        ScannerSetCallback = (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, nint, nint, int>, nint, void>)Find(handle, "yr_scanner_set_callback");
        ScannerSetFlags = (delegate* unmanaged[Cdecl]<nint, int, void>)Find(handle, "yr_scanner_set_flags");
        ScannerSetTimeout = (delegate* unmanaged[Cdecl]<nint, int, void>)Find(handle, "yr_scanner_set_timeout");
        ScannerDefineString = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)Find(handle, "yr_scanner_define_string_variable");
        ScannerScanMem = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, int>)Find(handle, "yr_scanner_scan_mem");
        ScannerLastErrorRule = (delegate* unmanaged[Cdecl]<nint, nint>)Find(handle, "yr_scanner_last_error_rule");
        HasAddBytes = NativeLibrary.TryGetExport(handle, "yr_compiler_add_bytes", out _);
    }

    /// <summary>The export that appeared together with the larger YR_RULE of 4.4.</summary>
    public bool HasAddBytes { get; }

    /// <summary>The proven layout.</summary>
    public YaraLayout Layout => _layout ?? throw new InvalidOperationException("The layout of libyara has not been established yet.");

    /// <summary>Loads the library, or counts one more user of the one loaded. Pair with <see cref="Release"/>.</summary>
    public static LibYara Acquire(string? path)
    {
        if (nint.Size != 8)
        {
            throw new YaraUnavailableException("YARA needs a 64-bit process: the binding does not know the 32-bit layout of libyara.");
        }
        lock (Gate)
        {
            nint handle = LibraryLocator.Open(path);
            if (!Loaded.TryGetValue(handle, out LibYara? library))
            {
                library = new LibYara(handle);
                Loaded.Add(handle, library);
            }
            library.AddUser();
            if (library._layout is null)
            {
                try
                {
                    library._layout = LayoutProbe.Establish(library);
                }
                catch (YaraUnavailableException)
                {
                    library.Release();
                    throw;
                }
            }
            return library;
        }
    }

    /// <summary>One more user: a rule set that must outlive the engine.</summary>
    public void AddUser()
    {
        lock (Gate)
        {
            if (_users == 0)
            {
                // A million matches of a hostile content must not keep more of it than is shown.
                const int MaximumMatchData = 2;
                int error = _initialize();
                error = error != YaraError.Success ? error : _setConfiguration(MaximumMatchData, YaraStringMatch.MaximumData);
                if (error != YaraError.Success)
                {
                    throw new YaraUnavailableException($"YARA could not be initialised: {YaraError.Describe(error)}.");
                }
            }
            _users++;
        }
    }

    /// <summary>One user less; the last one finalises the library.</summary>
    public void Release()
    {
        lock (Gate)
        {
            if (--_users == 0)
            {
                // Its code tells of nothing that could still be undone.
                _ = _finalize();
            }
        }
    }

    private static nint Find(nint handle, string name) =>
        NativeLibrary.TryGetExport(handle, name, out nint address)
            ? address
            : throw new YaraUnavailableException(string.Create(CultureInfo.InvariantCulture, $"The library found is not libyara 4.2 to 4.5: it has no function {name}."));
}

/// <summary>YR_STREAM: where <c>yr_rules_save_stream</c> writes to.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct YaraStream
{
    public nint User;
    public nint Read;
    public delegate* unmanaged[Cdecl]<nint, nuint, nuint, nint, nuint> Write;
}
