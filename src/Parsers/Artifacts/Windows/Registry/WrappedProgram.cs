using Forensics.Parsers.Formats.Registry;

namespace Forensics.Parsers.Artifacts.Windows;

/// <summary>
/// What a service wrapper starts, as it stands below <c>Parameters</c> of the service: nssm (<see href="https://nssm.cc/usage"/>) and srvany of the Windows Server 2003 Resource Kit.
/// </summary>
/// <param name="Application">Program.</param>
/// <param name="Arguments">Its arguments; null when there are none.</param>
/// <param name="Directory">Working directory; null when none is stated.</param>
/// <remarks><b>Limitations:</b> wrappers that keep their settings in a file beside them (WinSW) are not read.</remarks>
public sealed record WrappedProgram(string Application, string? Arguments, string? Directory)
{
    private static readonly string[] s_own = ["AppDirectory", "AppParameters", "AppStdout", "AppStderr", "AppThrottle", "AppEnvironmentExtra"];

    /// <summary>Settings of its environment, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The command line. The program is quoted, because the wrapper never splits it.</summary>
    public string CommandLine => (Application.Contains(' ', StringComparison.Ordinal) && !Application.Contains('"', StringComparison.Ordinal) ? "\"" + Application + "\"" : Application)
        + (string.IsNullOrWhiteSpace(Arguments) ? "" : " " + Arguments.Trim());

    /// <summary>What the key says; null when the service is none of a wrapper. A wrapper is known by its name, or, when it was renamed, by values that only wrappers have.</summary>
    internal static WrappedProgram? Of(string? image, RegistryKey? parameters)
    {
        if (parameters is null || RegistryText.Text(parameters, "Application") is not { Length: > 0 } application)
        {
            return null;
        }
        bool isNamed = image is not null && (image.Contains("nssm", StringComparison.OrdinalIgnoreCase) || image.Contains("srvany", StringComparison.OrdinalIgnoreCase));
        if (!isNamed && parameters.FindSubkey("AppExit") is null && !Array.Exists(s_own, name => parameters.FindValue(name) is not null))
        {
            return null;
        }
        return new WrappedProgram(application.Trim().Trim('"'), RegistryText.Text(parameters, "AppParameters"), RegistryText.Text(parameters, "AppDirectory"))
        {
            Environment = [.. new[] { "AppEnvironment", "AppEnvironmentExtra" }.SelectMany(name => parameters.FindValue(name)?.AsTexts() ?? []).Take(256)],
        };
    }
}
