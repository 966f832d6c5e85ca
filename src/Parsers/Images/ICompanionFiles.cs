using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images;

/// <summary>
/// The other files of an image. The only way from a container to a second file: formats never open paths. Each <see cref="CompanionFile"/> brings its own companions, which
/// know the files that led to it, so that a chain that comes back to itself or is too long ends here and not in a format.
/// </summary>
public interface ICompanionFiles
{
    /// <summary>Name of the image file itself, without directories; empty when it has none (a member of an archive).</summary>
    string FileName { get; }

    /// <summary>
    /// Opens a file that the image names: a backing file, parent or extent. The name is evidence: only its last component is used, in the image's own folder and in the
    /// folders the user allowed; a link, a device, a scheme or a network path is refused. Throws <see cref="UnsupportedFeatureException"/>, with the name escaped, when it is
    /// refused or not there, or when the chain is a loop or too long.
    /// </summary>
    /// <param name="name">The name as the image gives it, decoded from the container's own encoding; slashes and backslashes both separate.</param>
    /// <param name="role">What it is to the image, for messages: <c>qcow2 backing file</c>.</param>
    CompanionFile OpenNamed(string name, string role);

    /// <summary>
    /// Opens a further segment, whose name the caller derived from <see cref="FileName"/> (<c>disk.E02</c>, <c>disk.001</c>); null when there is none in the image's own folder.
    /// Never pass text from the image here.
    /// </summary>
    CompanionFile? OpenSegment(string fileName);
}

/// <summary>A second file of an image. It stays open as long as the image.</summary>
/// <param name="FileName">Its name without directories, in display form.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Companions">For the files that it names in turn.</param>
public sealed record CompanionFile(string FileName, IByteSource Content, ICompanionFiles Companions);

/// <summary>The companions of bytes that are no file of their own: none.</summary>
public sealed class NoCompanionFiles : ICompanionFiles
{
    private NoCompanionFiles()
    {
    }

    /// <summary>The one object.</summary>
    public static NoCompanionFiles Instance { get; } = new();

    /// <inheritdoc/>
    public string FileName => "";

    /// <inheritdoc/>
    public CompanionFile OpenNamed(string name, string role) =>
        throw new UnsupportedFeatureException(role + " '" + PathText.FromText(name) + "' (an image inside another file is opened alone)");

    /// <inheritdoc/>
    public CompanionFile? OpenSegment(string fileName) => null;
}
