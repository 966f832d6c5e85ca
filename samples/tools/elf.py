#!/usr/bin/env python3
"""Writes a small, valid and harmless x86-64 ELF file: it exits 0, or its functions return 0. No compiler needed.

elf.py OUTPUT --kind static|pie|shared [--string TEXT]... [--export NAME]... [--import NAME]... [--soname NAME]

static   executable without interpreter: exit_group(0)
pie      position-independent executable with interpreter and DT_NEEDED libc.so.6: exit_group(0)
shared   shared object: every exported function is "return 0"; imports are undefined symbols of libc
"""
import argparse
import struct

BASE = 0x400000
EXIT_ZERO = b"\xb8\xe7\x00\x00\x00\x31\xff\x0f\x05"  # mov eax, 231; xor edi, edi; syscall
RETURN_ZERO = b"\x31\xc0\xc3"                          # xor eax, eax; ret


class Image:
    """Bytes of the file with the sections that were placed in it."""

    def __init__(self, start):
        self.data = bytearray(start)
        self.sections = []  # (name, type, flags, offset, size, link name, info, align, entry size)

    def place(self, name, kind, flags, content, align=8, link=None, info=0, entry=0):
        self.data += b"\0" * (-len(self.data) % align)
        offset = len(self.data)
        self.data += content
        self.sections.append((name, kind, flags, offset, len(content), link, info, align, entry))
        return offset


class Strings:
    """A string table."""

    def __init__(self):
        self.data = bytearray(b"\0")

    def add(self, text):
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


def hash_table(names):
    """A System V symbol hash table of one bucket, so that no hash value matters; names[0] is the null symbol."""
    count = len(names)
    return struct.pack("<III", 1, count, count - 1) + struct.pack(f"<{count}I", 0, *range(count - 1))


def build(kind, strings, exports, imports, soname):
    base = BASE if kind == "static" else 0
    dynamic = kind != "static"
    headers = {"static": 2, "pie": 6, "shared": 4}[kind]
    image = Image(64 + 56 * headers)

    interpreter = None
    if kind == "pie":
        path = b"/lib64/ld-linux-x86-64.so.2\0"
        interpreter = (image.place(".interp", 1, 2, path, 1), len(path))

    names = Strings()
    symbols, tables = [], {}
    if dynamic:
        symbols = [""] + imports + exports
        offsets = [names.add(symbol) for symbol in symbols[1:]]
        libc = names.add("libc.so.6")
        own = names.add(soname) if soname else 0
        tables["hash"] = image.place(".hash", 5, 2, hash_table(symbols), link=".dynsym", entry=4)
        tables["symtab"] = image.place(".dynsym", 11, 2, bytes(24 * len(symbols)), link=".dynstr", info=1, entry=24)
        tables["strtab"] = image.place(".dynstr", 3, 2, bytes(names.data), 1)
    stubs = exports if kind == "shared" else ["_start"]
    code = b"".join((RETURN_ZERO if kind == "shared" else EXIT_ZERO).ljust(16, b"\x90") for _ in stubs) or RETURN_ZERO
    text = image.place(".text", 1, 6, code, 16)
    image.place(".rodata", 1, 2, b"".join(s.encode() + b"\0" for s in strings) or b"\0", 16)
    end_of_code = len(image.data)

    section_of_text = [section[0] for section in image.sections].index(".text") + 1
    if dynamic:
        for index, symbol in enumerate(symbols[1:]):
            defined = index >= len(imports)
            value = text + 16 * (index - len(imports)) if defined else 0
            struct.pack_into("<IBBHQQ", image.data, tables["symtab"] + 24 * (index + 1),
                             offsets[index], 0x12, 0, section_of_text if defined else 0, value, 3 if defined else 0)

    data_start = 0
    if dynamic:
        image.data += b"\0" * (-len(image.data) % 4096)  # its own page: the loader writes to the dynamic section
        entries = [(1, libc)] + ([(14, own)] if soname else [])
        entries += [(4, tables["hash"]), (5, tables["strtab"]), (6, tables["symtab"]), (10, len(names.data)), (11, 24)]
        entries += [(0x6FFFFFFB, 0x08000000)] if kind == "pie" else []
        data_start = image.place(".dynamic", 6, 3, b"".join(struct.pack("<QQ", *e) for e in entries + [(0, 0)]), link=".dynstr", entry=16)
    data_end = len(image.data)

    section_names = Strings()
    placed = image.sections + [(".shstrtab", 3, 0, 0, 0, None, 0, 1, 0)]
    name_offsets = [section_names.add(section[0]) for section in placed]
    table_offset = image.place(".shstrtab", 3, 0, bytes(section_names.data), 1)
    image.data += b"\0" * (-len(image.data) % 8)
    headers_offset = len(image.data)
    index_of = {section[0]: i + 1 for i, section in enumerate(placed)}
    image.data += bytes(64)
    for name_offset, (name, type_, flags, offset, size, link, info, align, entry) in zip(name_offsets, image.sections):
        address = base + offset if flags & 2 else 0
        image.data += struct.pack("<IIQQQQIIQQ", name_offset, type_, flags, address, offset, size, index_of.get(link, 0), info, align, entry)

    programs = []
    if kind == "pie":
        programs.append((6, 4, 64, 56 * headers))
        programs.append((3, 4, interpreter[0], interpreter[1]))
    programs.append((1, 5, 0, end_of_code))
    if dynamic:
        programs.append((1, 6, data_start, data_end - data_start))
        programs.append((2, 6, data_start, data_end - data_start))
    programs.append((0x6474E551, 6, 0, 0))  # PT_GNU_STACK: not executable
    assert len(programs) == headers and table_offset
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2 if kind == "static" else 3, 62, 1, 0 if kind == "shared" else base + text,
                          64, headers_offset, 0, 64, 56, headers, 64, len(image.sections) + 1, len(image.sections))
    image.data[:64] = header
    for i, (type_, flags, offset, size) in enumerate(programs):
        align = 4096 if type_ == 1 else 8
        address = base + offset if type_ != 0x6474E551 else 0
        struct.pack_into("<IIQQQQQQ", image.data, 64 + 56 * i, type_, flags, offset, address, address, size, size, align)
    return bytes(image.data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--kind", choices=["static", "pie", "shared"], required=True)
    parser.add_argument("--string", action="append", default=[])
    parser.add_argument("--export", action="append", default=[])
    parser.add_argument("--import", action="append", default=[], dest="imports")
    parser.add_argument("--soname", default="")
    options = parser.parse_args()
    content = build(options.kind, options.string, options.export, options.imports, options.soname)
    with open(options.output, "wb") as file:
        file.write(content)


if __name__ == "__main__":
    main()
