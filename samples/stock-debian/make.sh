#!/bin/bash
# Makes the image of a stock Debian 12 server with some 40 server packages, straight from the distribution: make.sh OUTPUT
# Needs root, debootstrap, mke2fs and a network; takes some minutes and about 2 GiB beside OUTPUT. Nothing is planted in it.
set -euo pipefail

output=$(realpath -m -- "$1")
packages="openssh-server cron anacron at systemd systemd-sysv rsyslog logrotate sudo doas unattended-upgrades apt-listchanges needrestart
 nginx apache2 php-cli php-fpm mariadb-server postgresql redis-server python3 python3-pip python3-venv perl nodejs git rsync curl wget
 fail2ban nftables iptables tcpdump tmux vim man-db docker.io certbot prometheus-node-exporter munin-node smartmontools mdadm lvm2
 network-manager isc-dhcp-client ifupdown postfix dovecot-core bind9 chrony haproxy memcached rsnapshot debsums initramfs-tools linux-image-amd64"

work=$(mktemp -d -p "$(dirname -- "$output")" stock-debian.XXXXXX)
tree=$work/tree
cleanup() {
  umount "$tree/proc" 2>/dev/null || true
  rm -rf --one-file-system -- "$work"
}
trap cleanup EXIT

# The host's own sources decide where packages come from, so that a mirror or proxy that works here is used.
mirror=$(sed -n -E 's/^(URIs:|deb( \[[^]]*\])?) +(https?:[^ ]*debian\/?).*/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null | grep -v security | head -n 1 || true)
debootstrap --variant=minbase bookworm "$tree" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1 || { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
cp /etc/resolv.conf "$tree/etc/resolv.conf"
for file in /etc/apt/apt.conf.d/* /etc/apt/apt.conf; do
  if [ -f "$file" ] && grep -qi proxy "$file"; then cp "$file" "$tree/etc/apt/apt.conf.d/99recipe-proxy"; fi
done
printf '#!/bin/sh\nexit 101\n' >"$tree/usr/sbin/policy-rc.d"
chmod 755 "$tree/usr/sbin/policy-rc.d"
mount -t proc proc "$tree/proc"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
chroot "$tree" apt-get -q update >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log" >&2; exit 1; }
# shellcheck disable=SC2086 # a list of package names
chroot "$tree" apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-unsafe-io install $packages >>"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log" >&2; exit 1; }
chroot "$tree" apt-get -q clean
umount "$tree/proc"
rm -f -- "$tree/usr/sbin/policy-rc.d" "$tree/etc/apt/apt.conf.d/99recipe-proxy"
printf 'LABEL=root / ext4 defaults 0 1\n' >"$tree/etc/fstab"
size=$(($(du -sm -- "$tree" | cut -f 1) * 5 / 4 + 256))
rm -f -- "$output.part"
mke2fs -q -F -t ext4 -L root -E root_owner=0:0 -d "$tree" "$output.part" "${size}M"
mv -- "$output.part" "$output"
