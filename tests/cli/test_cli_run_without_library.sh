# SPDX-License-Identifier: MIT
# No library: nothing is run, and the message says what to do.
. "$(dirname "$0")/lib.sh"

mkdir bin
cp "$LOCKSHIM" bin/
try bin/lockshim run touch ran
[ "$status" -ne 0 ] || skip "a library is installed on this machine"
expect_status 2
expect_err "liblockshim.so: not there" "install" "--library FILE"
[ ! -e ran ] || fail "the command was run"
