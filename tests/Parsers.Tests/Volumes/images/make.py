#!/usr/bin/env python3
"""Makes lvm.tar.gz and md.tar.gz, the disks of the volume tests. Needs root, loop devices, lvm2, thin-provisioning-tools and mdadm; not device-mapper or md in the kernel.

usage: make.py FOLDER   (results are written there)

The metadata of LVM are written by LVM itself: this script only proposes a text to vgcfgrestore, which checks it and writes its own. Those of thin pools and caches are
written by thin_restore and cache_restore. Superblocks of RAID members are written here and shown to mdadm --examine, which must agree. Data are put in place here by the
tables that the manuals show, sector by sector: sector N of volume NAME repeats "NAME:N;".
"""
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile

SECTOR = 512
EXTENT = 128          # sectors: 64 KiB
PV_SIZE = 16 << 20
PVS = 5


def run(*args, **kw):
    env = dict(os.environ, LVM_SUPPRESS_FD_WARNINGS="1")
    done = subprocess.run(args, capture_output=True, text=True, env=env, **kw)
    if done.returncode:
        raise SystemExit(f"{' '.join(args)}: {done.stdout}{done.stderr}")
    return done.stdout


def content(name, sectors):
    """What a volume holds, as a list of sectors."""
    out = []
    for n in range(sectors):
        text = f"{name}:{n};".encode()
        out.append((text * (SECTOR // len(text) + 1))[:SECTOR])
    return out


def xor(blocks):
    value = 0
    for block in blocks:
        value ^= int.from_bytes(block, "little")
    return value.to_bytes(SECTOR, "little")


# --- devices: write(sector, bytes) -------------------------------------------------------------------------------------
class File:
    def __init__(self, path):
        self.handle = os.open(path, os.O_RDWR)

    def write(self, sector, data):
        os.pwrite(self.handle, data, sector * SECTOR)


class Part:
    def __init__(self, device, start):
        self.device, self.start = device, start

    def write(self, sector, data):
        self.device.write(self.start + sector, data)


class Joined:
    """Pieces one after another: [(device, first sector, sectors)]."""

    def __init__(self, pieces):
        self.pieces = pieces

    def write(self, sector, data):
        for device, start, count in self.pieces:
            if sector < count:
                device.write(start + sector, data)
                return
            sector -= count
        raise IndexError(sector)


class Rows:
    """Chunks by a table: row(number) gives for each column a data index, 'P' or 'Q'. Whole volumes only."""

    def __init__(self, columns, chunk, row):
        self.columns, self.chunk, self.row = columns, chunk, row

    def fill(self, sectors):
        data = sum(1 for cell in self.row(0) if isinstance(cell, int))
        per_row = data * self.chunk
        for number in range((len(sectors) + per_row - 1) // per_row):
            cells = self.row(number)
            for k in range(self.chunk):
                blocks = {}
                for index in range(data):
                    at = number * per_row + index * self.chunk + k
                    blocks[index] = sectors[at] if at < len(sectors) else bytes(SECTOR)
                for column, cell in enumerate(cells):
                    block = blocks[cell] if isinstance(cell, int) else xor(blocks.values()) if cell == "P" else b"Q" * SECTOR
                    self.columns[column].write(number * self.chunk + k, block)


def stripes(columns, chunk):
    return Rows(columns, chunk, lambda s: list(range(len(columns))))


def after(n, parity, marks):
    """Data that begin after the last parity column and go round."""
    row = [None] * n
    for place, mark in marks.items():
        row[place % n] = mark
    at, index = parity + 1, 0
    for _ in range(n):
        if row[at % n] is None:
            row[at % n] = index
            index += 1
        at += 1
    return row


def raid5(n, layout):
    def row(s):
        data = list(range(n - 1))
        left, right = n - 1 - s % n, s % n
        if layout == "la":
            return data[:left] + ["P"] + data[left:]
        if layout == "ra":
            return data[:right] + ["P"] + data[right:]
        if layout == "ls":
            return after(n, left, {left: "P"})
        if layout == "rs":
            return after(n, right, {right: "P"})
        return ["P"] + data if layout == "0" else data + ["P"]
    return row


def raid6(n, layout):
    def row(s):
        data = list(range(n - 2))
        left, right = n - 1 - s % n, s % n
        if layout in ("zr", "ra", "nr", "la"):
            at = {"zr": right, "ra": right, "la": left, "nr": n - 1 - (s + 1) % n}[layout]
            return ["Q"] + data + ["P"] if at == n - 1 else data[:at] + ["P", "Q"] + data[at:]
        if layout == "nc":
            return after(n, left, {left: "P", left - 1: "Q"})
        if layout == "ls":
            return after(n, left + 1, {left: "P", left + 1: "Q"})
        if layout == "rs":
            return after(n, right + 1, {right: "P", right + 1: "Q"})
        if layout == "0":
            return ["P", "Q"] + data
        if layout == "n":
            return data + ["P", "Q"]
        return raid5(n - 1, layout[:-2])(s) + ["Q"]
    return row


def raid10(columns, chunk, sectors, near=1, far=1, offset=False, size=None):
    """md(4): near copies side by side; far copies in a second part, each row shifted by one; offset copies in the next row, shifted by one."""
    n = len(columns)
    for number in range((len(sectors) + chunk - 1) // chunk):
        places = []
        for copy in range(near):
            row, column = divmod(number * near + copy, n)
            for f in range(far):
                shifted = (column + f * near) % n
                places.append((shifted, row * far + f if offset else row + (f * (size // chunk // far) if f else 0)))
        for k in range(chunk):
            if number * chunk + k < len(sectors):
                for column, row in places:
                    columns[column].write(row * chunk + k, sectors[number * chunk + k])


# --- LVM ---------------------------------------------------------------------------------------------------------------
class Lvm:
    def __init__(self, work):
        self.work = work
        self.files = [os.path.join(work, f"pv{i}.raw") for i in range(PVS)]
        for path in self.files:
            with open(path, "wb") as f:
                f.truncate(PV_SIZE)
        self.loops = [run("losetup", "-f", "--show", path).strip() for path in self.files]
        names = "|".join(re.escape(loop) for loop in self.loops)
        self.config = ("devices{use_devicesfile=0 filter=[\"a#^(%s)$#\",\"r|.*|\"] obtain_device_list_from_udev=0 external_device_info_source=\"none\"} "
                       "global{use_lvmpolld=0 use_lvmlockd=0 locking_dir=\"%s/lock\"} backup{backup=0 archive=0} activation{monitoring=0 udev_sync=0 udev_rules=0}" % (names, work))
        self.free = [0] * PVS
        self.text = []
        self.devices = {}

    def lvm(self, command, *args):
        # LVM writes the name of the host into its texts.
        return run("unshare", "-u", "sh", "-c", 'hostname host; exec lvm "$@"', "lvm", command, "--driverloaded", "n", "--config", self.config, *args)

    def close(self):
        for loop in self.loops:
            run("losetup", "-d", loop)

    def allocate(self, pv, extents):
        start = self.free[pv]
        self.free[pv] += extents
        return start

    def part(self, pv, extent):
        return Part(File(self.files[pv]), 2048 + extent * EXTENT)

    def add(self, name, segments, visible=True, status=()):
        flags = ["READ", "WRITE"] + (["VISIBLE"] if visible else []) + list(status)
        number = len(self.text)
        uuid = f"{number:06d}-aaaa-bbbb-cccc-dddd-eeee-{number:06d}"
        body = [f'{name} {{', f'id = "{uuid}"', f"status = [{', '.join(chr(34) + f + chr(34) for f in flags)}]", "flags = []", "creation_time = 1700000000",
                'creation_host = "h"', f"segment_count = {len(segments)}"]
        start = 0
        for i, (extents, lines) in enumerate(segments):
            body += [f"segment{i + 1} {{", f"start_extent = {start}", f"extent_count = {extents}"] + lines + ["}"]
            start += extents
        self.text.append("\n".join(body + ["}"]))

    def linear(self, name, pieces, visible=True, status=()):
        """pieces: [(pv, extents)]"""
        segments, parts = [], []
        for pv, extents in pieces:
            at = self.allocate(pv, extents)
            segments.append((extents, ['type = "striped"', "stripe_count = 1", f'stripes = ["pv{pv}", {at}]']))
            parts.append((self.part(pv, at), 0, extents * EXTENT))
        self.add(name, segments, visible, status)
        self.devices[name] = Joined(parts)
        return self.devices[name]

    def striped(self, name, pvs, extents, chunk, visible=True):
        places = [(pv, self.allocate(pv, extents)) for pv in pvs]
        listed = ", ".join(f'"pv{pv}", {at}' for pv, at in places)
        self.add(name, [(extents * len(pvs), ['type = "striped"', f"stripe_count = {len(pvs)}", f"stripe_size = {chunk}", f"stripes = [{listed}]"])], visible)
        return stripes([self.part(pv, at) for pv, at in places], chunk)

    def raid(self, name, kind, images, extents, data, chunk=None, metadata=True):
        """data: number of images' worth of data. Gives the image devices."""
        columns, listed = [], []
        for i in range(images):
            if metadata:
                self.linear(f"{name}_rmeta_{i}", [(i, 1)], False)
                listed.append(f'"{name}_rmeta_{i}"')
            columns.append(self.linear(f"{name}_rimage_{i}", [(i, extents)], False))
            listed.append(f'"{name}_rimage_{i}"')
        key, count = ("raids", "device_count") if metadata else ("raid0_lvs", "stripe_count")
        lines = [f'type = "{kind}"', f"{count} = {images}"] + ([f"stripe_size = {chunk}"] if chunk else []) + (["region_size = 128"] if metadata and kind != "raid0_meta" else [])
        self.add(name, [(extents * data, lines + [f"{key} = [{', '.join(listed)}]"])])
        return columns

    def put(self, name, sectors, label=None):
        for n, block in enumerate(content(label or name, sectors)):
            self.devices[name].write(n, block)

    def restore(self, vg, uuids, vgid, seqno):
        pvs = "".join(f'pv{i} {{ id = "{uuid}" device = "{self.loops[i]}" status = ["ALLOCATABLE"] flags = [] dev_size = {PV_SIZE // SECTOR} pe_start = 2048 '
                      f"pe_count = {(PV_SIZE // SECTOR - 2048) // EXTENT} }}\n" for i, uuid in enumerate(uuids))
        text = (f'contents = "Text Format Volume Group"\nversion = 1\ndescription = ""\ncreation_host = "h"\ncreation_time = 1700000000\n'
                f'{vg} {{\nid = "{vgid}"\nseqno = {seqno}\nformat = "lvm2"\nstatus = ["RESIZEABLE", "READ", "WRITE"]\nflags = []\nextent_size = {EXTENT}\nmax_lv = 0\nmax_pv = 0\n'
                f'metadata_copies = 0\nphysical_volumes {{\n{pvs}}}\nlogical_volumes {{\n' + "\n".join(self.text) + "\n}\n}\n")
        path = os.path.join(self.work, "vg.txt")
        with open(path, "w") as f:
            f.write(text)
        self.lvm("vgcfgrestore", "--force", "-y", "-f", path, vg)


def make_lvm(work, target):
    lvm = Lvm(work)
    try:
        lvm.lvm("pvcreate", "-y", "-ff", *lvm.loops)
        lvm.lvm("vgcreate", "-s", f"{EXTENT * SECTOR}b", "vg-0", *lvm.loops)
        uuids = lvm.lvm("pvs", "--noheadings", "-o", "pv_uuid", "-O", "pv_name").split()
        vgid = lvm.lvm("vgs", "--noheadings", "-o", "vg_uuid").strip()
        sectors = EXTENT

        lvm.linear("one", [(0, 3)])
        lvm.put("one", 3 * sectors)
        lvm.linear("lin", [(0, 3), (1, 2), (0, 1)])
        lvm.put("lin", 6 * sectors)
        lvm.striped("str", [0, 1, 2], 2, 32).fill(content("str", 6 * sectors))

        for i in range(2):
            lvm.linear(f"mir_mimage_{i}", [(i, 3)], False)
            lvm.put(f"mir_mimage_{i}", 3 * sectors, "mir")
        lvm.add("mir", [(3, ['type = "mirror"', "mirror_count = 2", "region_size = 128", 'mirrors = ["mir_mimage_0", 0, "mir_mimage_1", 0]'])], True, ["NOTSYNCED"])

        for column in lvm.raid("r1", "raid1", 2, 3, 1):
            for n, block in enumerate(content("r1", 3 * sectors)):
                column.write(n, block)
        stripes(lvm.raid("r0", "raid0", 3, 2, 3, 32, metadata=False), 32).fill(content("r0", 6 * sectors))
        stripes(lvm.raid("r0m", "raid0_meta", 2, 2, 2, 64), 64).fill(content("r0m", 4 * sectors))
        Rows(lvm.raid("r4", "raid4", 3, 2, 2, 32), 32, raid5(3, "0")).fill(content("r4", 4 * sectors))
        for layout in ("la", "ra", "ls", "rs", "n"):
            name = "r5" + layout
            Rows(lvm.raid(name, "raid5_" + layout, 4, 2, 3, 32), 32, raid5(4, layout)).fill(content(name, 6 * sectors))
        for layout in ("zr", "nr", "nc", "la_6", "ra_6", "ls_6", "rs_6", "n_6"):
            name = "r6" + layout
            Rows(lvm.raid(name, "raid6_" + layout, 5, 2, 3, 32), 32, raid6(5, "n" if layout == "n_6" else layout)).fill(content(name, 6 * sectors))
        raid10(lvm.raid("r10", "raid10", 4, 2, 2, 32), 32, content("r10", 4 * sectors), near=2)

        lvm.add("zero", [(2, ['type = "zero"'])])
        lvm.add("err", [(2, ['type = "error"'])])

        # Thin pool: data striped over two disks; blocks of 64 KiB are one extent of data.
        lvm.linear("pool_tmeta", [(0, 8)], False)
        data_columns = lvm.striped("pool_tdata", [1, 2], 8, 64, False)
        lvm.add("pool", [(16, ['type = "thin-pool"', 'metadata = "pool_tmeta"', 'pool = "pool_tdata"', "transaction_id = 3", "chunk_size = 128", 'discards = "passdown"', "zero_new_blocks = 1"])])
        lvm.linear("lvol0_pmspare", [(1, 8)], False)
        lvm.add("thin1", [(12, ['type = "thin"', 'thin_pool = "pool"', "transaction_id = 0", "device_id = 1"])])
        lvm.add("thinsnap", [(12, ['type = "thin"', 'thin_pool = "pool"', "transaction_id = 1", "device_id = 2", 'origin = "thin1"'])])
        lvm.add("thinext", [(10, ['type = "thin"', 'thin_pool = "pool"', "transaction_id = 2", "device_id = 3", 'external_origin = "lin"'])])
        blocks = {1: {0: 5, 1: 6, 2: 7, 9: 2}, 2: {0: 5, 1: 8, 2: 7, 11: 3}, 3: {1: 9, 2: 10}}
        xml = '<superblock uuid="" time="1" transaction="3" flags="0" version="2" data_block_size="128" nr_data_blocks="16">\n'
        for device, mapping in blocks.items():
            xml += f'<device dev_id="{device}" mapped_blocks="{len(mapping)}" transaction="0" creation_time="0" snap_time="1">\n'
            xml += "".join(f'<single_mapping origin_block="{o}" data_block="{d}" time="0"/>\n' for o, d in mapping.items()) + "</device>\n"
        pool = {5: "thin0", 6: "thin1", 7: "thin2", 2: "thin9", 8: "snap1", 3: "snap11", 9: "ext1", 10: "ext2"}
        data = [bytes(SECTOR)] * (16 * sectors)
        for block, label in pool.items():
            data[block * 128:(block + 1) * 128] = content(label, 128)
        data_columns.fill(data)
        write_tool_metadata(work, lvm, "pool_tmeta", 8, xml + "</superblock>\n", "thin")

        # Cache pool in version 1 without a clean end, and a cache volume in version 2 with a bit set of dirty blocks.
        lvm.linear("cp_cdata", [(3, 4)], False)
        lvm.linear("cp_cmeta", [(4, 8)], False)
        lvm.add("cp_cpool", [(4, ['type = "cache-pool"', 'data = "cp_cdata"', 'metadata = "cp_cmeta"', "metadata_format = 1", "chunk_size = 128", 'cache_mode = "writeback"', 'policy = "smq"'])], False)
        lvm.linear("cached_corig", [(2, 6)], False)
        lvm.add("cached", [(6, ['type = "cache"', 'cache_pool = "cp_cpool"', 'origin = "cached_corig"'])])
        lvm.put("cached_corig", 6 * sectors, "slow")
        for block in range(4):
            for n, text in enumerate(content(f"fast{block}", 128)):
                lvm.devices["cp_cdata"].write(block * 128 + n, text)
        cache = ('<superblock uuid="" block_size="128" nr_cache_blocks="4" policy="smq" hint_width="4">\n<mappings>\n'
                 '<mapping cache_block="0" origin_block="4" dirty="true"/>\n<mapping cache_block="2" origin_block="1" dirty="false"/>\n</mappings>\n<hints>\n</hints>\n</superblock>\n')
        write_tool_metadata(work, lvm, "cp_cmeta", 8, cache, "cache", "1")

        lvm.linear("cv_cvol", [(3, 16)], False, ["CACHE_VOL"])
        lvm.linear("cachedvol_corig", [(4, 6)], False)
        lvm.add("cachedvol", [(6, ['type = "cache"', 'cache_pool = "cv_cvol"', 'origin = "cachedvol_corig"', "metadata_format = 2", "chunk_size = 128", 'cache_mode = "writeback"', 'policy = "smq"',
                                   "metadata_start = 0", "metadata_len = 1024", "data_start = 1024", "data_len = 1024", f'metadata_id = "{uuids[0]}"', f'data_id = "{uuids[1]}"'])])
        lvm.put("cachedvol_corig", 6 * sectors, "slow")
        for block in range(8):
            for n, text in enumerate(content(f"fast{block}", 128)):
                lvm.devices["cv_cvol"].write(1024 + block * 128 + n, text)
        write_tool_metadata(work, lvm, "cv_cvol", 8, cache.replace('nr_cache_blocks="4"', 'nr_cache_blocks="8"'), "cache", "2")

        # Thick snapshot of "one": chunks of 4 KiB; of 48 chunks, 0, 1 and 40 were changed in the origin since.
        lvm.linear("snap", [(3, 2)])
        lvm.add("snapshot0", [(3, ['type = "snapshot"', "chunk_size = 8", 'origin = "one"', 'cow_store = "snap"'])], False)
        store = lvm.devices["snap"]
        store.write(0, struct.pack("<4sIII", b"SnAp", 1, 1, 8).ljust(SECTOR, b"\0"))
        exceptions = [(0, 2), (1, 3), (40, 4)]
        store.write(8, b"".join(struct.pack("<QQ", old, new) for old, new in exceptions).ljust(SECTOR, b"\0"))
        for old, new in exceptions:
            for n, block in enumerate(content(f"before{old}", 8)):
                store.write(new * 8 + n, block)

        lvm.restore("vg-0", uuids, vgid, 7)
        report = lvm.lvm("lvs", "-a", "--noheadings", "--separator", "\t", "-o", "lv_name,lv_uuid,lv_size,segtype", "--units", "b", "-O", "lv_name")
    finally:
        lvm.close()
    with open(os.path.join(work, "lvs.txt"), "w") as f:
        f.write("".join(line.strip() + "\n" for line in report.splitlines()))
    pack(target, [os.path.join(work, f"pv{i}.raw") for i in range(PVS)] + [os.path.join(work, "lvs.txt")])


def write_tool_metadata(work, lvm, name, extents, xml, kind, version=None):
    """By the tool of the format, into a file of the size of the volume, then into the volume; its own checker must find nothing wrong."""
    source, path = os.path.join(work, "m.xml"), os.path.join(work, "m.bin")
    with open(source, "w") as f:
        f.write(xml)
    with open(path, "wb") as f:
        f.truncate(extents * EXTENT * SECTOR)
    run(f"{kind}_restore", "-i", source, "-o", path, *(["--metadata-version", version] if version else []))
    run(f"{kind}_check", path)
    with open(path, "rb") as f:
        for n in range(extents * EXTENT):
            lvm.devices[name].write(n, f.read(SECTOR))


# --- MD ----------------------------------------------------------------------------------------------------------------
def checksum(raw, at, order):
    words = struct.unpack(f"{order}{len(raw) // 4}I", raw[:len(raw) // 4 * 4])
    total = sum(words) - words[at // 4] + (int.from_bytes(raw[len(raw) // 4 * 4:], "little") if len(raw) % 4 else 0)
    return (total & 0xFFFFFFFF) + (total >> 32) & 0xFFFFFFFF


def superblock1(version, name, number, disks, level, layout, chunk, used, size, data, events=10):
    """used, size, data: sectors of the array, of the data area, and where that begins. size is that of the member."""
    place = {"1.0": (size - 16) // 8 * 8, "1.1": 0, "1.2": 8}[version]
    area = (place if version == "1.0" else size) - data
    raw = bytearray(256 + 2 * 8)
    struct.pack_into("<IIII16s32s", raw, 0, 0xA92B4EFC, 1, 4096 if level == 0 and layout else 0, 0, (name + "-uuid-0123456789")[:16].encode(), ("host:" + name).encode())
    struct.pack_into("<QiIQIII", raw, 64, 1700000000, level, layout, used, chunk, disks, 0)
    struct.pack_into("<QQQQI", raw, 128, data, area, place, 0, number)
    raw[168:184] = bytes([number]) * 16
    struct.pack_into("<QQQII", raw, 192, 1700000001, events, 0xFFFFFFFFFFFFFFFF, 0, 8)
    for i in range(8):
        struct.pack_into("<H", raw, 256 + i * 2, i if i < disks else 0xFFFF)
    struct.pack_into("<I", raw, 216, checksum(bytes(raw), 216, "<"))
    return place, bytes(raw)


def superblock0(order, name, number, disks, level, layout, chunk, used, size, minor, events=10):
    place = size // 128 * 128 - 128
    w = [0] * 1024
    w[0:12] = [0xA92B4EFC, 0, 90, 0, 0, int.from_bytes(name.ljust(4).encode()[:4], "big"), 1700000000, level & 0xFFFFFFFF, used // 2, disks, disks, minor]
    w[13:16] = [0x11111111, 0x22222222, 0x33333333]
    w[32:38] = [1700000001, 1, disks, disks, 0, 0]
    w[39], w[40] = (events, 0) if order == "<" else (0, events)
    w[41], w[42] = w[39], w[40]
    w[64], w[65] = layout, chunk * 512
    for i in range(disks):
        w[128 + i * 32:128 + i * 32 + 5] = [i, 8, i, i, 6]
    w[992:997] = [number, 8, number, number, 6]
    raw = struct.pack(f"{order}1024I", *w)
    w[38] = checksum(raw, 38 * 4, order)
    return place, struct.pack(f"{order}1024I", *w)


def make_md(work, target):
    names = []

    def array(name, version, level, layout, disks, used, chunk, fill, sizes=None, check=True):
        devices = []
        for i in range(disks):
            data = {"1.1": 64, "1.2": 128}.get(version, 0)
            extra = sizes[i] if sizes else used
            size = data + extra + (32 if version != "0.90" and version != "0.90be" else 256)
            if version in ("0.90", "0.90be"):
                size = (extra + 128 + 127) // 128 * 128 + 40
            path = os.path.join(work, f"{name}.{i}")
            with open(path, "wb") as f:
                f.truncate(size * SECTOR)
            if version.startswith("0.90"):
                place, raw = superblock0(">" if version == "0.90be" else "<", name, i, disks, level, layout, chunk, 0 if level in (0, -1) else used, size, 5)
                data_size = place
            else:
                place, raw = superblock1(version, name, i, disks, level, layout, chunk, 0 if level in (0, -1) else used, size, data)
                data_size = (place if version == "1.0" else size) - data
            device = File(path)
            device.write(place, raw)
            devices.append((Part(device, data), data_size))
            names.append(path)
        fill([d for d, _ in devices], [s for _, s in devices])
        for i in range(disks):
            out = run("mdadm", "--examine", os.path.join(work, f"{name}.{i}")) if check else ""
            if check and (" - correct" not in out or f"Raid Devices : {disks}" not in out):
                raise SystemExit(f"mdadm does not agree about {name}.{i}:\n{out}")

    def copies(name, sectors):
        def fill(columns, sizes):
            for column in columns:
                for n, block in enumerate(content(name, sectors)):
                    column.write(n, block)
        return fill

    for version in ("0.90", "0.90be", "1.0", "1.1", "1.2"):
        name = "m" + version.replace(".", "")
        array(name, version, 1, 0, 2, 256, 0, copies(name, 256), check=version != "0.90be")
        name = "n" + version.replace(".", "")
        array(name, version, 5, 2, 3, 256, 16, lambda c, s, name=name: Rows(c, 16, raid5(3, "ls")).fill(content(name, 512)), check=version != "0.90be")

    def joined(name):
        def fill(columns, sizes):
            whole = Joined([(c, 0, s) for c, s in zip(columns, sizes)])
            for n, block in enumerate(content(name, sum(sizes))):
                whole.write(n, block)
        return fill

    def zoned(name, chunk, alternate):
        """md.4: a zone over all members as far as the smallest goes, then one over those that are larger."""
        def fill(columns, sizes):
            place, done, total = [], 0, 0
            rounded = [s // chunk * chunk for s in sizes]
            for end in sorted(set(rounded)):
                zone = [i for i, s in enumerate(rounded) if s > done]
                for row in range((end - done) // chunk):
                    for k in range(len(zone)):
                        # Older kernels chose the member by the number of the chunk in the array, later ones by that in the zone.
                        number = len(place) if not alternate else row * len(zone) + k
                        place.append((zone[number % len(zone)], done + row * chunk))
                done = end
            sectors = content(name, len(place) * chunk)
            for n, block in enumerate(sectors):
                column, start = place[n // chunk]
                columns[column].write(start + n % chunk, block)
        return fill

    array("lin", "1.2", -1, 0, 3, 0, 0, joined("lin"), [100, 60, 140])
    array("z0", "1.2", 0, 2, 3, 0, 16, zoned("z0", 16, True), [256, 256, 256])
    array("zalt", "1.2", 0, 2, 4, 0, 16, zoned("zalt", 16, True), [112, 208, 304, 304])
    array("zorig", "1.2", 0, 1, 4, 0, 16, zoned("zorig", 16, False), [112, 208, 304, 304])
    array("r4", "1.2", 4, 0, 3, 256, 16, lambda c, s: Rows(c, 16, raid5(3, "n")).fill(content("r4", 512)))
    for number, layout in enumerate(("la", "ra", "ls", "rs", "0", "n")):
        array("r5" + layout, "1.2", 5, number, 4, 256, 16, lambda c, s, layout=layout: Rows(c, 16, raid5(4, layout)).fill(content("r5" + layout, 768)))
    for number, layout in ((0, "la"), (1, "ra"), (2, "ls"), (3, "rs"), (4, "0"), (5, "n"), (8, "zr"), (9, "nr"), (10, "nc"), (16, "la_6"), (17, "ra_6"), (18, "ls_6"), (19, "rs_6"), (20, "0_6")):
        name = "r6" + layout
        array(name, "1.2", 6, number, 5, 256, 16, lambda c, s, layout=layout, name=name: Rows(c, 16, raid6(5, layout)).fill(content(name, 768)))
    for name, layout, disks, sectors, kw in (
            ("near2", 0x102, 4, 512, {"near": 2}), ("near2odd", 0x102, 3, 384, {"near": 2}), ("near3", 0x103, 4, 336, {"near": 3}),
            ("far2", 0x201, 4, 512, {"far": 2}), ("far3", 0x301, 3, 240, {"far": 3}), ("off2", 0x10201, 4, 512, {"far": 2, "offset": True}), ("off2odd", 0x10201, 3, 384, {"far": 2, "offset": True})):
        array(name, "1.2", 10, layout, disks, 256, 16, lambda c, s, name=name, sectors=sectors, kw=kw: raid10(c, 16, content(name, sectors), size=256, **kw))
    pack(target, names)


def pack(target, paths):
    def plain(info):
        info.uid = info.gid = info.mtime = 0
        info.uname = info.gname = ""
        return info
    with open(target, "wb") as raw:
        import gzip
        with gzip.GzipFile("", "wb", 9, raw, 0) as packed, tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for path in paths:
                tar.add(path, os.path.basename(path), filter=plain)


if __name__ == "__main__":
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as work:
        make_lvm(work, os.path.join(folder, "lvm.tar.gz"))
    with tempfile.TemporaryDirectory() as work:
        make_md(work, os.path.join(folder, "md.tar.gz"))
