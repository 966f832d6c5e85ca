#!/usr/bin/env bash
# Makes a raw GPT disk with a full Debian system on ext4 (80,000+ files, 3+ GB used) for compare.sh. Takes some minutes.
# Any raw image with such an ext4 volume will do; this is one way to get one.
# Usage: [MIRROR=URL] make-image.sh OUTPUT.raw        needs root, network, debootstrap, e2fsprogs, python3, about 14 GB of disk
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C DEBIAN_FRONTEND=noninteractive
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
output=${1:?usage: make-image.sh OUTPUT.raw}
[ "$(id -u)" -eq 0 ] || { echo "make-image.sh: needs root: debootstrap does" >&2; exit 2; }
for tool in debootstrap mke2fs python3; do
  command -v "$tool" >/dev/null || { echo "make-image.sh: $tool is missing" >&2; exit 2; }
done

work=$(mktemp -d "${TMPDIR:-/var/tmp}/deadbox-image.XXXXXX")
tree=$work/tree
# shellcheck disable=SC2317,SC2329 # called by the trap
cleanup() { umount "$tree/proc" 2>/dev/null || true; rm -rf --one-file-system -- "$work"; }
trap cleanup EXIT

packages=(openssh-server cron anacron at systemd-sysv rsyslog logrotate sudo nginx apache2 php-fpm postgresql mariadb-server redis-server docker.io
  gcc g++ make cmake git vim gdb golang-go ruby nodejs npm python3-pip python3-numpy python3-django python3-twisted default-jdk-headless
  linux-image-amd64 firmware-linux-free initramfs-tools nftables fail2ban tmux rsync curl wget man-db manpages-dev locales imagemagick fonts-dejavu)

debootstrap --variant=minbase bookworm "$tree" ${MIRROR:+"$MIRROR"}
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"   # no service is started in the tree
chmod 755 "$tree/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$tree/etc/resolv.conf"
mount -t proc proc "$tree/proc"
chroot "$tree" apt-get -q update
chroot "$tree" apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install "${packages[@]}"
chroot "$tree" apt-get clean
umount "$tree/proc"

truncate -s 8000M "$work/root.ext4"
mke2fs -q -t ext4 -L root -d "$tree" "$work/root.ext4"
python3 "$here/../../samples/tools/gpt.py" "$work/disk.raw" 5eedc0de-00be-4000-8000-000000000000 \
  "1:1:8000:root:5eedc0de-00be-4000-8000-000000000011:root:$work/root.ext4"
cp --sparse=always -- "$work/disk.raw" "$output"
echo "$output: $(find "$tree" -xdev -type f | wc -l) regular files, $(du -sm "$tree" | cut -f1) MiB"
