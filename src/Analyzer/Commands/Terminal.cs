using System.Runtime.InteropServices;

namespace Forensics.Analyzer.Commands;

/// <summary>The width of a terminal. The framework's own property switches the terminal's keypad mode as a side effect, so the kernel is asked directly.</summary>
/// <remarks>Limitations: Linux only; null elsewhere.</remarks>
internal static class Terminal
{
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ, asm-generic/ioctls.h

    /// <summary>Columns of the terminal behind a file descriptor; null when it does not say.</summary>
    public static int? Columns(int descriptor) =>
        OperatingSystem.IsLinux() && ioctl(descriptor, GetWindowSize, out WindowSize size) == 0 && size.Columns > 0 ? size.Columns : null;

    [DllImport("libc", SetLastError = true)]
    private static extern int ioctl(int descriptor, nuint request, out WindowSize size);

    /// <summary><c>struct winsize</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort HorizontalPixels;
        public ushort VerticalPixels;
    }
}
