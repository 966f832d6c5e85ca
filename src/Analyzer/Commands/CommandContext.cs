using System.CommandLine;
using System.Text;
using Forensics.Analyzer.Reports;

namespace Forensics.Analyzer.Commands;

/// <summary>
/// What a command talks to: results to <see cref="StandardOutput"/> (bytes) or <c>Output</c> (text), everything else to <c>Error</c>.
/// Handed to actions as the invocation configuration; <see cref="Of"/> gets it back.
/// </summary>
public sealed class CommandContext : InvocationConfiguration
{
    /// <summary>Columns when there is no terminal.</summary>
    public const int DefaultWidth = 110;

    /// <summary>Failures of <paramref name="standardOutput"/> become <see cref="OutputException"/>.</summary>
    public CommandContext(Stream standardOutput, TextWriter error, CancellationToken cancellation)
    {
        StandardOutput = new GuardedOutput(standardOutput, "standard output");
        Output = new StreamWriter(StandardOutput, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 4096) { NewLine = "\n", AutoFlush = true };
        Error = error;
        Cancellation = cancellation;
        EnableDefaultExceptionHandler = false;
    }

    /// <summary>Result bytes.</summary>
    public Stream StandardOutput { get; }

    /// <summary>Set by Ctrl-C and SIGTERM.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Standard output is a terminal.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Standard error is a terminal that can move its cursor.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of text that goes to standard output.</summary>
    public int Width { get; init; } = DefaultWidth;

    /// <summary>Columns of the terminal on standard error.</summary>
    public int ErrorWidth { get; init; } = DefaultWidth;

    /// <summary>The environment asks for no colours (<c>NO_COLOR</c> set and not empty, or <c>TERM=dumb</c>).</summary>
    public bool NoColor { get; init; }

    /// <summary>An internal error shows its stack (<c>DEADBOX_DEBUG=1</c>).</summary>
    public bool IsDebugging { get; init; }

    /// <summary>The context of a running command.</summary>
    public static CommandContext Of(ParseResult parse) => (CommandContext)parse.InvocationConfiguration;

    /// <summary>Writes one line to standard error, escaped.</summary>
    public void Say(string text) => Error.WriteLine(Product.Name + ": " + SafeText.Escape(text));
}
