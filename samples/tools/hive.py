#!/usr/bin/env python3
"""Writes a registry hive (regf 1.5, as Windows 10 and servers write it) from readable text files.

usage: hive.py OUTPUT NAME [--set WORD=TEXT]... [--time SECONDS] FILE...

A file is in the form of regedit, with paths from the root of the hive and the texts of hivexregedit:

    [\\Select]
    "Current"=dword:00000001
    @="text"
    "Path"=str(2):"%SystemRoot%\\\\system32"     REG_EXPAND_SZ
    "List"=str(7):"one","two"                    REG_MULTI_SZ
    "Blob"=hex(3):01,02 \\                        any type, in hexadecimal; a line that ends in a backslash goes on
    "Gone"=-                                     takes a value of an earlier file away

A key or value that comes again changes the one that is there. @WORD@ is replaced by what --set says. --time is the last write of the keys that the files after it touch.
"""
import re
import struct
import sys

BASE, BIN, BIN_HEADER, LEAF, NONE = 4096, 4096, 32, 511, 0xFFFFFFFF
# O:BAG:SYD:(A;CI;KA;;;BA), self-relative.
ADMINISTRATORS = bytes.fromhex("01020000000000052000000020020000")
SYSTEM = bytes.fromhex("010100000000000512000000")
ACL = struct.pack("<BBHHH", 2, 0, 32, 1, 0) + struct.pack("<BBHI", 0, 2, 24, 0xF003F) + ADMINISTRATORS
SECURITY = struct.pack("<BBHIIII", 1, 0, 0x8004, 52, 68, 0, 20) + ACL + ADMINISTRATORS + SYSTEM


def file_time(seconds):
    return (seconds + 11644473600) * 10_000_000


class Key:
    def __init__(self, name, time):
        self.name, self.time, self.keys, self.values = name, time, {}, {}

    def find(self, path, time):
        key = self
        for part in path.split("\\"):
            if part:
                key = key.keys.setdefault(part.upper(), Key(part, time))
        key.time = time
        return key


