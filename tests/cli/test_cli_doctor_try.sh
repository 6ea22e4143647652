# SPDX-License-Identifier: MIT
# doctor --try asks the kernel on a scratch file, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
: >none.conf
mkdir place

row() { # HOLDER
  sed -n '/^Tried/,/^$/p' "$work/out" | awk -v row="$1" 'index($0, row) == 1' | tr -s ' '
}

try "$LOCKSHIM" doctor -p none.conf --try place
expect_status 0
[ "$(row flock)" = "flock yes no no" ] || fail "flock"
[ "$(row fcntl)" = "fcntl, lockf no yes yes" ] || fail "fcntl"
[ "$(row OFD)" = "OFD no yes yes" ] || fail "OFD"
[ -z "$(ls -A place)" ] || fail "left behind: $(ls -A place)"
try "$LOCKSHIM" doctor -p none.conf place
expect_not_in_out "Tried"

# What is preloaded into doctor itself has no part in it.
try env LD_PRELOAD="${SANITIZER_RUNTIME:+$SANITIZER_RUNTIME:}$LIBRARY" LOCKSHIM_SET=flock=ofd \
  LOCKSHIM_POLICY="$here/none.conf" "$LOCKSHIM" doctor --try place
[ "$(row flock)" = "flock yes no no" ] || fail "flock under the library"

if [ "$(id -u)" -ne 0 ]; then
  chmod 500 place
  try "$LOCKSHIM" doctor -p none.conf --try place
  expect_status 0
  expect_out "not tried:"
fi
command -v python3 >/dev/null || skip "no python3 to read JSON"
try "$LOCKSHIM" doctor -p none.conf --try --json .
python3 - "$work/out" <<'END' || fail "not the JSON expected"
import json, sys
one = json.load(open(sys.argv[1]))["subjects"][0]
assert one["tried"]["flock"] == {"flock": "yes", "fcntl": "no", "ofd": "no"}, one
assert one["families"]["flock-meets-record"] in ("no", "yes", "unknown")
assert one["problems"] == [] and one["policy-lines"] == []
END
