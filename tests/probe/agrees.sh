#!/bin/sh
# SPDX-License-Identifier: MIT
# agrees.sh disk|tmpfs: in an empty directory there, both programs find the same.
set -u
: "${LOCKSHIM:?}" "${BUILD:?}"
unset LOCKSHIM_POLICY LOCKSHIM_SERVICE LOCKSHIM_SET LD_PRELOAD

skip() {
  echo "skipped: $1"
  [ -z "${TESTS_MUST_RUN:-}" ] || exit 1
  exit 77
}

command -v python3 >/dev/null || skip 'python3 is not installed'
case $(uname -m) in
x86_64 | aarch64) ;;
*) skip 'no numbers of system calls for this machine' ;;
esac
case $1 in
disk) dir=$(mktemp -d "$BUILD/probe.XXXXXX") ;;
tmpfs)
  [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] || skip '/dev/shm is no tmpfs'
  dir=$(mktemp -d /dev/shm/lockshim-probe.XXXXXX)
  ;;
esac
trap 'rmdir "$dir"' EXIT
trap 'exit 1' INT TERM HUP
python3 "$(dirname "$0")/compare.py" "$dir"
