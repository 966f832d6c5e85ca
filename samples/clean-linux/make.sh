#!/usr/bin/env bash
# Makes clean-linux.qcow2: a server on which nothing is wrong. Usage: make.sh [OUTPUT]
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=samples/tools/tree.sh
. "$here/../tools/tree.sh"
# shellcheck source=samples/tools/base.sh
. "$here/../tools/base.sh"

# shellcheck disable=SC2034 # used by base.sh
HOST=web-01 MACHINE_ID=c1ea0000c1ea0000c1ea0000c1ea0000
base_tree
disk "${1:-$here/clean-linux.qcow2}" 11
