# SPDX-License-Identifier: MIT
# Names in a trace forge no line, no escape sequence and no JSON; no length is too much.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
export TZ=UTC

# PATH_MAX's longest path, and one as long as a name can be.
long=$(printf '/%0254d' 0 | sed 's/0/x/g')
"$MAKE_TRACE" t <<END || fail "make_trace"
t=5 pid=10 prog=a\n\x1b[31m file=/srv/\x1b]0;owned\x07\n-- fd=3 rule=web\n
t=6 pid=10 prog=a\n\x1b[31m file=/"><\\\\\x017\xc3\xa4\xff\xc2\x9b\x7f
t=7 pid=10 prog=a\n\x1b[31m file=$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long$long
END
try "$LOCKSHIM" trace t
expect_status 0
expect_quiet
if LC_ALL=C grep -q '[^ -~]' "$work/out"; then fail "bytes that are not printable ASCII"; fi
[ "$(wc -l <"$work/out")" -eq 4 ] || fail "not four lines"
expect_out '00:00:05.000000 a\n\33[31m[10] flock(3</srv/\33]0;owned\7\n-->, LOCK_EX|LOCK_NB) = 0, rule web\n'
expect_out 'flock(3</\"\>\<\\\0017\303\244\377\302\233\177>, LOCK_EX|LOCK_NB)'
expect_out "flock(3<$long$long"

try "$LOCKSHIM" trace -J t
expect_status 0
python3 - "$work/out" "$long" <<'END' || fail "not the JSON expected"
import json, sys
lines = open(sys.argv[1], "rb").read().split(b"\n")
assert len(lines) == 4 and not lines[3], len(lines)
one, two, three = (json.loads(line) for line in lines[:3])
assert one["program"] == "a\n\x1b[31m" and one["rule"] == "web\n", one
assert one["path"] == "/srv/\x1b]0;owned\x07\n--", one
assert two["path"].encode("utf-8", "surrogateescape") == b'/"><\\\x017\xc3\xa4\xff\xc2\x9b\x7f', two
# A name is cut at 4,095 bytes by who writes it; here it is one byte short of that.
assert three["path"] == sys.argv[2] * 16, len(three["path"])
END

# The names of files in the directory are said, and can't do more than that.
: >"$(printf 't/\033[31m\nx')"
echo 'this is not a stream of a trace at all, and it is longer than a head of 128 bytes, which is
the least that a stream can have, so that it is looked at' >>"$(printf 't/\033[31m\nx')"
try "$LOCKSHIM" trace t
expect_status 1
expect_err 't/\33[31m\nx: it does not begin as a stream of a trace'
