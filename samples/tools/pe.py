#!/usr/bin/env python3
"""Writes a harmless PE file: headers, a code section that only returns, a data section with the strings given. Windows would load nothing of use.

usage: pe.py OUTPUT [--seed TEXT] [--string TEXT]... [--original-name NAME] [--version A.B.C.D] [--signed] [--dll] [--sections CODE,DATA]
"""
import argparse
import struct


def build(options):
    code_name, data_name = options.sections.split(",")
    data = b"".join(text.encode("latin-1") + b"\0" for text in options.string)
    if options.original_name:
        data += ("OriginalFilename\0\0" + options.original_name + "\0").encode("utf-16-le")
    if options.version:
        a, b, c, d = (int(part) for part in options.version.split("."))
        data += b"\0" * (-len(data) % 4) + struct.pack("<13I", 0xFEEF04BD, 0x10000, a << 16 | b, c << 16 | d, a << 16 | b, c << 16 | d, 0x3F, 0, 0x40004, 1, 0, 0, 0)
    data += b"\0" * (-len(data) % 0x200 or 0x200)
    end = 0x600 + len(data)
    directories = [(0, 0)] * 16
    if options.signed:
        directories[4] = (end, 16)
    characteristics = 0x22 | (0x2000 if options.dll else 0)
    optional = struct.pack("<HBBIIIII", 0x20B, 14, 0, 0x200, len(data), 0, 0x1000, 0x1000)
    optional += struct.pack("<QIIHHHHHHIIIIHH", 0x140000000, 0x1000, 0x200, 6, 0, 0, 0, 6, 0, 0, 0x3000 + (len(data) + 0xFFF & ~0xFFF), 0x400, 0, 3, 0x8160)
    optional += struct.pack("<QQQQII", 0x100000, 0x1000, 0x100000, 0x1000, 0, 16) + b"".join(struct.pack("<II", *entry) for entry in directories)
    section = struct.Struct("<8sIIIIIIHHI")
    headers = b"MZ" + b"\0" * 58 + struct.pack("<I", 0x80) + b"\0" * 64 + b"PE\0\0"
    headers += struct.pack("<HHIIIHH", 0x8664, 2, 1700000000, 0, 0, len(optional), characteristics) + optional
    headers += section.pack(code_name.encode(), 0x200, 0x1000, 0x200, 0x400, 0, 0, 0, 0, 0x60000020)
    headers += section.pack(data_name.encode(), len(data), 0x2000, len(data), 0x600, 0, 0, 0, 0, 0x40000040)
    code = b"\x33\xc0\xc3" + b"\xcc" * 13 + options.seed.encode()[:256]
    return headers.ljust(0x400, b"\0") + code.ljust(0x200, b"\0") + data + (b"sample signature" if options.signed else b"")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--seed", default="")
    parser.add_argument("--string", action="append", default=[])
    parser.add_argument("--original-name")
    parser.add_argument("--version")
    parser.add_argument("--signed", action="store_true")
    parser.add_argument("--dll", action="store_true")
    parser.add_argument("--sections", default=".text,.rdata")
    options = parser.parse_args()
    with open(options.output, "wb") as file:
        file.write(build(options))


main()
