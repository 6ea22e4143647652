# SPDX-License-Identifier: MIT
# Who still waits at the end of the trace is named, with whom for; who is gone is told from who waits.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

# This shell is alive, and began before now.
make_trace t <<END
t=$(($(date +%s) + 1)) pid=999999991 prog=php file=/srv/a
pid=999999992 prog=php op=shared file=/srv/b
pid=999999993 prog=php op=shared file=/srv/b
t=+0.001 pid=$$ tid=$$ prog=sh id=wait file=/srv/a
t=+0.001 pid=999999994 prog=php id=wait file=/srv/b
t=+0.002 pid=999999996 prog=php file=/srv/d
t=+0.001 pid=999999997 prog=php id=wait file=/srv/d
END

try "$LOCKSHIM" report t
expect_status 0
expect_out "Still waiting at the end of the trace:" \
  "sh[$$]" "4.00ms exclusive waits php[999999991]" "3.00ms exclusive gone"
expect_json t <<END
found = {w["file"]: (who(w["waiter"]), sorted(map(who, w["holders"])), w["wants"], w["gone"],
                     ms(w["waited"])) for w in d["waiting"]}
same(found, {
    "/srv/a": ("sh[$$]", ["php[999999991]"], "exclusive", False, 4),
    "/srv/b": ("php[999999994]", ["php[999999992]", "php[999999993]"], "exclusive", True, 3),
    "/srv/d": ("php[999999997]", ["php[999999996]"], "exclusive", True, 0),
})
same({f["file"]: f["waiting"] for f in d["files"]}, {"/srv/a": 1, "/srv/b": 1, "/srv/d": 1})
same(len(d["waits"]), 4)
END
