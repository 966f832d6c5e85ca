namespace Forensics.Parsers.Volumes.Raid;

/// <summary>Where in a row of a RAID 4, 5 or 6 the parity and the data lie.</summary>
/// <param name="Data">Column of the data chunk.</param>
/// <param name="Parity">Column of P, the exclusive or of all data.</param>
/// <param name="Syndrome">Column of Q; -1 in RAID 4 and 5.</param>
internal readonly record struct ParityRow(int Data, int Parity, int Syndrome);

/// <summary>
/// The layouts of Linux' RAID 4, 5 and 6, by the numbers that MD superblocks and device-mapper use. Reference: md(4), "RAID5" and "RAID6", and the kernel's
/// documentation, https://docs.kernel.org/admin-guide/device-mapper/dm-raid.html
/// </summary>
internal sealed class ParityLayout
{
    public const int LeftAsymmetric = 0;
    public const int RightAsymmetric = 1;
    public const int LeftSymmetric = 2;
    public const int RightSymmetric = 3;
    public const int ParityFirst = 4;
    public const int ParityLast = 5;
    public const int RotatingZeroRestart = 8;
    public const int RotatingNRestart = 9;
    public const int RotatingNContinue = 10;
    /// <summary>Added to a RAID 5 layout: that layout over all columns but the last, which holds Q.</summary>
    public const int LastIsSyndrome = 16;

    private readonly int _level;
    private readonly int _algorithm;

    private ParityLayout(int level, int algorithm, int columns)
    {
        _level = level;
        _algorithm = algorithm;
        Columns = columns;
    }

    /// <summary>Columns in all.</summary>
    public int Columns { get; }

    /// <summary>Data chunks in a row.</summary>
    public int DataColumns => Columns - (_level == 6 ? 2 : 1);

    /// <summary>The layout of a level with so many columns; null when there is no such layout.</summary>
    public static ParityLayout? Create(int level, int algorithm, int columns)
    {
        if (level == 4)
        {
            // Linux keeps the parity of RAID 4 in the last column.
            return columns >= 2 ? new ParityLayout(5, ParityLast, columns) : null;
        }
        bool isKnown = level switch
        {
            5 => algorithm is >= LeftAsymmetric and <= ParityLast && columns >= 2,
            6 => algorithm is (>= LeftAsymmetric and <= ParityLast) or (>= RotatingZeroRestart and <= RotatingNContinue)
                or (>= LastIsSyndrome and <= LastIsSyndrome + ParityFirst) && columns >= 3,
            _ => false,
        };
        return isKnown ? new ParityLayout(level, algorithm, columns) : null;
    }

    /// <summary>The columns of a row, for its data chunk number <paramref name="index"/>.</summary>
    public ParityRow Row(long row, int index)
    {
        if (_level == 5)
        {
            return Single(_algorithm, Columns, row, index, -1);
        }
        return _algorithm >= LastIsSyndrome ? Single(_algorithm - LastIsSyndrome, Columns - 1, row, index, Columns - 1) : Double(row, index);
    }

    /// <summary>One parity column that moves through <paramref name="columns"/> columns.</summary>
    private static ParityRow Single(int algorithm, int columns, long row, int index, int syndrome)
    {
        int turn = (int)(row % columns);
        int parity = algorithm switch
        {
            LeftAsymmetric or LeftSymmetric => columns - 1 - turn,
            RightAsymmetric or RightSymmetric => turn,
            ParityFirst => 0,
            _ => columns - 1,
        };
        int data = algorithm is LeftSymmetric or RightSymmetric ? (parity + 1 + index) % columns : index >= parity ? index + 1 : index;
        return new ParityRow(data, parity, syndrome);
    }

    /// <summary>P and Q side by side, moving together.</summary>
    private ParityRow Double(long row, int index)
    {
        int n = Columns;
        int turn = (int)(row % n);
        switch (_algorithm)
        {
            case ParityFirst:
                return new ParityRow(index + 2, 0, 1);
            case ParityLast:
                return new ParityRow(index, n - 2, n - 1);
            case RotatingNContinue:
                int last = n - 1 - turn;
                return new ParityRow((last + 1 + index) % n, last, (last + n - 1) % n);
        }
        int parity = _algorithm switch
        {
            LeftAsymmetric or LeftSymmetric => n - 1 - turn,
            RotatingNRestart => n - 1 - (int)((row + 1) % n),
            _ => turn,
        };
        int syndrome = (parity + 1) % n;
        if (_algorithm is LeftSymmetric or RightSymmetric)
        {
            return new ParityRow((parity + 2 + index) % n, parity, syndrome);
        }
        // Asymmetric: data keep their order; where Q has wrapped to column 0, all of them come one later.
        int data = parity == n - 1 ? index + 1 : index >= parity ? index + 2 : index;
        return new ParityRow(data, parity, syndrome);
    }
}
