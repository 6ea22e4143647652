# SPDX-License-Identifier: MIT
# A server that does not answer hangs nobody who asks about another file.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
for tool in bindfs fusermount3 timeout; do
  command -v $tool >/dev/null || {
    [ -z "${TESTS_MUST_RUN:-}" ] || fail "no $tool"
    skip "no $tool (bindfs, fuse3, coreutils)"
  }
done
[ -c /dev/fuse ] || skip "no /dev/fuse"
: >none.conf
mkdir source mounted
: >source/file
: >local

bindfs -f -o attr_timeout=0,entry_timeout=0 source mounted 2>/dev/null &
server=$!
trap 'kill -CONT $server 2>/dev/null; stop_all; fusermount3 -u mounted 2>/dev/null ||
  umount -l mounted 2>/dev/null; kill $server 2>/dev/null; wait; cd /; rm -rf "$work"' EXIT
tries=0
until grep -q " $here/mounted " /proc/self/mountinfo; do
  kill -0 $server 2>/dev/null || skip "bindfs cannot mount here"
  tries=$((tries + 1))
  [ $tries -lt 100000 ] || fail "bindfs did not mount"
done
start sh -c "$stays" sh mounted/file
kill -STOP $server
try timeout -s KILL 60 "$LOCKSHIM" doctor -p none.conf local
expect_status 0
try timeout -s KILL 60 "$LOCKSHIM" doctor --pid "$pid"
expect_status 1
expect_out "flock $here/mounted/file"
