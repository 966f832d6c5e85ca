using System.Globalization;

namespace Forensics.Yara.Native;

/// <summary>Error codes of libyara (<c>ERROR_*</c> in error.h).</summary>
internal static class YaraError
{
    public const int Success = 0;
    public const int InsufficientMemory = 1;
    public const int ScanTimeout = 26;
    public const int CallbackError = 28;
    public const int TooManyMatches = 30;

    /// <summary>Text for a message: the cause where it has a name, and the number.</summary>
    public static string Describe(int error)
    {
        string name = error switch
        {
            InsufficientMemory => "insufficient memory",
            3 => "could not open file",
            4 => "could not map file",
            8 => "unsupported compiled rules version",
            25 => "execution stack overflow",
            CallbackError => "callback error",
            29 => "invalid argument",
            31 => "internal fatal error",
            46 => "too many states of a regular expression",
            _ => "an error",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{name} (libyara code {error})");
    }
}
