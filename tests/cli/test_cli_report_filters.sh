# SPDX-License-Identifier: MIT
# A filter chooses whose requests are reported; who stood in their way is seen all the same.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a
t=+0.001 pid=11 prog=cron id=wait file=/srv/a
t=+0.010 pid=10 prog=php id=release file=/srv/a held=0.011
pid=11 prog=cron file=/srv/a waited=0.010
t=+0.001 pid=10 prog=php id=wait file=/srv/a
t=+0.002 pid=11 prog=cron id=release file=/srv/a held=0.003
pid=10 prog=php file=/srv/a waited=0.002
pid=10 prog=php op=shared file=/srv/b hazards=two-names
pid=12 prog=cron id=wait file=/srv/a
END

expect_json --program cron t <<'END'
same([(f["file"], f["requests"], round(ms(f["hold-total"])), f["waiting"]) for f in d["files"]],
     [("/srv/a", 1, 3, 1)])
same(sorted(waits()), [("cron[11]", "php[10]", "/srv/a"), ("cron[12]", "php[10]", "/srv/a")])
same([who(w["waiter"]) for w in d["waiting"]], ["cron[12]"])
same(d["hazards"], [])
END
expect_json --min-wait 5ms t <<'END'
same([(f["file"], f["requests"], f["contended"]) for f in d["files"]], [("/srv/a", 1, 1)])
same(sorted(waits()), [("cron[11]", "php[10]", "/srv/a")])
END
expect_json --path '/srv/b' t <<'END'
same([(f["file"], f["requests"]) for f in d["files"]], [("/srv/b", 1)])
same([h["hazard"] for h in d["hazards"]], ["two-names"])
same(d["waits"], [])
END
expect_json --pid 10 --operation exclusive t <<'END'
same([(f["file"], f["requests"]) for f in d["files"]], [("/srv/a", 2)])
same(sorted(waits()), [("php[10]", "cron[11]", "/srv/a")])
END
expect_json --operation lock t <<'END'
same([who(w["waiter"]) for w in d["waiting"]], ["cron[12]"])
END
try "$LOCKSHIM" report --perfetto - --min-wait 5ms t
python3 - "$work/out" <<'END' || fail "not the timeline expected"
import json, sys
spans = [e for e in json.load(open(sys.argv[1]))["traceEvents"] if e["ph"] == "X"]
assert [(e["pid"], e["cat"]) for e in spans if e["cat"] == "waiting"] == [(11, "waiting")], spans
END
