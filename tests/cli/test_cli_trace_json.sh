# SPDX-License-Identifier: MIT
# trace --json is one object a line, with the fields that the manual has, in that order.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3 to read JSON"

"$MAKE_TRACE" t <<'END' || fail "make_trace"
t=1700000000.123456789 pid=10 tid=11 prog=php uid=33 file=/srv/s used=flock,OFD flags=keeper,read-only op=shared fd=7 site=/usr/lib/libx.so+0x1f rule=web dev=8:17 ino=18446744073709551615 waited=0.2 start=-1 len=9223372036854775807
t=1700000001 pid=10 id=wait call=fcntl blocker=77
t=1700000002 pid=10 err=EDEADLK hazards=deadlock,close call=lockf
t=1700000003 pid=10 err=524
END
try "$LOCKSHIM" trace --json t
expect_status 0
expect_quiet
python3 - "$work/out" "${SOURCE:?}/docs/lockshim.1.scd" <<'END' || fail "not the JSON expected"
import json, re, sys
lines = open(sys.argv[1]).read().splitlines()
one, two, three, four = (json.loads(line) for line in lines)
process = one.pop("process")
assert int(process, 16), process
assert one == {
    "time": 1700000000123456789, "event": "lock", "pid": 10, "tid": 11, "program": "php",
    "uid": 33, "call": "flock", "operation": "shared", "asked": "flock", "used": "flock and OFD",
    "flags": ["blocking", "waited", "keeper", "read-only"], "fd": 7, "error": 0, "errno": None,
    "hazards": [], "device": "8:17", "inode": 18446744073709551615, "path": "/srv/s", "start": -1,
    "length": 9223372036854775807, "waited": 200000000, "held": None, "blocker": 0, "rule": "web",
    "module": "/usr/lib/libx.so", "offset": 31}, one
assert (two["event"], two["call"], two["blocker"]) == ("wait", "fcntl", 77), two
assert two["path"] is None and two["rule"] is None and two["module"] is None, two
assert (three["error"], three["errno"]) == (35, "EDEADLK"), three
assert three["hazards"] == ["close", "deadlock"], three
assert (four["error"], four["errno"]) == (524, None), four

order = [key for key, _ in json.loads(lines[0], object_pairs_hook=list)]
manual = open(sys.argv[2]).read().split("\n# TRACE OUTPUT\n")[1].split("\n# ")[0]
fields = re.findall(r"^\*(\S+)\*$", manual, re.M)
assert order == fields, (order, fields)
END
