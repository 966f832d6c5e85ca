using System.Security.Cryptography;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Volumes.Lvm2;

/// <summary>
/// Parses the metadata texts of all physical volumes. Equal texts, which most are, are parsed once; how many bytes are read, and kept as parsed, is bounded over all, since a table
/// can name the same place as very many partitions.
/// </summary>
internal sealed class MetadataTexts(IDiagnosticSink diagnostics)
{
    private const long MaxRead = 256 << 20;
    private const long MaxKept = 48 << 20;

    private readonly Dictionary<string, (VolumeGroupText? Group, string? Problem)> _known = new(StringComparer.Ordinal);
    private long _read;
    private long _kept;
    private bool _isReported;

    /// <summary>Whether so many bytes more may be read; when not, that is said once.</summary>
    public bool Allows(long bytes)
    {
        _read += bytes;
        if (_read <= MaxRead)
        {
            return true;
        }
        Report();
        return false;
    }

    /// <summary>The group that a text describes; null with the reason when it describes none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="first">Only its first section counts; anything may follow.</param>
    /// <param name="problem">The reason.</param>
    public VolumeGroupText? Parse(ReadOnlySpan<byte> text, bool first, out string? problem)
    {
        string key = first ? "" : Convert.ToHexString(SHA256.HashData(text));
        if (!first && _known.TryGetValue(key, out (VolumeGroupText? Group, string? Problem) known))
        {
            problem = known.Problem;
            return known.Group;
        }
        VolumeGroupText? group = null;
        problem = null;
        try
        {
            group = VolumeGroupText.From(first ? LvmText.ParseFirst(text, out int length) : LvmText.Parse(text, out length));
            _kept += length;
            if (_kept > MaxKept)
            {
                Report();
                problem = "there is too much metadata";
                group = null;
            }
        }
        catch (ForensicException exception)
        {
            problem = exception.Message;
        }
        if (!first)
        {
            _known.Add(key, (group, problem));
        }
        return group;
    }

    private void Report()
    {
        if (!_isReported)
        {
            _isReported = true;
            diagnostics.Report(new Diagnostic("lvm.text.limit", "the physical volumes hold too much metadata; not all of it is read") { LosesContent = true });
        }
    }
}
