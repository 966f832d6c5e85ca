using System.Buffers.Binary;
using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;

namespace Forensics.Parsers.Images.Ewf;

/// <summary>Reads the sections of all segments into what is needed to read the disk: geometry, tables, digests, case data. Of the chunks nothing is read.</summary>
internal sealed class EwfReader(ScanLimits limits, IDiagnosticSink diagnostics)
{
    private const int MaxHeaderBytes = 1 << 20;
    private const int MaxErrors = 1 << 16;
    private const int MaxTables = 1 << 20;
    /// <summary>Text sections that are decompressed; no tool writes more than five.</summary>
    private const int MaxTexts = 16;

    private readonly List<EwfChunkTable> _tables = [];
    private EwfSection _sectors;
    private EwfChunkTable? _unmirrored;
    /// <summary>Index in <see cref="_tables"/> before which chunks are missing whose number is not known; -1 when there is no such place.</summary>
    private int _gap = -1;
    private bool _hasSeveralGaps;
    private bool _isTableBroken;
    /// <summary>The checksum of the header is wrong, yet the number of entries fills the section.</summary>
    private bool _isTableDoubtful;
    private bool _hasSoundGeometry;
    private int _texts;
    private int _errors;

    /// <summary>The geometry; null until a section that has one was read.</summary>
    public EwfGeometry? Geometry { get; private set; }
    /// <summary>Case data.</summary>
    public EwfCaseData CaseData { get; } = new(diagnostics);
    /// <summary>Digests.</summary>
    public EwfDigests Digests { get; } = new(diagnostics);
    /// <summary>Tables in the order of the disk.</summary>
    public IReadOnlyList<EwfChunkTable> Tables => _tables;

    /// <summary>Notes that chunks of unknown number are missing here: a segment that is not there or breaks off.</summary>
    public void AddGap()
    {
        _hasSeveralGaps |= _gap >= 0 && _gap != _tables.Count;
        _gap = _gap < 0 ? _tables.Count : _gap;
    }

    /// <summary>Reads one segment; returns what its chain of sections ends with.</summary>
    public string Read(EwfSegment segment)
    {
        var walk = new EwfSectionWalk(segment, diagnostics);
        _sectors = default;
        _unmirrored = null;
        _isTableBroken = false;
        foreach (EwfSection section in walk.Sections())
        {
            if (section.Type != "table2")
            {
                EndTable();
            }
            Take(segment, section);
        }
        EndTable();
        if (walk.EndsWith.Length == 0)
        {
            AddGap();
        }
        return walk.EndsWith;
    }

    /// <summary>
    /// Numbers the chunks of all tables. Behind one gap they are counted from the end of the disk, since the number of all chunks is known; behind several they cannot be placed.
    /// </summary>
    public void Place(EwfGeometry geometry)
    {
        long known = _tables.Sum(table => (long)table.Primary.Count);
        long missing = Math.Max(0, geometry.Chunks - known);
        if (_gap >= 0 && (_hasSeveralGaps || geometry.StatedChunks != geometry.Chunks))
        {
            long lost = _tables.Skip(_gap).Sum(table => (long)table.Primary.Count);
            _tables.RemoveRange(_gap, _tables.Count - _gap);
            missing += lost;
        }
        long chunk = 0;
        for (int i = 0; i < _tables.Count; i++)
        {
            chunk += i == _gap ? missing : 0;
            _tables[i].FirstChunk = chunk;
            chunk += _tables[i].Primary.Count;
        }
        if (missing > 0)
        {
            ReportMissing(geometry, _gap >= 0 && _gap < _tables.Count ? _tables[_gap].FirstChunk - missing : chunk, missing);
        }
        else if (chunk > geometry.Chunks)
        {
            diagnostics.Report(new Diagnostic("ewf.chunks.excess", "the tables map more chunks than the disk has; the excess is ignored")
            {
                Expected = geometry.Chunks.ToString(CultureInfo.InvariantCulture),
                Actual = chunk.ToString(CultureInfo.InvariantCulture),
            });
        }
    }

