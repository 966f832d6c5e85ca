# Builds a file tree and turns it into a GPT disk image without root; sourced by the recipes.
# Content lies in $TREE; owner, mode, times, attributes and inode flags are kept as debugfs commands and written into
# the finished file system. Needs e2fsprogs, util-linux (mkswap), qemu-utils and python3.
# shellcheck shell=bash

TOOLS=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C TZ=UTC

for tool in mke2fs debugfs e2fsck mkswap qemu-img python3; do
  command -v "$tool" >/dev/null || { echo "make.sh: $tool is missing (packages: e2fsprogs util-linux qemu-utils python3)" >&2; exit 2; }
done

WORK=$(mktemp -d)
trap 'rm -rf -- "$WORK"' EXIT
TREE=$WORK/tree
COMMANDS=$WORK/debugfs.commands
mkdir -p "$TREE"
: >"$COMMANDS"

# WHEN is the time (seconds since 1970) that files made from here on get: modification, change, access and creation.
WHEN=1772442000   # 2026-03-02 09:00:00 UTC, the day this machine was installed

# meta PATH MODE UID:GID: queues the inode's fields; MODE octal with file type.
meta() {
  local path=$1 mode=$2 owner=$3 field
  printf 'set_inode_field "%s" mode 0%s\n' "$path" "$mode" >>"$COMMANDS"
  printf 'set_inode_field "%s" uid %s\nset_inode_field "%s" gid %s\n' "$path" "${owner%:*}" "$path" "${owner#*:}" >>"$COMMANDS"
  for field in mtime ctime atime crtime; do
    printf 'set_inode_field "%s" %s @%s\n' "$path" "$field" "$WHEN" >>"$COMMANDS"
    printf 'set_inode_field "%s" %s_extra 0\n' "$path" "$field" >>"$COMMANDS"
  done
}

# dir MODE UID:GID PATH...: a directory; parents must exist.
dir() {
  local mode=$1 owner=$2 path
  shift 2
  for path; do
    mkdir -- "$TREE$path"
    meta "$path" "$(printf '%06o' $((0040000 | 0$mode)))" "$owner"
  done
}

# put MODE UID:GID PATH: a regular file with the content of standard input.
put() {
  cat >"$TREE$3"
  meta "$3" "$(printf '%06o' $((0100000 | 0$1)))" "$2"
}

# link TARGET PATH: a symbolic link owned by root.
link() {
  ln -s -- "$1" "$TREE$2"
  meta "$2" 120777 0:0
}

# elf MODE UID:GID PATH ARGUMENTS...: a harmless program or library, see elf.py.
elf() {
  local mode=$1 owner=$2 path=$3
  shift 3
  python3 "$TOOLS/elf.py" "$TREE$path" "$@"
  meta "$path" "$(printf '%06o' $((0100000 | 0$mode)))" "$owner"
}

# flags HEX PATH: inode flags on top of "extents" (0x80000): 10 immutable, 20 append only.
flags() {
  printf 'set_inode_field "%s" flags 0x%x\n' "$2" $((0x80000 | 0x$1)) >>"$COMMANDS"
}

# attribute PATH NAME HEX: an extended attribute with a binary value.
attribute() {
  ATTRIBUTES=$((ATTRIBUTES + 1))
  local file=$WORK/attribute.$ATTRIBUTES
  python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$3" >"$file"
  printf 'ea_set -f "%s" "%s" %s\n' "$file" "$1" "$2" >>"$COMMANDS"
}
ATTRIBUTES=0

# device PATH TYPE MAJOR MINOR MODE: a device node; only debugfs can make one without root.
device() {
  printf 'cd "%s"\nmknod "%s" %s %s %s\ncd /\n' "${1%/*}" "${1##*/}" "$2" "$3" "$4" >>"$COMMANDS"
  meta "$1" "$(printf '%06o' $(($([ "$2" = c ] && echo 0020000 || echo 0060000) | 0$5)))" 0:0
}

# disk OUTPUT.qcow2 SEED: root (ext4) as entry 1, swap as 2, a BIOS boot partition as 14 in front of both, as cloud images have it.
# SEED is two hex digits that make the identifiers of this disk its own. A recipe that defines "live FILE" gets the finished root file system to change as it likes.
disk() {
  local output=$1 seed=$2 root_mib=64 swap_mib=8
  local uuid=5eedc0de-00$seed-4000-8000-0000000000 fake=$WHEN
  local now="env E2FSPROGS_FAKE_TIME=$fake SOURCE_DATE_EPOCH=$fake"
  meta / 040755 0:0

  truncate -s "${root_mib}M" "$WORK/root.ext4"
  $now mke2fs -q -t ext4 -L root -U "${uuid}01" -E "hash_seed=${uuid}02,root_owner=0:0,lazy_itable_init=0" -b 4096 -I 256 -m 1 \
    -O metadata_csum,64bit,^orphan_file,^metadata_csum_seed -d "$TREE" "$WORK/root.ext4"
  {
    cat "$COMMANDS"
    for field in mtime ctime atime crtime; do printf 'set_inode_field /lost+found %s @%s\n' "$field" 1772442000; done
    printf 'set_super_value last_mounted /\nset_super_value mtime @%s\nset_super_value mnt_count 7\n' "$fake"
  } >"$WORK/all.commands"
  $now debugfs -w -f "$WORK/all.commands" "$WORK/root.ext4" >"$WORK/debugfs.log" 2>&1
  if grep -vE '^debugfs( |:)|^Allocated inode' "$WORK/debugfs.log" | grep -q .; then
    grep -vE '^debugfs: |^Allocated inode' "$WORK/debugfs.log" >&2
    echo "make.sh: debugfs complained" >&2
    exit 1
  fi
  $now e2fsck -fn "$WORK/root.ext4" >"$WORK/fsck.log" 2>&1 || { cat "$WORK/fsck.log" >&2; exit 1; }
  if declare -F live >/dev/null; then live "$WORK/root.ext4"; fi

  truncate -s "${swap_mib}M" "$WORK/swap"
  mkswap -q -U "${uuid}03" "$WORK/swap" >/dev/null 2>&1 || mkswap -U "${uuid}03" "$WORK/swap" >/dev/null 2>&1
  python3 "$TOOLS/gpt.py" "$WORK/disk.raw" "${uuid}00" \
    "1:2:$root_mib:root:${uuid}11:root:$WORK/root.ext4" \
    "2:$((2 + root_mib)):$swap_mib:swap:${uuid}12:swap:$WORK/swap" \
    "14:1:1:bios-boot:${uuid}1e::"
  qemu-img convert -q -m 1 -c -f raw -O qcow2 -o compat=1.1 "$WORK/disk.raw" "$WORK/disk.qcow2"
  mv -f -- "$WORK/disk.qcow2" "$output"
  echo "$output: $(stat -c %s "$output") bytes" >&2
}
