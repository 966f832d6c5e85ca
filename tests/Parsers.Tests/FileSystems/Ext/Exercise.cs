using Forensics.Parsers.Bytes;
using Forensics.Parsers.Diagnostics;
using Forensics.Parsers.FileSystems;
using Xunit;

namespace Forensics.Parsers.Tests.FileSystems.Ext;

/// <summary>Asks everything of one entry, as a scan would. Only exceptions of the forensic family are swallowed.</summary>
internal static class Exercise
{
    private const int MostContent = 4 << 20;

    public static void One(IFileSystem fileSystem, FileEntry entry)
    {
        Try(() => fileSystem.ReadExtendedAttributes(entry));
        if (entry.Type == FileType.SymbolicLink)
        {
            Try(() => fileSystem.ReadLinkTarget(entry));
        }
        Try(() => Read(fileSystem.OpenContent(entry)));
    }

    private static void Read(IByteSource content)
    {
        var buffer = new byte[64 << 10];
        int total = 0;
        long offset = 0;
        while (total < MostContent)
        {
            if (content is ISparseByteSource sparse)
            {
                if (!sparse.NextData(offset, out long start, out _))
                {
                    return;
                }
                offset = start;
            }
            int count = content.ReadAt(offset, buffer);
            if (count == 0)
            {
                return;
            }
            total += count;
            offset += count;
        }
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (ForensicException failure)
        {
            Assert.NotEmpty(failure.Code);
        }
    }
}
