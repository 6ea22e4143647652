# SPDX-License-Identifier: MIT
# --perfetto writes spans, lanes that nothing overlaps in, and an arrow for each hand-off.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

# What was held before the trace began is shown from there on.
make_trace before <<'END'
t=1700000000 pid=10 prog=php id=query file=/srv/a
t=+0.001 pid=10 prog=php id=release file=/srv/a held=5
END
try "$LOCKSHIM" report --perfetto - before
python3 - "$work/out" <<'END' || fail "not the timeline expected"
import json, sys
spans = [e for e in json.load(open(sys.argv[1]))["traceEvents"] if e["ph"] == "X"]
assert [(e["ts"], e["dur"]) for e in spans] == [(0, 1000)], spans
END

make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a rule=web site=/usr/bin/php+0x10
t=+0.001 pid=10 prog=php file=/srv/b fd=4
t=+0.001 pid=11 tid=13 prog=cron id=wait file=/srv/a
t=+0.001 pid=10 prog=php id=release file=/srv/a held=0.003
t=+0.0005 pid=11 tid=13 prog=cron file=/srv/a waited=0.0015
t=+0.001 pid=12 prog=cron id=wait file=/srv/a
t=+0.002 pid=12 prog=cron file=/srv/a waited=0.002
t=+0.001 pid=11 tid=13 prog=cron id=release file=/srv/a held=0.004
t=+0.001 pid=10 prog=php id=release file=/srv/b fd=4 held=0.0075
t=+0.001 pid=12 prog=cron file=/srv/c err=ENOLCK hazards=two-names
END
try "$LOCKSHIM" report --perfetto out.json t
expect_status 0
expect_quiet
expect_text ""
python3 - out.json <<'END' || fail "not the timeline expected"
import json, sys
events = json.load(open(sys.argv[1]))["traceEvents"]
of = lambda phase: [e for e in events if e["ph"] == phase]
spans = {(e["pid"], e["name"], e["ts"]): e for e in of("X")}
times = {key: e["dur"] for key, e in spans.items()}
assert times == {
    (10, "held /srv/a", 0): 3000, (10, "held /srv/b", 1000): 7500,
    (11, "waiting /srv/a", 2000): 1500, (11, "held /srv/a", 3500): 3000,
    (12, "waiting /srv/a", 4500): 2000,
    (12, "held /srv/a", 6500): 3000}, times
args = spans[10, "held /srv/a", 0]["args"]
assert args == {"mode": "exclusive", "asked": "flock", "used": "flock", "fd": 3, "start": 0,
                "length": 0, "end": "released", "rule": "web", "site": "php+0x10"}, args
names = {(e["pid"], e["name"]): e["args"]["name"] for e in of("M")}
assert names[10, "process_name"] == "php" and names[12, "process_name"] == "cron"
threads = {(e["pid"], e["tid"]) for e in of("M") if e["name"] == "thread_name"}
lanes = {}
for e in of("X"):
    assert (e["pid"], e["tid"]) in threads, e
    lanes.setdefault((e["pid"], e["tid"]), []).append((e["ts"], e["ts"] + e["dur"]))
for spans_of_lane in lanes.values():
    spans_of_lane.sort()
    assert all(a[1] <= b[0] for a, b in zip(spans_of_lane, spans_of_lane[1:])), lanes
assert (11, 13) in lanes
starts, ends = ({e["id"]: e for e in of(phase)} for phase in "sf")
assert len(starts) == len(of("s")) == 2 and starts.keys() == ends.keys(), (starts, ends)
def inside(arrow, name):
    return [e["pid"] for e in of("X") if (e["pid"], e["tid"]) == (arrow["pid"], arrow["tid"])
            and e["name"] == name and e["ts"] <= arrow["ts"] < e["ts"] + e["dur"]]
hands = sorted((inside(starts[i], "held /srv/a"), inside(ends[i], "waiting /srv/a")) for i in starts)
assert hands == [([10], [11]), ([11], [12])], hands
assert sorted(e["name"] for e in of("i")) == ["error ENOLCK", "hazard two-names"]
END
