using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Formats.SystemdJournal;

/// <summary>
/// The offsets of the entries in the order they were written. First along the chain of entry arrays, as far as its offsets grow, which they do in every sound file
/// and which ends every loop; then object by object from where the chain was left.
/// </summary>
internal sealed class JournalEntryChain(JournalFile file, CancellationToken cancellation)
{
    private const int ArrayItemsOffset = 24;

    private readonly byte[] _header = new byte[ArrayItemsOffset];
    private readonly byte[] _items = new byte[4096];
    private readonly int _itemSize = file.IsCompact ? 4 : 8;
    private long _array = file.EntryArrayOffset;
    private long _nextArray;
    private long _arrayItems;
    private long _arrayIndex;
    private long _bufferFirst;
    private int _bufferCount;
    private long _linked;
    private long _lastEntry;
    private long _walk = -1;
    private long _damagedAt = -1;
    private long _damagedPlaces;
    private long _unlinked;
    private bool _chainIsBroken;

    /// <summary>The offset of the next entry; false at the end.</summary>
    public bool Next(out long offset)
    {
        while (_walk < 0)
        {
            if (NextLinked(out offset))
            {
                return true;
            }
            BeginWalk();
        }
        while (NextObject(out offset))
        {
            if (offset > _lastEntry)
            {
                _lastEntry = offset;
                _unlinked++;
                return true;
            }
        }
        Finish();
        return false;
    }

    /// <summary>The entry at an offset that the chain gave cannot be read: what the chain says is not to be trusted from here on.</summary>
    public void Broken(long offset)
    {
        _damagedAt = offset;
        _damagedPlaces++;
    }

    private bool NextLinked(out long offset)
    {
        offset = 0;
        while (_linked < file.EntryCount || _linked == 0)
        {
            if (_arrayIndex >= _arrayItems && !OpenArray())
            {
                return false;
            }
            if (_arrayIndex >= _arrayItems)
            {
                continue;
            }
            offset = Item(_arrayIndex++);
            if (offset == 0)
            {
                // The unused end of the last array.
                _chainIsBroken = _linked < file.EntryCount;
                return false;
            }
            if (offset <= _lastEntry || offset % 8 != 0 || offset > file.Length - JournalEntryView.ItemsOffset)
            {
                _chainIsBroken = true;
                return false;
            }
            _linked++;
            _lastEntry = offset;
            return true;
        }
        return false;
    }

    private bool OpenArray()
    {
        cancellation.ThrowIfCancellationRequested();
        if (_arrayItems > 0)
        {
            if (_nextArray != 0 && _nextArray <= _array)
            {
                _chainIsBroken = true;
                return false;
            }
            _array = _nextArray;
        }
        if (_array == 0)
        {
            _chainIsBroken = _linked < file.EntryCount;
            return false;
        }
        if (_array < 0 || !file.TryObject(_array, _header, out JournalObjectType type, out long size) || type != JournalObjectType.EntryArray
            || file.Bytes.ReadUpTo(_array, _header) < _header.Length)
        {
            _chainIsBroken = true;
            return false;
        }
        ulong next = BinaryPrimitives.ReadUInt64LittleEndian(_header.AsSpan(16));
        _nextArray = next > (ulong)file.Length ? file.Length : (long)next;
        _arrayItems = (size - ArrayItemsOffset) / _itemSize;
        _arrayIndex = 0;
        _bufferCount = 0;
        if (_arrayItems == 0)
        {
            _chainIsBroken = true;
            return false;
        }
        return true;
    }

    private long Item(long index)
    {
        if (index < _bufferFirst || index >= _bufferFirst + _bufferCount || _bufferCount == 0)
        {
            int count = (int)Math.Min(_arrayItems - index, _items.Length / _itemSize);
            int read = file.Bytes.ReadUpTo(_array + ArrayItemsOffset + index * _itemSize, _items.AsSpan(0, count * _itemSize));
            _bufferFirst = index;
            _bufferCount = read / _itemSize;
            if (_bufferCount == 0)
            {
                return 0;
            }
        }
        ReadOnlySpan<byte> item = _items.AsSpan((int)(index - _bufferFirst) * _itemSize, _itemSize);
        ulong offset = _itemSize == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(item) : BinaryPrimitives.ReadUInt64LittleEndian(item);
        return offset > long.MaxValue ? -1 : (long)offset;
    }

