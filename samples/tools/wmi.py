#!/usr/bin/env python3
"""Writes a small WMI repository with permanent event subscriptions: OBJECTS.DATA, INDEX.BTR and the mapping files, in the form since Windows Vista.

usage: wmi.py DIRECTORY [--filter NAME QUERY] [--command NAME COMMAND] [--script NAME ENGINE TEXT] [--bind FILTER CLASS CONSUMER]...

The layout follows what https://github.com/mandiant/flare-wmi and libyal's dtformats describe. Objects lie in pages of their own; one page of the index leads to all of them.
"""
import hashlib
import os
import struct
import sys

PAGE = 8192
WRITTEN = 134101584000000000
# Number of properties, size of the table of values, offsets of the texts in it.
CLASSES = {
    "__EventFilter": (6, 24, {"Name": 0, "QueryLanguage": 8, "Query": 12, "EventNamespace": 16}),
    "__FilterToConsumerBinding": (7, 22, {"Filter": 0, "Consumer": 4}),
    "CommandLineEventConsumer": (27, 92, {"Name": 12, "CommandLineTemplate": 20}),
    "ActiveScriptEventConsumer": (8, 32, {"Name": 12, "ScriptingEngine": 16, "ScriptText": 20}),
}


def hash_of(text):
    return hashlib.sha256(text.upper().encode("utf-16-le")).hexdigest().upper()


def instance(kind, values):
    count, size, offsets = CLASSES[kind]
    data, table = b"\0" + kind.encode() + b"\0", bytearray(size)
    for name, value in values.items():
        struct.pack_into("<I", table, offsets[name], len(data))
        data += b"\0" + value.encode("ascii") + b"\0"
    block = bytes(5 + (count * 2 + 7) // 8) + table + struct.pack("<IBI", 4, 1, 0x80000000 | len(data)) + data
    return hash_of(kind).encode("utf-16-le") + struct.pack("<QQI", WRITTEN, 0, len(block) + 4) + block


def index_page(logical, keys):
    texts, definitions, starts = [], [], []
    for key in keys:
        parts = key.split("/")
        starts.append(len(definitions))
        definitions.append(len(parts))
        for part in parts:
            if part not in texts:
                texts.append(part)
            definitions.append(texts.index(part))
    page = struct.pack("<IIIII", 0xACCC, logical, 0, 0, len(keys)) + bytes(4 * len(keys)) + bytes(4 + 4 * len(keys))
    page += struct.pack("<%dH" % len(starts), *starts) + struct.pack("<H", len(definitions)) + struct.pack("<%dH" % len(definitions), *definitions)
    page += struct.pack("<H", len(texts))
    offset = 0
    for text in texts:
        page += struct.pack("<H", offset)
        offset += len(text) + 1
    page += struct.pack("<H", offset) + b"".join(text.encode() + b"\0" for text in texts)
    assert len(page) <= PAGE, "too many objects for one page of the index"
    return page.ljust(PAGE, b"\0")


def mapping(sequence, pages, root):
    text = struct.pack("<IIIIII", 0xABCD, sequence, 1, 0, len(pages) + 1, len(pages))
    for number, page in enumerate(pages):
        text += struct.pack("<IIIIII", page, 0, 0, root if number == 0 else 0, 0, 0)
    return text + struct.pack("<IIII", 1, 7, 0xDCBA, 0)


def main(directory, *arguments):
    objects, arguments = [], list(arguments)
    while arguments:
        option = arguments.pop(0)
        take = lambda: arguments.pop(0)
        if option == "--filter":
            objects.append(("__EventFilter", {"Name": take(), "Query": take(), "QueryLanguage": "WQL", "EventNamespace": "root\\cimv2"}))
        elif option == "--command":
            objects.append(("CommandLineEventConsumer", {"Name": take(), "CommandLineTemplate": take()}))
        elif option == "--script":
            objects.append(("ActiveScriptEventConsumer", {"Name": take(), "ScriptingEngine": take(), "ScriptText": take()}))
        elif option == "--bind":
            objects.append(("__FilterToConsumerBinding", {"Filter": '__EventFilter.Name="%s"' % take(), "Consumer": '%s.Name="%s"' % (take(), take())}))
        else:
            raise SystemExit("wmi.py: what is " + option)
    content, keys, pages = bytes(PAGE), [], []
    for number, (kind, values) in enumerate(objects):
        written = instance(kind, values)
        logical, identifier = len(pages), 1001 + number
        # The heading of a page of objects: identifier, offset, size, checksum; an entry of zeros ends it.
        text = struct.pack("<IIII", identifier, 64, len(written), 0).ljust(64, b"\0") + written
        text = text.ljust(-(-len(text) // PAGE) * PAGE, b"\0")
        pages += [(len(content) // PAGE) + page for page in range(len(text) // PAGE)]
        content += text
        keys.append("NS_%s/CI_%s/IL_%s.%d.%d.%d" % (hash_of("root\\subscription"), hash_of(kind), hash_of(",".join(values.values())), logical, identifier, len(written)))
    administration = struct.pack("<IIIII", 0xADDD, 0, 0, 1, 0).ljust(PAGE, b"\0")
    files = {
        "OBJECTS.DATA": content,
        "INDEX.BTR": administration + index_page(1, sorted(keys)),
        "MAPPING1.MAP": mapping(1, [], 0) * 2,
        "MAPPING2.MAP": mapping(2, pages, 0) + mapping(2, [0, 1], 1),
        "MAPPING3.MAP": mapping(0, [], 0) * 2,
    }
    os.makedirs(directory, exist_ok=True)
    for name, data in files.items():
        with open(os.path.join(directory, name), "wb") as file:
            file.write(data)


main(*sys.argv[1:])
