#!/usr/bin/env python3
"""Prints the accounts of a machine as text for hive.py (hive SAM).

usage: sam.py NAME:RID:FLAGS[:GROUP,...[:COMMENT]]...

FLAGS is hexadecimal: 10 normal, 1 disabled, 200 password never expires. GROUP is the RID of a local group in hexadecimal: 220 administrators, 221 users, 222 guests, 22b Remote Desktop users.
Nobody has a password: the hashes are left out. The layout of F, V and C is that of https://github.com/libyal/winreg-kb (security accounts manager).
"""
import struct
import sys

MACHINE = struct.pack("<III", 1, 2, 3)   # S-1-5-21-1-2-3
SET = 134101584000000000
NEVER = 0x7FFFFFFFFFFFFFFF
GROUPS = {0x220: "Administrators", 0x221: "Users", 0x222: "Guests", 0x22B: "Remote Desktop Users"}


def value(name, data, kind=3):
    print('%s=hex(%x):%s' % ('"%s"' % name if name else "@", kind, ",".join("%02x" % byte for byte in data)))


def variable(header, entries):
    """A header of descriptors (offset, length, unused) and what they lead to."""
    table, data = bytearray(header), b""
    for at, content in entries:
        struct.pack_into("<III", table, at, len(data), len(content), 0)
        data += content.ljust(-(-len(content) // 4) * 4, b"\0")
    return bytes(table) + data


def main(accounts):
    members = {rid: [] for rid in GROUPS}
    print("[\\SAM\\Domains\\Account]")
    value("V", bytes(0xCC - 12 + 40) + bytes.fromhex("010400000000000515000000") + MACHINE)
    names = []
    for account in accounts:
        name, rid, flags, groups, comment = (account.split(":") + ["", ""])[:5]
        rid, names = int(rid), names + [(name, int(rid))]
        for group in filter(None, groups.split(",")):
            members[int(group, 16)].append(rid)
        print("[\\SAM\\Domains\\Account\\Users\\%08X]" % rid)
        disabled = int(flags, 16) & 1
        value("F", struct.pack("<HHIQQQQQIIHHHHHHIII", 2, 1, 0, 0 if disabled else SET + 864000000000, 0, 0 if disabled else SET, NEVER, 0, rid, 0x201, int(flags, 16), 0, 0, 0, 0, 0 if disabled else 7, 0, 0, 0))
        value("V", variable(0xCC, [(0x0C, name.encode("utf-16-le")), (0x24, comment.encode("utf-16-le"))]))
    for name, rid in names:
        print("[\\SAM\\Domains\\Account\\Users\\Names\\%s]" % name)
        value("", b"", rid)
    for rid, name in GROUPS.items():
        print("[\\SAM\\Domains\\Builtin\\Aliases\\%08X]" % rid)
        text = name.encode("utf-16-le")
        sids = b"".join(bytes.fromhex("010500000000000515000000") + MACHINE + struct.pack("<I", member) for member in members[rid])
        start = len(text) + -len(text) % 4
        value("C", struct.pack("<13I", rid, 0, 0, 0, 0, len(text), 0, 0, 0, 0, start, len(sids), len(members[rid])) + text.ljust(start, b"\0") + sids)
        print("[\\SAM\\Domains\\Builtin\\Aliases\\Names\\%s]" % name)
        value("", b"", rid)


main(sys.argv[1:])
