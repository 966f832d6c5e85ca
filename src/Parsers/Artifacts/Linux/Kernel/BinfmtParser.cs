using System.Text;
using Forensics.Parsers.Formats;

namespace Forensics.Parsers.Artifacts.Linux;

/// <summary>A kind of file that the kernel gives to an interpreter: a line of <c>binfmt.d</c>.</summary>
public sealed record BinfmtRegistration(EvidenceLocation Location) : Artifact(Location), IStartsCommands
{
    /// <inheritdoc/>
    public override string Kind => "binfmt-registration";
    /// <summary>Name of the registration.</summary>
    public required string Name { get; init; }
    /// <summary>True when the extension of the name decides (<c>E</c>), false when bytes do (<c>M</c>).</summary>
    public required bool IsByExtension { get; init; }
    /// <summary>Where the bytes stand.</summary>
    public int Offset { get; init; }
    /// <summary>The bytes in lower-case hex, or the extension.</summary>
    public required string Magic { get; init; }
    /// <summary>Which bits of the bytes count, lower-case hex; empty for all.</summary>
    public string Mask { get; init; } = "";
    /// <summary>Program that is given the file.</summary>
    public required string Interpreter { get; init; }
    /// <summary><c>P</c> keep argument 0, <c>O</c> open the file, <c>C</c> credentials of the file (set-uid counts), <c>F</c> keep the interpreter open.</summary>
    public string Flags { get; init; } = "";
    /// <summary>Why it is not registered, as a clause; null when its name does not keep it from that.</summary>
    public string? DormantBecause { get; init; }
    /// <inheritdoc/>
    public IReadOnlyList<StartCommand> Commands => [new StartCommand(Interpreter) { Trigger = "binfmt", Line = Location.Line, ByteOffset = Location.ByteOffset, DormantBecause = DormantBecause }];

    /// <inheritdoc/>
    public override void Visit(IFieldVisitor fields)
    {
        fields.Text("name", Name);
        fields.Flag("isByExtension", IsByExtension);
        fields.Number("offset", Offset);
        fields.Text("magic", Magic);
        fields.Text("mask", Mask);
        fields.Text("interpreter", Interpreter);
        fields.Text("flags", Flags);
        fields.Text("dormantBecause", DormantBecause);
    }
}

/// <summary>Reads <c>binfmt.d</c>. Specification: binfmt.d(5) and https://docs.kernel.org/admin-guide/binfmt-misc.html</summary>
/// <remarks><b>Limitations</b>: what a script writes to <c>/proc/sys/fs/binfmt_misc/register</c> is not in these files.</remarks>
public sealed class BinfmtParser : ArtifactParser
{
    private const string Code = "linux.binfmt";
    private const int Fields = 8;

    /// <inheritdoc/>
    public override string Name => "linux/binfmt";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Claims { get; } = DropInDirectory.Claims("binfmt.d");

    /// <inheritdoc/>
    public override bool Accepts(FileType type) => type is FileType.Regular or FileType.SymbolicLink;

    /// <inheritdoc/>
    public override void Parse(ArtifactInput input, IArtifactSink sink)
    {
        if (DropInDirectory.IsLink(input, sink))
        {
            return;
        }
        var file = new ArtifactFile(input, sink, Code);
        foreach (TextLine line in file.Lines())
        {
            string text = line.Text.Trim();
            if (text.Length == 0 || text[0] is '#' or ';')
            {
                continue;
            }
            // The first character is what separates the fields.
            string[] fields = text.Split(text[0], Fields + 1);
            if (fields.Length < Fields - 1 || fields[2] is not ("M" or "E") || fields[6].Length == 0)
            {
                file.Report("line", "no registration; the kernel refuses the line", line);
                continue;
            }
            bool isByExtension = fields[2] == "E";
            bool hasRoom = file.Add(new BinfmtRegistration(input.Location.At(line.Number, line.ByteOffset))
            {
                Name = fields[1],
                IsByExtension = isByExtension,
                Offset = int.TryParse(fields[3], out int offset) ? offset : 0,
                Magic = isByExtension ? fields[4] : Hex(fields[4]),
                Mask = isByExtension ? "" : Hex(fields[5]),
                Interpreter = fields[6],
                Flags = fields.Length >= Fields ? fields[7].Trim() : "",
                DormantBecause = DropInDirectory.DormantByName(input.Location, ".conf"),
            });
            if (!hasRoom)
            {
                return;
            }
        }
    }

    /// <summary>Bytes written as they are or as <c>\xNN</c>.</summary>
    private static string Hex(string text)
    {
        var hex = new StringBuilder(text.Length * 2);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x' && char.IsAsciiHexDigit(text[i + 2]) && char.IsAsciiHexDigit(text[i + 3]))
            {
                hex.Append(char.ToLowerInvariant(text[i + 2])).Append(char.ToLowerInvariant(text[i + 3]));
                i += 3;
                continue;
            }
            hex.Append(((int)text[i] & 0xFF).ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return hex.ToString();
    }
}
