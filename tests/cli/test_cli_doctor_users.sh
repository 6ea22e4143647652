# SPDX-License-Identifier: MIT
# doctor names users of a file that don't keep each other out, and those only.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
command -v flock >/dev/null || skip "no flock(1)"
: >none.conf

# Looks at the file `shared` and ends its users.
looked() {
  try "$LOCKSHIM" doctor -p none.conf shared
  stop_all
  rm shared
  : >shared
}
: >shared

start_run -p none.conf -o flock=ofd -- sh -c "$stays" sh shared
start sh -c "$stays" sh shared
native=$pid
looked
expect_status 1
expect_out "Who uses it:" "[$native] (unconverted) both use" "they do not keep each other out" \
  "flock = both for the others"

# Who takes both meets natives.
start_run -p none.conf -o flock=both -- sh -c "$stays" sh shared
start sh -c 'exec 9<>"$1"; echo ready; read _ <"$2"' sh shared "$work/never"
looked
expect_status 0

# Who has it open may lock it later, or only read it.
start_run -p none.conf -o flock=ofd -- sh -c "$stays" sh shared
start sh -c 'exec 9<>"$1"; echo ready; read _ <"$2"' sh shared "$work/never"
looked
expect_status 0
expect_out "if the first takes flock"

# Natives among themselves, and users under one policy.
start sh -c "$stays" sh shared
start sh -c 'exec 9<>"$1"; echo ready; read _ <"$2"' sh shared "$work/never"
looked
expect_status 0
expect_out "unconverted" "flock"
start_run -p none.conf -o flock=ofd -- sh -c "$stays" sh shared
start_run -p none.conf -o flock=ofd -- sh -c 'exec 9<>"$1"; echo ready; read _ <"$2"' sh shared \
  "$work/never"
looked
expect_status 0
expect_not_in_out "both use"

# Two texts.
start_run -p none.conf -o flock=ofd -- sh -c "$stays" sh shared
start_run -p none.conf -o flock=posix -- sh -c 'exec 9<>"$1"; echo ready; read _ <"$2"' sh shared \
  "$work/never"
looked
expect_status 1
expect_out "they do not keep each other out"

# A directory shows who holds locks below it.
mkdir below
: >below/file
start sh -c "$stays" sh below/file
try "$LOCKSHIM" doctor -p none.conf .
expect_out "$here/below/file"
stop_all

# The locks of one process.
start_run -p none.conf -o flock=ofd -- sh -c "$stays" sh shared
try "$LOCKSHIM" doctor --pid "$pid"
expect_status 0
expect_out "Its locks, as the kernel has them:" "OFD   $here/shared" "Who uses the same files:"
stop_all

# Record locks meet what flock became.
command -v python3 >/dev/null || skip "no python3 to lock by fcntl"
[ -z "$SANITIZER_RUNTIME" ] || skip "python3 is not built with the sanitizer's runtime"
start_run -p none.conf -o flock=ofd -- sh -c 'exec 9<>"$1"; echo ready; read _ <"$2"' sh shared \
  "$work/never"
start python3 -c 'import fcntl, sys
file = open(sys.argv[1], "r+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("ready", flush=True)
open(sys.argv[2]).read()' shared "$work/never"
looked
expect_status 0
expect_out "fcntl, lockf"
expect_not_in_out "both use"
