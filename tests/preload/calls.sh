#!/bin/sh
# SPDX-License-Identifier: MIT
# calls.sh PRELOAD PROGRAM: what the kernel is asked, call by call, policy by policy.
set -eu
preload=$1 program=$2
command -v strace >/dev/null || exit 77
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
: >"$place/file"
bad=0

# The names of the calls between two marks, on one line: "fcntl fcntl".
trace() { # ENVIRONMENT...
  strace -qq -E "LD_PRELOAD=$preload" "$@" -o "$place/trace" "$program" "$place/file" || return 1
  awk '/^getppid/ { if (seen++) print line; line = ""; next }
    { name = $0; sub(/\(.*/, "", name)
      if (name == "fcntl" || name == "fcntl64")
        name = /F_WRLCK/ ? "exclusive" : /F_RDLCK/ ? "shared" : /F_UNLCK/ ? "unlock" : "fcntl"
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
openat
flock
flock
flock
flock flock flock" "$@"

# The first lock call through a number asks for the object's type, the file system, and who we are.
expect "flock=ofd: once the number is known, nothing is added" "fstat fstatfs exclusive mmap madvise getpid unlock
$(three 'exclusive unlock')
$(three 'shared unlock')
openat
fstat fstatfs unlock flock
exclusive
fstat exclusive openat read close
shared fstat shared getpid exclusive openat read close unlock" "$@" -E LOCKSHIM_SET=flock=ofd

policy '[rule a]' 'program = another' 'flock = ofd'
expect "a rule for another program: nothing is added" "flock mmap madvise getpid flock
$(three 'flock flock')
$(three 'flock flock')
openat
fstat fstatfs unlock flock
flock
flock
flock flock getpid flock" "$@"

policy '[rule a]' "filesystem = $mount" 'flock = ofd'
expect "a filesystem rule: one fstat for the lock, none for the unlock" "fstat fstatfs exclusive mmap madvise getpid unlock
$(three 'fstat exclusive unlock')
$(three 'fstat shared unlock')
openat
fstat fstatfs unlock flock
fstat exclusive
fstat exclusive openat read close
fstat shared fstat shared getpid fstat exclusive openat read close unlock" "$@"

policy '[rule a]' "path = $place/*" 'flock = ofd'
expect "a path rule: one statx for the lock" "statx fstatfs mmap readlinkat munmap exclusive mmap madvise getpid unlock
$(three 'statx exclusive unlock')
$(three 'statx shared unlock')
openat
statx fstatfs mmap readlinkat munmap unlock flock
statx exclusive
statx exclusive openat read close
statx shared statx shared getpid statx exclusive openat read close unlock" "$@"
exit $bad
