using System.Buffers;
using System.Text;
using Forensics.Yara.Native;

namespace Forensics.Yara.Scanning;

/// <summary>What a scanner's external variables are set to, so that only changes reach libyara.</summary>
internal sealed class ExternalValues(ExternalSet used)
{
    private const int StackBytes = 1024;

    /// <summary>Null where libyara still has what the compiler was given, and after a failure.</summary>
    private readonly string?[] _current = ["", "", "", "", "", ""];

    /// <summary>Sets what the rules use and what differs; libyara's error code.</summary>
    public int Apply(ScannerHandle scanner, in YaraExternals externals)
    {
        if (used == ExternalSet.None)
        {
            return YaraError.Success;
        }
        int error = Set(scanner, 0, externals.FileName);
        error = error != YaraError.Success ? error : Set(scanner, 1, externals.FilePath);
        error = error != YaraError.Success ? error : Set(scanner, 2, externals.Extension);
        error = error != YaraError.Success ? error : Set(scanner, 3, externals.FileType);
        error = error != YaraError.Success ? error : Set(scanner, 4, externals.Owner);
        return error != YaraError.Success ? error : Set(scanner, 5, externals.Md5);
    }

    private int Set(ScannerHandle scanner, int index, string? value)
    {
        value ??= "";
        if (((int)used & (1 << index)) == 0 || string.Equals(_current[index], value, StringComparison.Ordinal))
        {
            return YaraError.Success;
        }
        int size = Encoding.UTF8.GetMaxByteCount(value.Length) + 1;
        byte[]? rented = size > StackBytes ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> text = rented ?? stackalloc byte[StackBytes];
        NativeText.Write(value, text);
        int error = scanner.Define(ExternalNames.Native[index], text);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        _current[index] = error == YaraError.Success ? value : null;
        return error;
    }
}