def unquote(text):
    """The texts in quotes, separated by commas."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    return [re.sub(r"\\(.)", r"\1", one) for one in found]


def data_of(text):
    """Type and bytes of a value."""
    kind, _, rest = text.partition(":") if not text.startswith('"') else ("str", "", text)
    number = int(kind[kind.index("(") + 1:-1], 16) if "(" in kind else {"str": 1, "hex": 3}.get(kind)
    if kind.startswith("str"):
        return number, ("".join(one + "\0" for one in unquote(rest)) + ("\0" if number == 7 else "")).encode("utf-16-le")
    if kind.startswith("hex"):
        return number, bytes(int(one, 16) for one in rest.split(",") if one.strip())
    if kind == "dword":
        return 4, struct.pack("<I", int(rest, 16))
    if kind == "qword":
        return 11, struct.pack("<Q", int(rest, 16))
    raise ValueError("no data: " + text)


def read(root, text, time):
    key = None
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        line = line.strip()
        if not line or line.startswith((";", "Windows Registry Editor")):
            continue
        if line.startswith("["):
            key = root.find(line[1:line.rindex("]")], time)
            continue
        match = re.match(r'(@|"(?:[^"\\]|\\.)*")=(.*)$', line)
        if match is None:
            raise ValueError("no line of a registry file: " + line)
        name = "" if match[1] == "@" else unquote(match[1])[0]
        key.values.pop(name.upper(), None)
        if match[2] != "-":
            key.values[name.upper()] = (name,) + data_of(match[2])


class Writer:
    def __init__(self, root, name, time):
        self.bins, self.used, self.size = bytearray(), 0, 0
        self.time = file_time(time)
        record = bytearray(struct.pack("<2sHIIII", b"sk", 0, 0, 0, 0, len(SECURITY)) + SECURITY)
        # The root must be the first cell; the descriptor that all keys share follows it.
        root_size = self.rounded(76 + len(root.name))
        self.security = BIN_HEADER + root_size
        self.root = self.key(root, 0, 0x2C)
        struct.pack_into("<II", record, 4, self.security, self.security)
        struct.pack_into("<I", record, 12, self.count(root))
        assert self.cell(record) == self.security
        self.below(root, self.root)
        self.close()
        header = bytearray(BASE)
        struct.pack_into("<4sIIQIIIIIII", header, 0, b"regf", 1, 1, self.time, 1, 5, 0, 1, self.root, len(self.bins), 1)
        header[48:48 + 62] = name.encode("utf-16-le")[:62].ljust(62, b"\0")
        sum_ = 0
        for (word,) in struct.iter_unpack("<I", header[:508]):
            sum_ ^= word
        struct.pack_into("<I", header, 508, {0: 1, 0xFFFFFFFF: 0xFFFFFFFE}.get(sum_, sum_))
        self.bytes = bytes(header + self.bins)

    @staticmethod
    def rounded(length):
        return (length + 4 + 7) & ~7

    @staticmethod
    def count(key):
        return 1 + sum(Writer.count(child) for child in key.keys.values())

    def cell(self, content):
        size = self.rounded(len(content))
        if self.used + size > self.size:
            self.close()
            start = len(self.bins)
            self.size = (size + BIN_HEADER + BIN - 1) // BIN * BIN
            self.bins += struct.pack("<4sIIQQI", b"hbin", start, self.size, 0, self.time if start == 0 else 0, 0)
            self.used = BIN_HEADER
        offset = len(self.bins)
        self.bins += (struct.pack("<i", -size) + bytes(content)).ljust(size, b"\0")
        self.used += size
        return offset

    def close(self):
        if self.used < self.size:
            self.bins += struct.pack("<i", self.size - self.used).ljust(self.size - self.used, b"\0")
        self.used = self.size = 0

    def key(self, key, parent, flags):
        children, values = key.keys.values(), key.values.values()
        narrow = all(ord(letter) < 256 for letter in key.name)
        name = key.name.encode("latin-1" if narrow else "utf-16-le")
        node = struct.pack("<2sHQIIIIIIIIII", b"nk", (flags | 0x20) if narrow else flags & ~0x20, file_time(key.time), 0, parent, len(children), 0, NONE, NONE, len(values), NONE, self.security, NONE)
        node += struct.pack("<IIIIIHH", max((len(child.name) * 2 for child in children), default=0), 0, max((len(value[0]) * 2 for value in values), default=0), max((len(value[2]) for value in values), default=0), 0, len(name), 0)
        return self.cell(node + name)

    def put(self, node, at, number):
        struct.pack_into("<I", self.bins, node + 4 + at, number)

    def below(self, key, node):
        if key.values:
            cells = [self.value(*value) for value in key.values.values()]
            self.put(node, 40, self.cell(struct.pack("<%dI" % len(cells), *cells)))
        if key.keys:
            ordered = sorted(key.keys.values(), key=lambda child: child.name.upper())
            nodes = [self.key(child, node, 0) for child in ordered]
            lists = [self.leaf(ordered[at:at + LEAF], nodes[at:at + LEAF]) for at in range(0, len(nodes), LEAF)]
            self.put(node, 28, lists[0] if len(lists) == 1 else self.cell(struct.pack("<2sH%dI" % len(lists), b"ri", len(lists), *lists)))
            for child, cell in zip(ordered, nodes):
                self.below(child, cell)

    def leaf(self, children, nodes):
        leaf = struct.pack("<2sH", b"lh", len(nodes))
        for child, cell in zip(children, nodes):
            hash_ = 0
            for letter in child.name.upper():
                hash_ = (hash_ * 37 + ord(letter)) & 0xFFFFFFFF
            leaf += struct.pack("<II", cell, hash_)
        return self.cell(leaf)

    def value(self, name, kind, data):
        if len(data) > 16344:
            raise ValueError("more data than one cell holds: " + name)
        size, where = (len(data) | 0x80000000, int.from_bytes(data.ljust(4, b"\0"), "little")) if len(data) <= 4 else (len(data), self.cell(data))
        narrow = all(ord(letter) < 256 for letter in name)
        text = name.encode("latin-1" if narrow else "utf-16-le")
        return self.cell(struct.pack("<2sHIIIHH", b"vk", len(text), size, where, kind, 1 if narrow and name else 0, 0) + text)


def main(output, name, *arguments):
    words, time, root = {}, 1704103200, None
    arguments = list(arguments)
    while arguments:
        argument = arguments.pop(0)
        if argument == "--set":
            word, _, text = arguments.pop(0).partition("=")
            words["@" + word + "@"] = text
        elif argument == "--time":
            time = int(arguments.pop(0))
        else:
            root = root or Key("ROOT", time)
            with open(argument, encoding="utf-8") as file:
                text = file.read()
            for word, by in words.items():
                text = text.replace(word, by)
            read(root, text, time)
    with open(output, "wb") as file:
        file.write(Writer(root, name, time).bytes)


main(*sys.argv[1:])
