namespace Forensics.Analyzer.Signatures;

/// <summary>Reads signature files, naming the file in every error.</summary>
internal static class SignatureFiles
{
    private const long MaxTextBytes = 64L << 20;

    public static string ReadText(string file)
    {
        try
        {
            if (new FileInfo(file).Length > MaxTextBytes)
            {
                throw new SignatureException($"{file}: larger than 64 MiB, which no rule file is");
            }
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SignatureException($"{file}: cannot be read ({error.Message})", error);
        }
    }

    public static string[] ReadLines(string file) => ReadText(file).Split('\n');

    public static FileStream OpenRead(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SignatureException($"{file}: cannot be read ({error.Message})", error);
        }
    }

    /// <summary>Files with an extension below a directory, in ordinal order of their relative path.</summary>
    public static IReadOnlyList<string> List(string directory, string extension)
    {
        if (!Directory.Exists(directory))
        {
            return [];
        }
        string[] files = Directory.GetFiles(directory, "*" + extension, SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }
}
