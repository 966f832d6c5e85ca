namespace Forensics.Analyzer.Evidence;

/// <summary>Class identifiers in paths of the registry.</summary>
internal static class ClassIds
{
    private const string Parent = @"\CLSID\";
    private const int Length = 38;

    /// <summary>The class that a key below <c>CLSID</c> belongs to; null for other keys.</summary>
    public static Guid? Of(string keyPath)
    {
        int at = keyPath.IndexOf(Parent, StringComparison.OrdinalIgnoreCase);
        return at >= 0 && keyPath.Length >= at + Parent.Length + Length && Guid.TryParse(keyPath.AsSpan(at + Parent.Length, Length), out Guid id) ? id : null;
    }
}
