namespace Forensics.Analyzer.Tests;

/// <summary>Finds the repository from the test assembly.</summary>
internal static class Repository
{
    /// <summary>Full path of the folder that holds the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>Full path of a file below the root.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Forensics.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("the solution folder is not above " + AppContext.BaseDirectory);
    }
}
