#!/bin/sh
# SPDX-License-Identifier: MIT
# flush_hosts.sh PRELOAD: a lock that one program takes through a descriptor of another, as scripts
# do with flock(1): whoever lets go of it flushes.
set -eu
preload=$1
for tool in strace flock; do
  command -v $tool >/dev/null || {
    echo "skipped: $tool is not installed"
    [ -z "${TESTS_MUST_RUN-}" ] || exit 1
    exit 77
  }
done
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
: >"$place/empty.conf"
bad=0

# Programs that flushed descriptor 9, and what they did then, in order. A call is over in another line
# where another program came between.
expect() { # NAME EXPECTED SCRIPT
  (cd "$place" && strace -f -qq -E "LD_PRELOAD=$preload" -E "LOCKSHIM_POLICY=$place/empty.conf" \
    -E LOCKSHIM_SET=on-unlock=flush -o trace sh -c "$3")
  got=$(awk '/ flock\(9, LOCK_EX[ )]/ && !/= -1/ { line = line " lock" }
    / fsync\(9[ )]/ { line = line " flush" }
    / flock\(9, LOCK_UN/ { line = line " unlock" }
    / close\(9[ )]/ && $1 == shell { line = line " close" }
    NR == 1 { shell = $1 }
    $1 == shell && /exit_group/ { line = line " exit" }
    END { print line }' "$place/trace")
  [ "$got" = " $2" ] && return
  bad=1
  echo "FAILED: $1: expected: $2; got:$got"
}

# flock(1) ends too, and can't know that the script still has the descriptor.
expect "a script's close" "lock flush flush close exit" \
  'exec 9>file; flock 9; echo text >&9; exec 9>&-'
expect "a script's end" "lock flush flush exit" 'exec 9>file; flock 9; echo text >&9'
expect "flock -u" "lock flush flush unlock exit" \
  'exec 9>file; flock 9; echo text >&9; flock -u 9; : >&9'
# Of a descriptor that can't have a write lock the keeper has it; another program lowers it.
lowered() {
  (cd "$place" && strace -f -qq -E "LD_PRELOAD=$preload" -E "LOCKSHIM_POLICY=$place/empty.conf" \
    -E "LOCKSHIM_SET=on-unlock=flush;flock=ofd" -o trace \
    sh -c ': >file; exec 8>file 9<file; flock 9; echo text >&8; flock -s 9')
  awk 'BEGIN { bad = 1 }
    /execve.*"-s"/ { lowering = 1 }
    lowering && / fsync\(9/ { flushed = 1 }
    lowering && / fcntl(64)?\(9, F_OFD_SETLK.*F_RDLCK/ { bad = !flushed; exit }
    END { exit bad }' "$place/trace"
}
lowered || {
  bad=1
  echo "FAILED: flock -s: not flushed before"
}
expect "nothing locked" "close exit" 'exec 9>file; echo text >&9; exec 9>&-'
exit $bad
