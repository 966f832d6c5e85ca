namespace Forensics.Parsers.Formats;

/// <summary>The stack of open structures and the list of commands being read.</summary>
internal sealed partial class ShellParser
{
    private enum FrameKind
    {
        If,
        Loop,
        Case,
        Brace,
        Parenthesis,
    }

    private sealed class Frame(FrameKind kind, int first, bool isFunction)
    {
        public FrameKind Kind => kind;
        public int First => first;
        public bool IsFunction => isFunction;
        public bool ExpectsPattern { get; set; }
    }

    /// <summary>One list of commands being read: the text, or the inside of one substitution.</summary>
    private sealed class Level(ShellOrigin origin, int parent, int nesting, int id)
    {
        public ShellOrigin Origin => origin;
        public int Parent => parent;
        public int Nesting => nesting;
        public int Id => id;
        public List<Frame> Frames { get; } = [];
        public List<ShellCommandBuilder> PipeSources { get; } = [];
        public ShellCommandBuilder? Current { get; set; }
        public ShellConnector Previous { get; set; }
        public int? ClosedFrom { get; set; }
        public bool OpensFunction { get; set; }

        public bool Has(FrameKind kind) => Frames.FindLastIndex(frame => frame.Kind == kind) >= 0;

        public void Close(FrameKind kind)
        {
            int at = Frames.FindLastIndex(frame => frame.Kind == kind);
            if (at >= 0)
            {
                ClosedFrom = Frames[at].First;
                Frames.RemoveRange(at, Frames.Count - at);
            }
        }

        public void ExpectPattern()
        {
            int at = Frames.FindLastIndex(frame => frame.Kind == FrameKind.Case);
            if (at >= 0)
            {
                Frames.RemoveRange(at + 1, Frames.Count - at - 1);
                Frames[at].ExpectsPattern = true;
            }
        }

        public ShellOrigin OriginOfNext()
        {
            if (origin != ShellOrigin.Script)
            {
                return origin;
            }
            ShellOrigin result = ShellOrigin.Script;
            foreach (Frame frame in Frames)
            {
                if (frame.IsFunction)
                {
                    return ShellOrigin.Function;
                }
                if (frame.Kind == FrameKind.Parenthesis)
                {
                    result = ShellOrigin.Subshell;
                }
            }
            return result;
        }
    }
}