    private void ReportMissing(EwfGeometry geometry, long first, long count)
    {
        long start = first * geometry.ChunkSize;
        long end = Math.Min(geometry.Size, (first + count) * geometry.ChunkSize);
        diagnostics.Report(new Diagnostic("ewf.chunks.missing", string.Create(CultureInfo.InvariantCulture, $"{count} chunks are in no table; they read as zeros (guest offsets {start} to {end - 1})"))
        {
            Offset = start,
            Expected = geometry.Chunks.ToString(CultureInfo.InvariantCulture) + " chunks",
            Actual = (geometry.Chunks - count).ToString(CultureInfo.InvariantCulture) + " chunks",
            LosesContent = true,
        });
    }

    private void Take(EwfSegment segment, in EwfSection section)
    {
        switch (section.Type)
        {
            case "header" or "header2" or "xheader" or "xhash" when _texts++ >= MaxTexts:
                break;
            case "header" or "header2":
                CaseData.AddHeader(Data(segment, section, MaxHeaderBytes), section.Type, section.Offset);
                break;
            case "xheader":
                CaseData.AddElements(CaseData.ReadXml(Data(segment, section, MaxHeaderBytes), section.Type, section.Offset));
                break;
            case "xhash":
                Digests.AddElements(CaseData.ReadXml(Data(segment, section, MaxHeaderBytes), section.Type, section.Offset), section.Offset);
                break;
            case "hash" or "digest":
                Digests.AddSection(Data(segment, section, 80), section.Type, section.Offset);
                break;
            case "volume" or "disk" or "data":
                TakeVolume(Data(segment, section, EwfVolumeData.LargeSize), section, segment);
                break;
            case "sectors":
                _sectors = section;
                break;
            case "table":
                TakeTable(segment, section);
                break;
            case "table2":
                TakeMirror(segment, section);
                break;
            case "error2":
                TakeErrors(segment, section);
                break;
            case "ltree":
                throw new UnsupportedFeatureException("EWF logical evidence (section ltree); extract the files with the tool that made it");
            case "incomplete":
                diagnostics.Report(new Diagnostic("ewf.incomplete", "the acquiring tool marked the image as incomplete (segment " + segment.Name + ")") { Offset = section.Offset, LosesContent = true });
                break;
        }
    }

    private static byte[] Data(EwfSegment segment, in EwfSection section, int most) => segment.File.ReadArray(section.DataOffset, (int)Math.Min(section.DataLength, most));

    private void TakeVolume(byte[] bytes, in EwfSection section, EwfSegment segment)
    {
        if (bytes.Length < EwfVolumeData.SmallSize)
        {
            return;
        }
        var volume = new EwfVolumeData(bytes);
        string identifier = volume.SetIdentifier.ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(volume.SetIdentifier) : "";
        if (Geometry is not null && (_hasSoundGeometry || !volume.IsSound))
        {
            CheckSet(segment, section.Offset, identifier);
            return;
        }
        if (!volume.IsSound)
        {
            diagnostics.Report(new Diagnostic("ewf.volume.checksum", "the checksum of section " + section.Type + " is wrong; the geometry in it is used unless a copy is sound") { Offset = section.Offset });
        }
        try
        {
            Geometry = EwfGeometryReader.Read(volume, identifier, section.Offset);
            _hasSoundGeometry = volume.IsSound;
        }
        catch (CorruptDataException) when (!volume.IsSound)
        {
            // The checksum said so; a copy in another section may be better.
            Geometry = null;
        }
    }

    private void CheckSet(EwfSegment segment, long offset, string identifier)
    {
        if (identifier != Geometry!.SetIdentifier)
        {
            diagnostics.Report(new Diagnostic("ewf.segment.set", "segment " + segment.Name + " belongs to another set of segments than the first")
            {
                Offset = offset,
                Expected = Geometry.SetIdentifier,
                Actual = identifier,
                LosesContent = true,
            });
        }
    }

    private void TakeTable(EwfSegment segment, in EwfSection section)
    {
        EwfTablePlace? place = ReadTable(segment, section, out _isTableDoubtful);
        if (place is not { } found)
        {
            _isTableBroken = true;
            return;
        }
        _unmirrored = NewTable(segment, section, found);
        AddTable(_unmirrored, section.Offset);
    }

