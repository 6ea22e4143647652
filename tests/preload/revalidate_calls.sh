#!/bin/sh
# SPDX-License-Identifier: MIT
# revalidate_calls.sh PRELOAD PROGRAM: on-lock = revalidate opens nothing, and asks once where the
# file is on a disk of this host.
set -eu
preload=$1 program=$2
if [ -n "${TEST_EMULATOR-}" ]; then
  echo 'skipped: strace sees the system calls of the emulator'
  exit 77
fi
command -v strace >/dev/null || {
  echo 'skipped: there is no strace'
  exit 77
}
place=$(mktemp -d)
memory=$(mktemp /dev/shm/lockshim-test-XXXXXX)
trap 'rm -rf "$place" "$memory"' EXIT
: >"$place/file"
bad=0

# Of three LOCK_EX pairs (see calls.c) on one line the locks, what revalidates, and what it must not.
trace() { # FILE
  strace -qq -E "LD_PRELOAD=$preload" -E LOCKSHIM_POLICY="$place/none.conf" \
    -E LOCKSHIM_SET=on-lock=revalidate -o "$place/trace" "$program" "$1" || return 1
  awk '/^sched_get_priority_max/ { seen++; next }
    seen == 2 { sub(/^statx\(.*AT_STATX_FORCE_SYNC.*/, "ask"); sub(/^pread64\(.*, 0, 0\).*/, "read0")
      sub(/^fadvise64(_64)?\(.*POSIX_FADV_DONTNEED.*/, "dontneed"); sub(/\(.*/, "")
      if (!/^(flock|ask|read0|dontneed|open.*|close|clone.*|v?fork|mmap.*|fstatfs.*)$/) next
      line = line (line == "" ? "" : " ") $0 }
    END { print line }' "$place/trace"
}

expect() { # NAME EXPECTED FILE
  got=$(trace "$3") || got="strace failed"
  [ "$got" = "$2 $2 $2" ] && return
  bad=1
  printf 'FAILED: %s\nexpected:\n%s\ngot:\n%s\n' "$1" "$2 $2 $2" "$got"
}

: >"$place/none.conf"
expect 'a file without a disk' 'flock ask read0 dontneed flock' "$memory"
case $(stat -c %Hd "$place/file") in
0) echo "not tried: $place is on no disk" ;;
*) expect 'a file on a disk' 'flock ask flock' "$place/file" ;;
esac
exit $bad
