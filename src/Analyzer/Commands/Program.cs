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

var error = new StreamWriter(new MessageOutput(OpenStream(2, Console.OpenStandardError)), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1024) { NewLine = "\n", AutoFlush = true };
bool outputIsTerminal = !Console.IsOutputRedirected;
bool isDumb = Environment.GetEnvironmentVariable("TERM") == "dumb";
bool errorIsTerminal = !Console.IsErrorRedirected && !isDumb;
var context = new CommandContext(OpenStream(1, Console.OpenStandardOutput), error, cancellation.Token)
{
    OutputIsTerminal = outputIsTerminal,
    ErrorIsTerminal = errorIsTerminal,
    Width = (outputIsTerminal ? Terminal.Columns(1) : null) ?? CommandContext.DefaultWidth,
    ErrorWidth = (errorIsTerminal ? Terminal.Columns(2) : null) ?? CommandContext.DefaultWidth,
    NoColor = isDumb || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 },
    IsDebugging = Environment.GetEnvironmentVariable("DEADBOX_DEBUG") == "1",
};
AppDomain.CurrentDomain.UnhandledException += (_, failure) => Environment.Exit(CommandLine.Crash(context, (Exception)failure.ExceptionObject));
int result = CommandLine.Run(args, context);
return result == ExitCodes.Interrupted && signalCode != 0 ? signalCode : result;

// The console streams hide that the reader of a pipe went away and would let a long command run on for nobody, and they switch the keypad mode of a
// terminal; a plain file stream does neither. A redirection to a file keeps the console stream: it writes at the position the process shares with its
// parent, a file stream would not.
static Stream OpenStream(int descriptor, Func<Stream> openConsole)
{
    if (OperatingSystem.IsWindows())
    {
        return openConsole();
    }
    var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    return stream.CanSeek ? openConsole() : stream;
}
