using System.Globalization;
using Forensics.Parsers.Bytes;
using Forensics.Parsers.Bytes.Compressed;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.Images.Compressed;

namespace Forensics.Parsers.Images.Archives;

/// <summary>
/// The output of a decoder as far as the archive says that it goes, with its checksum compared at the end. Throws <see cref="CorruptDataException"/> when there is less or more; a wrong
/// checksum under a right length is the diagnostic <c>FORMAT.crc</c> and loses content.
/// </summary>
/// <param name="inner">The decoder, which is disposed with this unless it is shared.</param>
/// <param name="length">Bytes that the archive states.</param>
/// <param name="crc">Checksum that it states; null for none.</param>
/// <param name="format">Name of the archive format.</param>
/// <param name="name">The member, in display form.</param>
/// <param name="diagnostics">Where a wrong checksum is reported.</param>
/// <param name="isShared">Whether more members follow in the same decoder.</param>
internal sealed class CheckedReader(ForwardReader inner, long length, uint? crc, string format, string name, IDiagnosticSink diagnostics, bool isShared) : ForwardReader
{
    private long _done;
    private uint _crc;
    private bool _isChecked;

    public override long InputPosition => inner.InputPosition;

    public override long InputLength => inner.InputLength;

    public override int Read(Span<byte> destination)
    {
        if (_done == length)
        {
            Check();
            return 0;
        }
        int count = inner.Read(destination[..(int)Math.Min(destination.Length, length - _done)]);
        if (count == 0)
        {
            throw new CorruptDataException(format + ".member", inner.InputPosition, length.ToString(CultureInfo.InvariantCulture) + " bytes", _done + " bytes: it is truncated");
        }
        _crc = crc is null ? 0 : Crc32.Append(_crc, destination[..count]);
        _done += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (!isShared)
        {
            inner.Dispose();
        }
    }

    private void Check()
    {
        if (_isChecked)
        {
            return;
        }
        _isChecked = true;
        if (!isShared && inner.Read(new byte[1]) > 0)
        {
            throw new CorruptDataException(format + ".member", inner.InputPosition, length.ToString(CultureInfo.InvariantCulture) + " bytes", "more");
        }
        if (crc is { } stated && stated != _crc)
        {
            diagnostics.Report(new Diagnostic(format + ".crc", "the checksum of the member '" + name + "' does not match its content: somewhere the content is damaged")
            {
                Expected = stated.ToString("x8", CultureInfo.InvariantCulture),
                Actual = _crc.ToString("x8", CultureInfo.InvariantCulture),
                LosesContent = true,
            });
        }
    }
}