    private void TakeMirror(EwfSegment segment, in EwfSection section)
    {
        EwfTablePlace? place = ReadTable(segment, section, out bool isDoubtful);
        if (place is not { } found)
        {
            return;
        }
        if (_unmirrored is not null && !_isTableDoubtful)
        {
            _unmirrored.Mirror = found;
        }
        else if (_isTableBroken || (_unmirrored is not null && !isDoubtful))
        {
            diagnostics.Report(new Diagnostic("ewf.table.mirror", "the header of a table of chunk offsets is damaged; its copy (table2) is used (segment " + segment.Name + ")") { Offset = section.Offset });
            if (_unmirrored is not null)
            {
                _unmirrored.Primary = found;
            }
            else
            {
                AddTable(NewTable(segment, section, found), section.Offset);
            }
        }
        _isTableBroken = false;
        _unmirrored = null;
    }

    private EwfChunkTable NewTable(EwfSegment segment, in EwfSection section, EwfTablePlace place)
    {
        bool isInSectors = _sectors.DataLength > 0;
        return new EwfChunkTable(segment, place, isInSectors ? _sectors.End : section.End, isInSectors);
    }

    private void AddTable(EwfChunkTable table, long offset)
    {
        if (_tables.Count >= MaxTables)
        {
            throw new LimitExceededException("EWF tables", _tables.Count);
        }
        if (table.DataEnd > table.Segment.File.Length)
        {
            diagnostics.Report(new Diagnostic("ewf.section.past-end", "the chunks of a table go on past the end of segment " + table.Segment.Name) { Offset = offset, LosesContent = true });
        }
        _tables.Add(table);
    }

    /// <summary>A table with a damaged header and no copy: how many chunks it maps is unknown.</summary>
    private void EndTable()
    {
        if (_isTableBroken)
        {
            _isTableBroken = false;
            AddGap();
        }
        _unmirrored = null;
    }

    /// <summary>Null, reported, when the header cannot be used.</summary>
    private EwfTablePlace? ReadTable(EwfSegment segment, in EwfSection section, out bool isDoubtful)
    {
        isDoubtful = false;
        byte[] bytes = Data(segment, section, EwfTableHeader.Size);
        string problem = "is too short";
        if (bytes.Length == EwfTableHeader.Size)
        {
            var header = new EwfTableHeader(bytes);
            long room = (section.DataLength - EwfTableHeader.Size) / 4;
            // Without a sound checksum the number of entries is believed only when it fills the section.
            bool fills = header.NumberOfEntries == room || header.NumberOfEntries == room - 1;
            if ((header.IsSound || fills) && header.NumberOfEntries <= room && header.NumberOfEntries <= limits.TableBytes / 4 && header.BaseOffset <= long.MaxValue / 4)
            {
                isDoubtful = !header.IsSound;
                return new EwfTablePlace(section.DataOffset + EwfTableHeader.Size, (int)header.NumberOfEntries, (long)header.BaseOffset);
            }
            problem = !header.IsSound ? "has a wrong checksum" : string.Create(CultureInfo.InvariantCulture, $"states {header.NumberOfEntries} entries, which it cannot hold");
        }
        diagnostics.Report(new Diagnostic("ewf.table.damaged", "section " + section.Type + " " + problem + " (segment " + segment.Name + ")") { Offset = section.Offset });
        return null;
    }

    /// <summary>Sectors that could not be read from the medium when the image was made: zeros in the image.</summary>
    private void TakeErrors(EwfSegment segment, in EwfSection section)
    {
        const int HeaderSize = 520;
        byte[] bytes = Data(segment, section, HeaderSize + MaxErrors * 8);
        if (bytes.Length < HeaderSize)
        {
            return;
        }
        long count = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(bytes), Math.Min((bytes.Length - HeaderSize) / 8, MaxErrors - _errors));
        _errors += (int)count;
        for (int i = 0; i < count; i++)
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(HeaderSize + i * 8));
            uint sectors = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(HeaderSize + i * 8 + 4));
            diagnostics.Report(new Diagnostic("ewf.acquisition.error", string.Create(CultureInfo.InvariantCulture,
                $"{sectors} sectors from sector {first} could not be read from the medium when the image was acquired; they are zeros in it"))
            {
                Offset = first * (Geometry?.BytesPerSector ?? 512L),
                LosesContent = true,
            });
        }
    }
}
