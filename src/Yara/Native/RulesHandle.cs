using System.Runtime.InteropServices;

namespace Forensics.Yara.Native;

/// <summary>YR_RULES. Keeps the library initialised as long as it lives.</summary>
internal sealed class RulesHandle : SafeHandle
{
    /// <summary>Takes over compiled rules.</summary>
    public RulesHandle(LibYara library, nint rules)
        : base(0, ownsHandle: true)
    {
        library.AddUser();
        Library = library;
        SetHandle(rules);
    }

    public LibYara Library { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override unsafe bool ReleaseHandle()
    {
        int error = Library.RulesDestroy(handle);
        Library.Release();
        return error == YaraError.Success;
    }
}
