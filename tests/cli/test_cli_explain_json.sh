# SPDX-License-Identifier: MIT
# explain --json is one JSON document with the facts of the text.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3 to read JSON"
printf '[rule early]\nservice = web\nflock = fail\n[rule all]\nflock = ofd\n' | policy all.conf
odd=$(printf 'a "quoted"\\\nname')
: >"$odd"

try "$LOCKSHIM" explain -J -p all.conf -s mail -o shadow=no "$odd" .
expect_status 0
expect_quiet
python3 - "$work/out" "$here" "$odd" <<'END' || fail "not the JSON expected"
import json, sys
files = json.load(open(sys.argv[1]))["files"]
here, odd = sys.argv[2:]
assert [f["file"] for f in files] == [odd, "."], files
one = files[0]
assert one["path"] == here + "/" + odd and one["exists"] is True
assert one["rule"] == {"name": "all", "file": here + "/all.conf", "line": 4}, one["rule"]
assert one["earlier"][0]["key"] == "service", one["earlier"]
assert (one["earlier"][0]["wanted"], one["earlier"][0]["found"]) == ("web", "mail")
actions = {a["key"]: (a["value"], a["from"]) for a in one["actions"]}
assert actions["flock"] == ("ofd", here + "/all.conf:5"), actions
assert actions["shadow"] == ("no", "-o") and actions["unsafe"] == ("no", "default"), actions
calls = {c["call"]: c for c in one["calls"]}
assert calls["flock-ex"]["changed"] is True and calls["lockf"]["changed"] is False
assert one["passed"] is None and files[1]["passed"] == "a directory"
assert not any(c["changed"] for c in files[1]["calls"])
END

try "$LOCKSHIM" explain -J -p all.conf no/such/file
expect_status 1
python3 -c 'import json, sys; assert json.load(open(sys.argv[1])) == {"files": []}' "$work/out" ||
  fail "not an empty list"
