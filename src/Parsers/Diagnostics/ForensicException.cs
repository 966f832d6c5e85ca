using System.Globalization;

namespace Forensics.Parsers.Diagnostics;

/// <summary>The only family of exceptions that data may cause. Its message is one sentence fit for the user.</summary>
public abstract class ForensicException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable diagnostic code.</summary>
    public abstract string Code { get; }
}

/// <summary>No reader recognises the data.</summary>
public sealed class UnknownFormatException(string message) : ForensicException(message)
{
    /// <inheritdoc/>
    public override string Code => "format.unknown";
}

/// <summary>A structure cannot be used. <see cref="Offset"/> is in bytes within the source that was parsed, -1 when unknown.</summary>
public sealed class CorruptDataException(string structure, long offset, string expected, string actual)
    : ForensicException(string.Create(CultureInfo.InvariantCulture, $"{structure} at offset {offset} is corrupt: expected {expected}, found {actual}"))
{
    /// <inheritdoc/>
    public override string Code => Structure + ".corrupt";
    /// <summary>Dotted name, such as <c>ext4.superblock</c>.</summary>
    public string Structure { get; } = structure;
    /// <summary>Byte offset.</summary>
    public long Offset { get; } = offset;
    /// <summary>What the format demands.</summary>
    public string Expected { get; } = expected;
    /// <summary>What is there.</summary>
    public string Actual { get; } = actual;
}

/// <summary>Valid, but this program does not read it: encrypted, a feature bit, a format by name.</summary>
public sealed class UnsupportedFeatureException(string feature) : ForensicException("not supported: " + feature)
{
    /// <inheritdoc/>
    public override string Code => "feature.unsupported";
    /// <summary>What is not supported.</summary>
    public string Feature { get; } = feature;
}

/// <summary>A bound of <see cref="ScanLimits"/> was reached.</summary>
public sealed class LimitExceededException(string limit, long value)
    : ForensicException(string.Create(CultureInfo.InvariantCulture, $"limit exceeded: {limit} ({value})"))
{
    /// <inheritdoc/>
    public override string Code => "limit." + Limit;
    /// <summary>Name of the limit.</summary>
    public string Limit { get; } = limit;
    /// <summary>The value that broke it.</summary>
    public long Value { get; } = value;
}

/// <summary>The image file itself could not be read at an offset: an I/O error, or the file was cut short.</summary>
public sealed class ImageReadException(long offset, string message, Exception? inner = null) : ForensicException(message, inner)
{
    /// <inheritdoc/>
    public override string Code => "image.read";
    /// <summary>Byte offset in the image file.</summary>
    public long Offset { get; } = offset;
}

/// <summary>
/// There is no room for decompressed data outside the evidence: disk full, not writable, or none provided. Nothing is wrong with the evidence, so it is none of the family: no part of
/// the image is skipped for it, the run ends. Its message is one sentence fit for the user.
/// </summary>
public sealed class TemporarySpaceException(string message, Exception? inner = null) : Exception(message, inner);
