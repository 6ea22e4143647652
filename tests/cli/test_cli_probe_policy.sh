# SPDX-License-Identifier: MIT
# probe shows what the policy makes of the calls, and which pairs it has keep each other out.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

line() {
  sed -n "/^Policy/,\$p" "$work/out" | sed -n "s/  */ /g; /^$1 /p"
}
is() {
  [ "$(line "$1")" = "$2" ] || fail "expected the line: $2"
}

policy one.conf <<EOF
[rule here]
path = $here/**
service = mail
flock = ofd
EOF

try "$LOCKSHIM" probe -p one.conf -s mail .
expect_status 0
expect_out "Policy $here/one.conf, $here/one.conf:1:"
is 'flock EX OFD' 'flock EX OFD write lock, whole file'
expect_out 'fcntl EX unchanged'
# Held, asked for; now, with both, the holder alone, the asker alone under it.
is 'flock EX flock EX' 'flock EX flock EX refused refused granted granted'
is 'flock EX fcntl EX' 'flock EX fcntl EX granted refused refused granted'
is 'fcntl EX flock SH' 'fcntl EX flock SH granted refused granted refused'
is 'fcntl EX fcntl EX' ''

try "$LOCKSHIM" probe -p one.conf -s web --families flock .
expect_status 0
expect_out "Policy $here/one.conf, no rule:" \
  'No pair of processes is answered otherwise under it.'

try "$LOCKSHIM" probe -o flock=both --families flock,fcntl .
expect_status 0
expect_out 'no rule, with flock=both:'
is 'flock EX flock EX' ''
is 'flock EX fcntl EX' 'flock EX fcntl EX granted refused refused granted'

try "$LOCKSHIM" probe -o 'fcntl=succeed; unsafe=yes; flock=fail; fail-errno=EIO' \
  --families flock,fcntl .
expect_status 0
is 'fcntl EX fcntl EX' 'fcntl EX fcntl EX refused granted granted granted'
is 'flock SH flock SH' 'flock SH flock SH granted EIO EIO EIO'

try "$LOCKSHIM" probe -o 'flock=ofd; shadow=yes' --families flock .
expect_status 0
expect_out 'No pair of processes is answered otherwise under it.'

try "$LOCKSHIM" probe --json -o flock=ofd --families flock .
expect_status 0
python3 - "$work/out" <<'EOF' || fail 'the JSON is not as it should be'
import json, sys
found = json.load(open(sys.argv[1]))
assert found["families"] == ["flock"] and found["peer"] is None
assert found["policy"]["set"] == "flock=ofd" and found["policy"]["rule"] is None
assert found["policy"]["calls"][1]["becomes"] == "OFD write lock, whole file"
exclusive = [p for p in found["pairs"] if p["process"] == "other"
             and p["held"]["mode"] == p["asked"]["mode"] == "EX"]
assert [p["answer"] for p in exclusive] == ["refused"]
assert exclusive[0]["under"] == {"both": "refused", "holder": "granted", "asker": "granted"}
took = [c["took"] for c in found["cases"] if c["case"] == "handed-on-kill"]
assert len(took) == 1 and took[0] > 0
EOF
