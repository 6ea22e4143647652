# SPDX-License-Identifier: MIT
# Who runs an earlier build after an upgrade is told from who runs the installed one.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
[ -z "$SANITIZER_RUNTIME" ] || skip "the sanitizer's runtime wants the one library"
cp "$LIBRARY" liblockshim.so
start_run --library ./liblockshim.so -o flock=ofd -- sh -c "$stays"
expect_cell "$pid" library current
before=$pid
cp "$LIBRARY" next
mv next liblockshim.so
expect_cell "$before" library old
expect_cell "$before" object "$here/liblockshim.so"
start_run --library ./liblockshim.so -o flock=ofd -- sh -c "$stays"
expect_cell "$pid" library current
rm liblockshim.so
expect_cell "$pid" library old

# A file may be called as the kernel marks one that is gone.
cp "$(command -v sleep)" 'nap (deleted)'
start_run --library "$LIBRARY" -o flock=ofd -- sh -c "echo ready; exec './nap (deleted)' 60"
until [ "$(readlink "/proc/$pid/exe")" = "$here/nap (deleted)" ]; do :; done
try "$LOCKSHIM" doctor --pid "$pid"
expect_out "executable     $here/nap (deleted)"

stop_all
cp "$LIBRARY" liblockshim.so
start_run --library ./liblockshim.so -o flock=ofd -- sh -c "$stays"
rm liblockshim.so
try "$LOCKSHIM" doctor --pid "$pid"
expect_status 1
expect_out "earlier build of the library"
