using System.Text;
using Forensics.Parsers.FileSystems.Ntfs.Journals;

namespace Forensics.Analyzer.Listing;

/// <summary>One line of <c>usn</c>.</summary>
/// <param name="Volume">Volume identity.</param>
/// <param name="Path">Path at the time of the event, display form; begins with <c>?/</c> when a directory of it is not known.</param>
/// <param name="Record">The event.</param>
public readonly record struct UsnRow(string Volume, string Path, UsnRecord Record)
{
    private static readonly UsnReasons[] s_reasons = [.. Enum.GetValues<UsnReasons>().Where(reason => reason != UsnReasons.None)];
    private static readonly Dictionary<UsnReasons, string> s_names = s_reasons.ToDictionary(reason => reason, reason => SdkName(reason.ToString()));

    /// <summary>The reasons by the names of the Windows SDK without <c>USN_REASON_</c>, joined by <c>|</c>; bits without a name as one number in hex.</summary>
    public string Reasons
    {
        get
        {
            var text = new StringBuilder();
            UsnReasons left = Record.Reasons;
            foreach (UsnReasons reason in s_reasons)
            {
                if ((left & reason) != 0)
                {
                    text.Append(text.Length == 0 ? "" : "|").Append(s_names[reason]);
                    left &= ~reason;
                }
            }
            if (left != 0)
            {
                text.Append(text.Length == 0 ? "" : "|").Append(System.Globalization.CultureInfo.InvariantCulture, $"0x{(uint)left:x}");
            }
            return text.ToString();
        }
    }

    private static string SdkName(string name)
    {
        var text = new StringBuilder();
        foreach (char letter in name)
        {
            text.Append(text.Length > 0 && char.IsUpper(letter) ? "_" : "").Append(char.ToUpperInvariant(letter));
        }
        return text.ToString();
    }
}

/// <summary>Writes events in one format. Not thread-safe.</summary>
public abstract class UsnRowWriter(Stream output) : RowWriter(output)
{
    /// <summary>What precedes the first row.</summary>
    public virtual void WriteHeader()
    {
    }

    /// <summary>Writes one row.</summary>
    public abstract void Write(in UsnRow row);
}
