#!/bin/sh
# SPDX-License-Identifier: MIT
# range_calls.sh PRELOAD PROGRAM: which record locks the kernel is asked for, rule by rule.
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
: >"$place/policy.conf"
bad=0

# The lock calls between two marks on one line: "OFD W", "POSIX U". What waits has a w.
trace() { # SET
  strace -qq -e trace=fcntl,fcntl64,getsid -E "LD_PRELOAD=$preload" -E "LOCKSHIM_SET=$1" \
    -E "LOCKSHIM_POLICY=$place/policy.conf" -o "$place/trace" \
    "$program" "$place/file" 9<>"$place/file" >/dev/null 2>&1
  status=$?
  awk '/^getsid/ { if (seen++) print line; line = ""; next }
    /_SETLK/ { family = /F_OFD_/ ? "OFD" : "POSIX"; wait = /SETLKW/ ? "w" : ""
      type = /F_WRLCK/ ? "W" : /F_RDLCK/ ? "R" : "U"
      line = line (line == "" ? "" : ", ") family " " type wait }' "$place/trace"
  echo "exit $status"
}

expect() { # SET, EXPECTED LINES
  got=$(set +e; trace "$1")
  [ "$got" = "$2" ] && return
  bad=1
  printf 'FAILED: %s\nexpected:\n%s\ngot:\n%s\n' "$1" "$2" "$got"
}

posix='POSIX W, POSIX U, POSIX Rw, POSIX U'
lockf='POSIX W, POSIX U'
ofd='OFD W, OFD U, OFD Rw, OFD U'

expect 'fcntl=pass' "$posix
$lockf
$ofd
$posix
exit 0"

# Asked without waiting first: the wait could be for a lock of this process's own. Descriptor 9 may
# be another process's too, and what is let go through it of either family.
expect 'fcntl=ofd' "OFD W, OFD U, OFD R, OFD U
OFD W, OFD U
$ofd
POSIX W, OFD U, POSIX U, POSIX R, OFD U, POSIX U
exit 0"

expect 'ofd=posix' "$posix
$lockf
$posix
$posix
exit 0"

# An unlock is still made.
expect 'fcntl=succeed; unsafe=yes' "POSIX U, POSIX U
POSIX U
$ofd
POSIX U, POSIX U
exit 0"

expect 'ofd=fail' "$posix
$lockf
OFD U, OFD U
$posix
exit 1"
exit $bad
