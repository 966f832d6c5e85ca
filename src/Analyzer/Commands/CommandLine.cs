using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Forensics.Analyzer.Pipeline;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Analyzer.Commands;

/// <summary>From arguments to exit code; the whole program but the process around it.</summary>
public static class CommandLine
{
    private const string RootNotes = """
        Examples:
          deadbox scan server.raw
          deadbox scan server.raw --format console --format json=report.json --fail-on high
          deadbox info server.raw
          deadbox cat server.raw /etc/crontab

        Results go to standard output, progress and messages to standard error. The image is only ever read.
        Exit codes: 0 done, 1 finding at or above --fail-on, 2 usage, 3 nothing readable, 4 incomplete under a gate,
        5 evidence changed, 70 internal error, 75 output failed, 130 interrupted.

        """;

    // No "@file" arguments: an image may be called that. No options joined behind one dash: a typing error must stay an error.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>Runs with plain streams: nothing is a terminal. For tests and embedding.</summary>
    public static int Run(string[] args, Stream standardOutput, TextWriter error, CancellationToken cancellation = default) =>
        Run(args, new CommandContext(standardOutput, error, cancellation));

    /// <summary>Runs one command and returns its exit code. Never throws.</summary>
    public static int Run(string[] args, CommandContext context) => Guard(context, () => Dispatch(args, context));

    /// <summary>Reports a defect of the program in one sentence, with the stack only when debugging, and returns its exit code.</summary>
    public static int Crash(CommandContext context, Exception exception)
    {
        context.Say("internal error: " + exception.GetType().Name + ": " + exception.Message + " (DEADBOX_DEBUG=1 shows more)");
        if (context.IsDebugging)
        {
            foreach (string line in exception.ToString().Split('\n'))
            {
                context.Say("  " + line.TrimEnd('\r'));
            }
        }
        return ExitCodes.Internal;
    }

    /// <summary>The only place where exceptions become exit codes; also the only one that takes any exception, for the program ends here.</summary>
    internal static int Guard(CommandContext context, Func<int> body)
    {
        try
        {
            return body();
        }
        catch (UsageException exception)
        {
            return Fail(context, exception.Message, ExitCodes.Usage);
        }
        catch (TemporarySpaceException exception)
        {
            return Fail(context, exception.Message, ExitCodes.Temporary);
        }
        catch (ForensicException exception)
        {
            return Fail(context, exception.Message, ExitCodes.NothingReadable);
        }
        catch (OutputException exception)
        {
            return exception.IsBrokenPipe ? ExitCodes.BrokenPipe : Fail(context, exception.Message, ExitCodes.Temporary);
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            return Fail(context, "interrupted; no result was written", ExitCodes.Interrupted);
        }
        catch (Exception exception)
        {
            return Crash(context, exception);
        }
    }

    private static int Dispatch(string[] args, CommandContext context)
    {
        RootCommand root = CreateRoot();
        ParseResult parse = root.Parse(args, Parsing);
        if (GreedyOptions.GiveBackImage(parse) is string[] repaired)
        {
            parse = root.Parse(repaired, Parsing);
        }
        if (parse.Action is not (HelpWithExamples or PrintVersion) && CommandLineErrors.Describe(parse) is string error)
        {
            context.Say(error);
            string verb = parse.CommandResult.Command is VerbCommand command ? command.Name + " " : "";
            context.Error.WriteLine("Try '" + Product.Name + " " + verb + "--help'.");
            return ExitCodes.Usage;
        }
        return parse.Invoke(context);
    }

    private static int Fail(CommandContext context, string message, int code)
    {
        context.Say(message);
        return code;
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("Answers from a disk image alone: is this machine compromised, how, and what must be cleaned?") { HelpName = Product.Name };
        root.Options.Clear();
        root.Directives.Clear();
        root.Add(new HelpOption("--help", "-h") { Action = new HelpWithExamples(RootNotes), Description = "Show help and examples" });
        root.Add(new Option<bool>("--version") { Action = new PrintVersion(), Arity = ArgumentArity.Zero, Recursive = true, Description = "Show the version" });
        root.Add(ScanCommand.Create());
        root.Add(InfoCommand.Create());
        root.Add(FilesCommand.Create());
        root.Add(CatCommand.Create());
        root.Add(UsnCommand.Create());
        root.Add(ManifestCommand.Create());
        return root;
    }
}
