#!/usr/bin/env python3
"""Assembles a GPT disk (512-byte sectors, protective MBR, both headers) from partition contents.

gpt.py OUTPUT DISK_GUID ENTRY:FIRST_MIB:SIZE_MIB:TYPE:PARTITION_GUID:NAME:FILE ...

TYPE is root, swap or bios-boot. FILE may be empty: the partition is then all zeros. Partitions may stand in any order.
"""
import struct
import sys
import uuid
import zlib

SECTOR = 512
MIB = 1 << 20
TYPES = {
    "root": "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
    "swap": "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
    "bios-boot": "21686148-6449-6E6F-744E-656564454649",
}


def main():
    output, disk_guid, *parts = sys.argv[1:]
    table = bytearray(128 * 128)
    contents = []
    end = 0
    for part in parts:
        number, first, size, kind, guid, name, path = part.split(":", 6)
        first, size = int(first) * MIB, int(size) * MIB
        end = max(end, first + size)
        record = uuid.UUID(TYPES[kind]).bytes_le + uuid.UUID(guid).bytes_le
        record += struct.pack("<QQQ", first // SECTOR, (first + size) // SECTOR - 1, 0) + name.encode("utf-16-le").ljust(72, b"\0")
        table[128 * (int(number) - 1):128 * int(number)] = record
        contents.append((first, size, path))
    total = end + MIB
    last = total // SECTOR - 1

    def header(own, other, entries):
        fields = [b"EFI PART", 0x10000, 92, 0, 0, own, other, 34, last - 33, uuid.UUID(disk_guid).bytes_le, entries, 128, 128, zlib.crc32(table)]
        raw = struct.pack("<8sIIIIQQQQ16sQIII", *fields)
        fields[3] = zlib.crc32(raw)
        return struct.pack("<8sIIIIQQQQ16sQIII", *fields).ljust(SECTOR, b"\0")

    protective = bytearray(SECTOR)
    protective[446:462] = struct.pack("<B3sB3sII", 0, b"\x00\x02\x00", 0xEE, b"\xff\xff\xff", 1, min(last, 0xFFFFFFFF))
    protective[510:] = b"\x55\xaa"
    with open(output, "wb") as disk:
        disk.truncate(total)
        disk.write(protective + header(1, last, 2) + table)
        disk.seek((last - 32) * SECTOR)
        disk.write(bytes(table) + header(last, 1, last - 32))
        for first, size, path in contents:
            if not path:
                continue
            with open(path, "rb") as source:
                offset = 0
                while chunk := source.read(MIB):
                    if offset + len(chunk) > size:
                        sys.exit(f"{path} does not fit into its partition")
                    if any(chunk):  # zeros stay holes
                        disk.seek(first + offset)
                        disk.write(chunk)
                    offset += len(chunk)


if __name__ == "__main__":
    main()
