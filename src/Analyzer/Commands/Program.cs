using System.Runtime.InteropServices;
using System.Text;
using Forensics.Analyzer.Commands;
using Microsoft.Win32.SafeHandles;

using var cancellation = new CancellationTokenSource();
int signalCode = 0;

// The first signal asks the command to stop, which removes partial outputs; a second one ends the process at once.
void Stop(PosixSignalContext signal, int code)
{
    if (Interlocked.CompareExchange(ref signalCode, code, 0) == 0)
    {
        signal.Cancel = true;
        cancellation.Cancel();
    }
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, ExitCodes.Interrupted));
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, ExitCodes.Terminated));

var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1024) { NewLine = "\n", AutoFlush = true };
bool outputIsTerminal = !Console.IsOutputRedirected;
var context = new CommandContext(OpenOutput(outputIsTerminal), error, cancellation.Token)
{
    OutputIsTerminal = outputIsTerminal,
    ErrorIsTerminal = !Console.IsErrorRedirected,
    Width = outputIsTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : 110,
    NoColor = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || Environment.GetEnvironmentVariable("TERM") == "dumb",
    IsDebugging = Environment.GetEnvironmentVariable("DEADBOX_DEBUG") == "1",
};
AppDomain.CurrentDomain.UnhandledException += (_, failure) => Environment.Exit(CommandLine.Crash(context, (Exception)failure.ExceptionObject));
int result = CommandLine.Run(args, context);
return result == ExitCodes.Interrupted && signalCode != 0 ? signalCode : result;

// The console stream hides that the reader of a pipe went away and would let a long command run on for nobody; a plain file stream tells.
// A redirection to a file keeps the console stream: it writes at the position the process shares with its parent, a file stream would not.
static Stream OpenOutput(bool isTerminal)
{
    if (isTerminal || OperatingSystem.IsWindows())
    {
        return Console.OpenStandardOutput();
    }
    var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
}
