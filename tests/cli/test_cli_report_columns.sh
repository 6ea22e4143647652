# SPDX-License-Identifier: MIT
# -o chooses columns, by names that help, manual and JSON have alike; -n leaves the rows alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a dev=8:17 ino=42
t=+0.001 pid=10 prog=php id=release file=/srv/a dev=8:17 ino=42
pid=10 prog=php file=/srv/b dev=8:17 ino=43 err=EAGAIN hazards=two-names
END

try "$LOCKSHIM" report -n -o file,locks,maj:min,INODE,hazards t
expect_status 0
expect_quiet
expect_text "/srv/b     0    8:17    43 two-names
/srv/a     1    8:17    42 "
try "$LOCKSHIM" report -n --by program -o +REQUESTS,NAME t
expect_text "    1     50.0%        -        -        -   1.00ms   1.00ms      0 php            2 php"
try "$LOCKSHIM" report -o locks,name t
expect_out "t: 3 events of 1 process" "LOCKS FILE" "    1 /srv/a" "Hazards"
expect_not_in_out "CONTENDED"
expect_json -o inode t <<'END'
same(d["files"], [{"inode": 43}, {"inode": 42}])
END

for wrong in "locks,lokcs" "+" "" "program"; do
  try "$LOCKSHIM" report -o "$wrong" t
  expect_status 2
  expect_err "--output: unknown column '" "see lockshim report --help"
done
try "$LOCKSHIM" report --by day t
expect_status 2
expect_err "--by day: it is one of file, program, site" "Try 'lockshim report --help'"

# Each column that there is, in the order of JSON.
try "$LOCKSHIM" report --json t
python3 -c '
import json, sys
print("\n".join(key.upper() for key in json.load(open(sys.argv[1]))["files"][0]))' "$work/out" |
  sed 's/^FILE$/NAME/' >columns
try "$LOCKSHIM" report --help
sed -n '/^Available output columns:/,/^$/ s/^ *\([A-Z0-9:-]*\)  .*/\1/p' "$work/out" >help
diff columns help >"$work/err" || fail "help has other columns"
if [ -e "$MANUAL/lockshim.1" ]; then
  for column in $(cat columns); do
    sed 's/\\-/-/g' "$MANUAL/lockshim.1" | grep -qF "$column" || fail "not in the manual: $column"
  done
fi
