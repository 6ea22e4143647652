# SPDX-License-Identifier: MIT
# ps has columns to choose, and JSON with all of them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ps_lib.sh"
start_run -o flock=ofd -s 'a b' -- sh -c "$stays"

try "$LOCKSHIM" ps -n -o pid,SERVICE
expect_status 0
expect_out "$pid a b"
try "$LOCKSHIM" ps -o +since
[ "$(head -n 1 "$work/out" | tr -s ' ' | sed 's/^ //')" = \
  "PID COMMAND SERVICE STATE LIBRARY HASH POLICY SINCE" ] || fail "not the columns expected"
try "$LOCKSHIM" ps -o pid,nothing
expect_status 2
expect_err "unknown column 'nothing'"
try "$LOCKSHIM" ps operand
expect_status 2

command -v python3 >/dev/null || skip "no python3 to read JSON"
try "$LOCKSHIM" ps --json
expect_status 0
python3 - "$work/out" "$pid" "$LIBRARY" <<'END' || fail "not the JSON expected"
import json, os, sys
path, pid, library = sys.argv[1:]
one = [p for p in json.load(open(path))["processes"] if p["pid"] == int(pid)][0]
assert one["service"] == "a b" and one["state"] == "converts", one
assert one["library"] == "current" and one["uid"] == os.getuid(), one
assert os.path.samefile(one["object"], library), one
assert len(one["full-hash"]) == 16 and one["full-hash"].startswith(one["hash"]), one
assert one["why"] is None, one
END
