using System.CommandLine;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Commands;

/// <summary>The argument every verb begins with.</summary>
public static class ImageArgument
{
    /// <summary>A new one; arguments belong to one command each.</summary>
    public static Argument<string> Create() => new("IMAGE") { Description = "Disk image or snapshot; opened read-only" };

    /// <summary>The path, when there is something to open. Throws a <see cref="ForensicException"/> otherwise, before anything else is prepared.</summary>
    public static string Require(ParseResult parse, Argument<string> image)
    {
        string path = parse.GetRequiredValue(image);
        if (Directory.Exists(path))
        {
            throw new ImageReadException(0, "'" + path + "' is a directory, not a disk image");
        }
        if (!File.Exists(path))
        {
            throw new ImageReadException(0, "there is no file '" + path + "'");
        }
        return path;
    }
}