    private void BeginWalk()
    {
        if (_chainIsBroken)
        {
            file.Diagnostics.Report(new Diagnostic("journal.chain", "the list of entries is damaged or incomplete; the rest of the file is searched for entries")
            {
                Offset = _array, Expected = file.EntryCount.ToString(CultureInfo.InvariantCulture), Actual = _linked.ToString(CultureInfo.InvariantCulture),
            });
        }
        _walk = _lastEntry > 0 ? _lastEntry : file.HeaderSize;
    }

    /// <summary>The next entry object from <see cref="_walk"/> on, whatever lies between.</summary>
    private bool NextObject(out long offset)
    {
        while (_walk <= file.Length - JournalObjectHeader.Size)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!IsObject(_walk, out JournalObjectType type, out long size))
            {
                if (!Resynchronise())
                {
                    break;
                }
                continue;
            }
            offset = _walk;
            _walk = Align(_walk + size);
            if (type == JournalObjectType.Entry)
            {
                return true;
            }
        }
        offset = 0;
        return false;
    }

    /// <summary>An object, and behind it another one or nothing: a size that was damaged must not take the walk past what is sound.</summary>
    private bool IsObject(long offset, out JournalObjectType type, out long size)
    {
        if (!file.TryObject(offset, _header, out type, out size))
        {
            return false;
        }
        long next = Align(offset + size);
        return next > file.Length - JournalObjectHeader.Size || file.TryObject(next, _header, out _, out _) || IsUnused(next);
    }

    private bool IsUnused(long offset) => file.Bytes.ReadUpTo(offset, _header.AsSpan(0, JournalObjectHeader.Size)) == JournalObjectHeader.Size && !_header.AsSpan(0, JournalObjectHeader.Size).ContainsAnyExcept((byte)0);

    /// <summary>Goes on to the next place that is not zero and can be an object; false when there is none.</summary>
    private bool Resynchronise()
    {
        long start = _walk;
        bool sawData = false;
        const int blockSize = JournalPages.PageSize;
        _walk += 8;
        while (_walk <= file.Length - JournalObjectHeader.Size)
        {
            cancellation.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> block = file.Bytes.Page(_walk / blockSize);
            int from = (int)(_walk % blockSize);
            int at = block[Math.Min(from, block.Length)..].IndexOfAnyExcept((byte)0);
            if (at < 0)
            {
                _walk += blockSize - from;
                continue;
            }
            long candidate = (_walk + at) / 8 * 8;
            if (candidate > _walk)
            {
                _walk = candidate;
            }
            sawData = true;
            if (IsObject(_walk, out _, out _))
            {
                break;
            }
            _walk += 8;
        }
        bool found = _walk <= file.Length - JournalObjectHeader.Size;
        if (found || sawData)
        {
            _damagedPlaces++;
            _damagedAt = _damagedAt < 0 ? start : _damagedAt;
        }
        return found;
    }

    private void Finish()
    {
        if (_damagedPlaces > 0)
        {
            file.Diagnostics.Report(new Diagnostic("journal.object", "objects of the journal file are damaged; entries there are missing")
            {
                Offset = _damagedAt, Actual = _damagedPlaces.ToString(CultureInfo.InvariantCulture), LosesContent = true,
            });
        }
        if (_unlinked > 0 && !_chainIsBroken)
        {
            file.Diagnostics.Report(new Diagnostic("journal.unlinked", "entries lie behind the end of the list of entries: written last before the image was taken, or removed from the list")
            {
                Actual = _unlinked.ToString(CultureInfo.InvariantCulture),
            });
        }
        _damagedPlaces = 0;
        _unlinked = 0;
    }

    private static long Align(long offset) => (offset + 7) / 8 * 8;
}
