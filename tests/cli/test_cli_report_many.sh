# SPDX-License-Identifier: MIT
# Of many lines the text shows the first, and says how many there are; -n and JSON have all. More
# locks of a file than are followed are said.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

{
  echo "t=1700000000 pid=10 prog=php id=query file=/srv/a"
  for i in $(seq 1 1200); do
    echo "pid=10 prog=php file=/srv/$i"
  done
  for i in $(seq 1 518); do
    echo "pid=11 prog=dbm call=fcntl file=/srv/ranges start=$((i * 10)) len=1"
  done
  # 70 processes wait for one file, each for all before it: 2,415 pairs, and half as many again.
  echo "pid=100 prog=php file=/srv/hot"
  for i in $(seq 101 169); do
    echo "t=+0.001 pid=$i prog=php id=wait file=/srv/hot"
  done
  for i in $(seq 101 169); do
    echo "t=+0.001 pid=$((i - 1)) prog=php id=release file=/srv/hot held=0.001"
    echo "t=+0.000 pid=$i prog=php file=/srv/hot waited=0.001"
  done
} | make_trace t

try "$LOCKSHIM" report t
expect_status 0
expect_err "6 locks were forgotten"
expect_out "and 202 more lines, which --json has" "and 39 more pairs, which --json has" \
  "php[*] php[100]    69"
[ "$(wc -l <"$work/out")" -eq 1038 ] || fail "expected the first lines alone"
try "$LOCKSHIM" report -n t
[ "$(wc -l <"$work/out")" -eq 1202 ] || fail "expected all lines"
try "$LOCKSHIM" report --json t
python3 - "$work/out" <<'END' || fail "not the report expected"
import json, sys
d = json.load(open(sys.argv[1]))
assert len(d["files"]) == 1202, len(d["files"])
assert len(d["waits"]) == 69 * 70 // 2, len(d["waits"])
assert {w["waiter"]["pid"] for w in d["waits"]} == set(range(101, 170))
END
