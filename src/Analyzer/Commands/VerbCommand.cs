using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Forensics.Analyzer.Commands;

/// <summary>A command with examples, which <c>--help</c> shows.</summary>
/// <param name="name">The verb.</param>
/// <param name="description">One sentence.</param>
/// <param name="notes">What help shows after the options: examples, one a line.</param>
public sealed class VerbCommand(string name, string description, string notes) : Command(name, description)
{
    /// <summary>Text after the options.</summary>
    public string Notes { get; } = notes;

    /// <summary>A flag without value.</summary>
    public static Option<bool> Flag(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };
}

/// <summary>The help of the command-line library followed by the examples of the verb.</summary>
internal sealed class HelpWithExamples(string rootNotes) : SynchronousCommandLineAction
{
    private const int Width = 110;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = new HelpAction { MaxWidth = Width }.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.Write((parseResult.CommandResult.Command as VerbCommand)?.Notes ?? rootNotes);
        return code;
    }
}

/// <summary>Prints name and version.</summary>
internal sealed class PrintVersion : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(Product.Name + " " + Product.Version);
        return ExitCodes.Done;
    }
}
