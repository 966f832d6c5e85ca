#!/usr/bin/env bash
# Times a standard scan of the same disk in several containers, whole processes in turn (interleaved), warm cache, on two cores,
# and `info` of each. Prints Markdown tables: median seconds [min-max], peak memory, ratio to raw.
# Usage: containers.sh IMAGE.raw [RULES.yar]      environment: RUNS=3, CPUS=0,1, FORMATS='qcow2 qcow2-zlib vhdx vmdk', WORK=folder with room for two copies
# One container at a time is made beside the raw image and removed again, so ratios come from runs in turn of raw and that container.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
deadbox=$here/../../deadbox
image=$(readlink -f -- "${1:?usage: containers.sh IMAGE.raw [RULES.yar]}")
rules=$(readlink -f -- "${2:-$here/rules.yar}")
runs=${RUNS:-3}
cpus=${CPUS:-0,1}

die() { echo "containers.sh: $*" >&2; exit 2; }
for tool in qemu-img taskset; do command -v "$tool" >/dev/null || die "$tool is missing (packages: qemu-utils util-linux)"; done
[ -x /usr/bin/time ] || die "/usr/bin/time is missing (package: time)"
[ -r "$image" ] && [ -r "$rules" ] || die "cannot read $image or $rules"
work=$(mktemp -d -p "${WORK:-${TMPDIR:-/tmp}}")
trap 'rm -rf -- "$work"' EXIT

make() { # make FORMAT FILE
  case $1 in
    qcow2) qemu-img convert -O qcow2 "$image" "$2" ;;
    qcow2-zlib) qemu-img convert -c -O qcow2 "$image" "$2" ;;
    qcow2-zstd) qemu-img convert -c -O qcow2 -o compression_type=zstd "$image" "$2" ;;
    vhd) qemu-img convert -O vpc -o subformat=dynamic,force_size=on "$image" "$2" ;;
    vhdx) qemu-img convert -O vhdx "$image" "$2" ;;
    vmdk) qemu-img convert -O vmdk -o subformat=monolithicSparse "$image" "$2" ;;
    vmdk-stream) qemu-img convert -O vmdk -o subformat=streamOptimized "$image" "$2" ;;
    vdi) qemu-img convert -O vdi "$image" "$2" ;;
    gz) gzip -1 -c "$image" >"$2" ;;
    zst) zstd -q -1 -T0 -c "$image" >"$2" ;;
    tar.gz) tar --format=oldgnu -S -C "$(dirname -- "$image")" -cf - "$(basename -- "$image")" | gzip -1 >"$2" ;;
    *) die "unknown format $1" ;;
  esac
}
timed() { # timed RESULT COMMAND...: appends "seconds kilobytes"
  local result=$1 status=0
  shift
  taskset -c "$cpus" /usr/bin/time -q -f '%e %M' -o "$work/time" -- "$@" >/dev/null 2>"$work/stderr" || status=$?
  [ "$status" -eq 0 ] || { cat "$work/stderr" >&2; die "exit code $status: $*"; }
  tail -n 1 "$work/time" >>"$result"
}
median() { cut -d' ' -f1 "$1" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
scan() { timed "$1" "$deadbox" scan --no-progress --rules "$rules" --no-builtin-rules --threads 2 "$2"; } # scan RESULT FILE

"$deadbox" --version >/dev/null          # builds it when needed
printf '%s, %s cores, %s runs each in turn with raw, warm cache; rules: %s; %s\n\n' "$(uname -m)" "$(taskset -c "$cpus" nproc)" "$runs" "$(basename -- "$rules")" "$(basename -- "$image")"
printf '| container | scan s, median [min-max] | scan of raw s | ratio | `info` s | `qemu-img convert` to raw s | peak MiB |\n|---|---|---|---|---|---|---|\n'
for format in ${FORMATS:-qcow2 qcow2-zlib vhdx vmdk}; do
  file=$work/disk.$format
  make "$format" "$file"
  cat -- "$image" "$file" >/dev/null
  rm -f "$work"/result.*
  for ((run = 0; run <= runs; run++)); do
    scan "$work/result.raw" "$image"
    scan "$work/result.it" "$file"
    timed "$work/result.info" "$deadbox" info "$file"
    case $format in
      gz | zst | tar.gz) echo 0 >>"$work/result.convert" ;;
      *) [ "$run" -gt 1 ] || timed "$work/result.convert" qemu-img convert -O raw "$file" "$work/converted"; rm -f "$work/converted" ;;
    esac
    if [ "$run" -eq 0 ]; then rm -f "$work"/result.*; fi
  done
  range=$(cut -d' ' -f1 "$work/result.it" | sort -n | sed -n '1p;$p' | paste -sd-)
  peak=$(cut -d' ' -f2 "$work/result.it" | sort -n | tail -n 1)
  printf '| %s | %s [%s] | %s | %s | %s | %s | %d |\n' "$format" "$(median "$work/result.it")" "$range" "$(median "$work/result.raw")" \
    "$(awk -v a="$(median "$work/result.it")" -v b="$(median "$work/result.raw")" 'BEGIN { printf "%.2f", a / b }')" \
    "$(median "$work/result.info")" "$(median "$work/result.convert")" $((peak / 1024))
  rm -f -- "$file"
done
