using System.Buffers.Binary;

namespace Forensics.Parsers.Tests.Formats.Registry;

/// <summary>Deletes in a written hive as Windows deletes: cells marked free, the last element of the list moved up.</summary>
public static class RegistryDeletionWriter
{
    private const int Bins = 4096;

    /// <summary>Takes a key out of its parent's list and marks its cell free; what is below it stays.</summary>
    public static void DeleteKey(byte[] hive, WrittenKey key)
    {
        int parent = Bins + (int)key.Parent!.CellOffset + 4;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(parent + 20));
        int list = Bins + (int)BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(parent + 28)) + 4;
        Remove(hive.AsSpan(list + 4, (int)count * 8), 8, key.CellOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(parent + 20), count - 1);
        BinaryPrimitives.WriteUInt16LittleEndian(hive.AsSpan(list + 2), (ushort)(count - 1));
        Free(hive, key.CellOffset);
    }

    /// <summary>Deletes a key with its values and all below it.</summary>
    public static void DeleteTree(byte[] hive, WrittenKey key)
    {
        foreach (WrittenKey child in key.Sorted())
        {
            DeleteTree(hive, child);
        }
        DeleteKey(hive, key);
        foreach (WrittenValue value in key.Values)
        {
            Free(hive, value.CellOffset);
        }
    }

    /// <summary>Takes a value out of a key that stays.</summary>
    public static void DeleteValue(byte[] hive, WrittenKey key, WrittenValue value)
    {
        int node = Bins + (int)key.CellOffset + 4;
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(node + 36));
        int list = Bins + (int)BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(node + 40)) + 4;
        Remove(hive.AsSpan(list, (int)count * 4), 4, value.CellOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(node + 36), count - 1);
        Free(hive, value.CellOffset);
    }

    /// <summary>Marks a cell free.</summary>
    public static void Free(byte[] hive, uint cell)
    {
        int size = BinaryPrimitives.ReadInt32LittleEndian(hive.AsSpan(Bins + (int)cell));
        BinaryPrimitives.WriteInt32LittleEndian(hive.AsSpan(Bins + (int)cell), Math.Abs(size));
    }

    private static void Remove(Span<byte> elements, int size, uint offset)
    {
        for (int i = 0; i + size <= elements.Length; i += size)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(elements[i..]) == offset)
            {
                elements[(i + size)..].CopyTo(elements[i..]);
                return;
            }
        }
    }
}
