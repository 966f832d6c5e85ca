#!/usr/bin/env bash
# Times deadbox and public tools on the same image, whole processes in turn (interleaved), warm cache, on two cores.
# Prints a Markdown table: median seconds [min-max], peak memory, and the ratios of this run.
# Usage: compare.sh IMAGE.raw [RULES.yar]         environment: RUNS=5, CPUS=0,1, ONLY='pipeline triage' (fewer commands, no ratios)
# IMAGE is a raw disk with an ext4 volume (make-image.sh makes one). Needs root (a read-only loop mount), sleuthkit, yara, time.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
deadbox=$here/../../deadbox
image=$(readlink -f -- "${1:?usage: compare.sh IMAGE.raw [RULES.yar]}")
rules=$(readlink -f -- "${2:-$here/rules.yar}")
runs=${RUNS:-5}
cpus=${CPUS:-0,1}

die() { echo "compare.sh: $*" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || die "needs root: the comparison mounts the image read-only through a loop device"
for tool in fls mmls yara md5sum sha256sum taskset mount; do command -v "$tool" >/dev/null || die "$tool is missing (packages: sleuthkit yara coreutils util-linux)"; done
[ -x /usr/bin/time ] || die "/usr/bin/time is missing (package: time)"
[ -r "$image" ] || die "cannot read $image"
[ -r "$rules" ] || die "cannot read $rules"

# The first Linux partition, or the whole image when it has no partition table.
sector=$(mmls "$image" 2>/dev/null | awk '$2 ~ /^[0-9]+(:[0-9]+)?$/ { if ($5 + 0 > best) { best = $5 + 0; start = $3 + 0 } } END { print start + 0 }' || true)
sector=${sector:-0}
work=$(mktemp -d)
# shellcheck disable=SC2317,SC2329 # called by the trap
cleanup() { umount "$work/mount" 2>/dev/null || true; rm -rf --one-file-system -- "$work"; }
trap cleanup EXIT
mkdir "$work/mount"

# Mounted once and kept: the pipeline reads files from the page cache, as deadbox reads the image from it.
mount -o "ro,noload,loop,offset=$((sector * 512))" "$image" "$work/mount"

# The pipeline an administrator would type on that mount: list what can be executed (x bit, or ELF, #! or MZ at the start), hash, scan.
cat >"$work/pipeline" <<'PIPELINE'
#!/bin/bash
# pipeline RULES WORK
set -euo pipefail
{
  find "$2/mount" -xdev -type f -perm /111 -size +0 -print
  # Without x bit only the first bytes tell; grep -m1 reads a little of each. A file name with a newline is lost here, as it would be by hand.
  find "$2/mount" -xdev -type f ! -perm /111 -size +3c -print0 | python3 -c '
import sys
for name in sys.stdin.buffer.read().split(b"\0"):
    if name:
        with open(name, "rb", buffering=0) as file:
            start = file.read(4)
        if start == b"\x7fELF" or start[:2] in (b"#!", b"MZ"):
            sys.stdout.buffer.write(name + b"\n")'
} >"$2/list"
xargs -d '\n' -P2 -n 64 md5sum <"$2/list" >"$2/md5"
xargs -d '\n' -P2 -n 64 sha256sum <"$2/list" >"$2/sha256"
yara -w -p 2 --scan-list "$1" "$2/list" >"$2/hits" 2>/dev/null
PIPELINE
chmod +x "$work/pipeline"

names=(${ONLY:-fls files pipeline rules rules1 shipped triage})
declare -A command=(
  [fls]="fls -r -m / -o $sector"
  [files]='deadbox files --format csv'
  [pipeline]='kernel mount: list + md5sum + sha256sum + yara -p 2'
  [rules]='deadbox scan --rules R --no-builtin-rules'
  [rules1]='the same with --threads 1'
  [shipped]='deadbox scan'
  [triage]='deadbox scan --profile triage'
)
once() { # once NAME: one timed run; appends "seconds kilobytes" to its file
  local line=()
  case $1 in
    fls) line=(fls -r -m / -o "$sector" "$image") ;;
    files) line=("$deadbox" files --format csv "$image") ;;
    pipeline) line=("$work/pipeline" "$rules" "$work") ;;
    rules) line=("$deadbox" scan --no-progress --rules "$rules" --no-builtin-rules --threads 2 "$image") ;;
    rules1) line=("$deadbox" scan --no-progress --rules "$rules" --no-builtin-rules --threads 1 "$image") ;;
    shipped) line=("$deadbox" scan --no-progress --threads 2 "$image") ;;
    triage) line=("$deadbox" scan --no-progress --profile triage --threads 2 "$image") ;;
  esac
  local status=0
  taskset -c "$cpus" /usr/bin/time -q -f '%e %M' -o "$work/time" -- "${line[@]}" >/dev/null 2>"$work/stderr" || status=$?
  [ "$status" -eq 0 ] || { cat "$work/stderr" >&2; die "$1 ended with exit code $status: ${line[*]}"; }
  tail -n 1 "$work/time" >>"$work/result.$1"
}

"$deadbox" --version >/dev/null          # builds it when needed
cat -- "$image" >/dev/null               # warm cache
for ((run = 0; run <= runs; run++)); do
  for name in "${names[@]}"; do once "$name"; done
  if [ "$run" -eq 0 ]; then
    rm -f "$work"/result.*               # the first round only warms the caches
  else
    echo "run $run of $runs" >&2
  fi
done

median() { cut -d' ' -f1 "$work/result.$1" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }

printf '%s, %s cores, %s runs each, in turn, warm cache; rules: %s; %s\n\n' "$(uname -m)" "$(taskset -c "$cpus" nproc)" "$runs" "$(basename -- "$rules")" "$(basename -- "$image")"
printf '| command | median s [min-max] | peak MiB |\n|---|---|---|\n'
for name in "${names[@]}"; do
  range=$(cut -d' ' -f1 "$work/result.$name" | sort -n | sed -n '1p;$p' | paste -sd-)
  peak=$(cut -d' ' -f2 "$work/result.$name" | sort -n | tail -n 1)
  # shellcheck disable=SC2016 # Markdown code marks
  printf '| `%s` | %s [%s] | %d |\n' "${command[$name]}" "$(median "$name")" "$range" $((peak / 1024))
done
[ -z "${ONLY:-}" ] || exit 0
printf '\n| ratio of medians | value | aim |\n|---|---|---|\n'
printf '| files / fls | %s | at most 1.00 |\n' "$(ratio files fls)"
printf '| scan with R / pipeline with R | %s | at most 0.70 |\n' "$(ratio rules pipeline)"
printf '| scan with shipped rules / scan with R | %s | at most 1.50 |\n' "$(ratio shipped rules)"
printf '| triage / pipeline | %s | at most 0.10 |\n' "$(ratio triage pipeline)"
printf '| one thread / two threads | %s | at least 1.85 |\n' "$(ratio rules1 rules)"
