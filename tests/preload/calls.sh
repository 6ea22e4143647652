#!/bin/sh
# SPDX-License-Identifier: MIT
# calls.sh PRELOAD PROGRAM: what the kernel is asked, call by call, policy by policy.
set -eu
preload=$1 program=$2
if [ -n "${TEST_EMULATOR-}" ]; then
  echo 'skipped: strace sees the system calls of the emulator'
  exit 77
fi
command -v strace >/dev/null || exit 77
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
: >"$place/file"
bad=0

# The calls between two marks on one line: "exclusive unlock". All of them where the number is known;
# in the other lines the locks alone, since learning a file takes what its file system asks for.
trace() { # ENVIRONMENT...
  strace -qq -E "LD_PRELOAD=$preload" "$@" -o "$place/trace" "$program" "$place/file" || return 1
  awk '/^sched_get_priority_max/ { if (seen++) print line; line = ""; next }
    { name = $0; sub(/\(.*/, "", name)
      if (name == "fcntl" || name == "fcntl64")
        name = /F_OFD_GETLK/ ? "look" : /F_WRLCK/ ? "exclusive" : /F_RDLCK/ ? "shared" : /F_UNLCK/ ? "unlock" : "fcntl"
      if (seen != 2 && seen != 3 && name !~ /^(flock|exclusive|shared|unlock|look)$/) next
      if (seen) line = line (line == "" ? "" : " ") name }' "$place/trace"
}

expect() { # NAME, EXPECTED LINES, ENVIRONMENT...
  name=$1 expected=$2
  shift 2
  got=$(trace "$@") || got="strace failed"
  [ "$got" = "$expected" ] && return
  bad=1
  printf 'FAILED: %s\nexpected:\n%s\ngot:\n%s\n' "$name" "$expected" "$got"
}

three() {
  echo "$1 $1 $1"
}

policy() {
  printf '%s\n' "$@" >"$place/policy.conf"
}

set -- -E "LOCKSHIM_POLICY=$place/policy.conf" -E LOCKSHIM_SET=
mount=$(stat -c %m "$place")

policy ''
expect "no policy: nothing is added" "flock flock
$(three 'flock flock')
$(three 'flock flock')

flock
flock
flock
flock flock flock" "$@"

# A clock is read, but no kernel asked: events go to memory. Unless something is learned first.
expect "traced: nothing is added" "flock flock
$(three 'flock flock')
$(three 'flock flock')

flock
flock
flock
flock flock flock" "$@" -E "LOCKSHIM_TRACE=$place/traced"

# LOCK_SH asks for the object: a directory would take a read lock. A refusal asks whether it was a
# keeper that refused, and then once more: it may be gone.
expect "flock=ofd: nothing is added to LOCK_EX, one statx to LOCK_SH" "exclusive unlock
$(three 'exclusive unlock')
statx shared getpid unlock $(three 'statx shared unlock' | cut -d' ' -f4-)

unlock flock
exclusive
exclusive look exclusive look
shared shared exclusive look exclusive look unlock" "$@" -E LOCKSHIM_SET=flock=ofd

policy '[rule a]' 'program = another' 'flock = ofd'
expect "a rule for another program: nothing is added" "flock flock
$(three 'flock flock')
$(three 'flock flock')

unlock flock
flock
flock
flock flock flock" "$@"

policy '[rule a]' "filesystem = $mount" 'flock = ofd'
expect "a filesystem rule: one statx for the lock, none for the unlock" "exclusive unlock
$(three 'statx exclusive unlock')
statx shared getpid unlock $(three 'statx shared unlock' | cut -d' ' -f4-)

unlock flock
exclusive
exclusive look exclusive look
shared shared exclusive look exclusive look unlock" "$@"

# A verdict by path is kept once the file is older than the clock's tick.
until [ -n "$(find "$place/file" -not -newermt '-1 second')" ]; do :; done
policy '[rule a]' "path = $place/*" 'flock = ofd'
expect "a path rule: one statx for the lock" "exclusive unlock
$(three 'statx exclusive unlock')
statx shared getpid unlock $(three 'statx shared unlock' | cut -d' ' -f4-)

unlock flock
exclusive
exclusive look exclusive look
shared shared exclusive look exclusive look unlock" "$@"
exit $bad
