# SPDX-License-Identifier: MIT
# Requests, grants, contention, times and errors are counted as they were, by file, program and site.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"
export TZ=UTC

make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a site=/usr/bin/php+0x100
t=+0.002 pid=10 prog=php id=release file=/srv/a held=0.002 site=/usr/bin/php+0x200
t=+0.001 pid=10 prog=php file=/srv/a site=/usr/bin/php+0x100
t=+0.001 pid=11 prog=cron id=wait file=/srv/a blocker=10 site=/usr/sbin/cron+0x300
t=+0.005 pid=10 prog=php id=release call=close file=/srv/a held=0.006 site=/usr/bin/php+0x200
t=+0.000 pid=11 prog=cron file=/srv/a waited=0.005 site=/usr/sbin/cron+0x300
t=+0.001 pid=10 prog=php file=/srv/a err=EWOULDBLOCK site=/usr/bin/php+0x100
t=+0.001 pid=10 prog=php call=fcntl file=/srv/b err=EACCES site=/usr/bin/php+0x400
t=+0.001 pid=10 prog=php file=/srv/a err=ENOLCK site=/usr/bin/php+0x100
t=+0.001 pid=10 prog=php id=query call=fcntl file=/srv/b err=EBADF site=/usr/bin/php+0x400
t=+0.001 pid=11 prog=cron id=release file=/srv/a held=0.005 hazards=close,fork site=/usr/sbin/cron+0x300
END

try "$LOCKSHIM" report t
expect_status 0
expect_quiet
expect_text "t: 11 events of 2 processes, 14.0ms from 2023-11-14 22:13:20.000000 on

LOCKS CONTENDED WAIT-P50 WAIT-P99 WAIT-MAX HOLD-P99 HOLD-MAX ERRORS FILE
    3     40.0%   5.00ms   5.00ms   5.00ms   6.00ms   6.00ms      1 /srv/a
    0    100.0%        -        -        -        -        -      1 /srv/b

Who waited for whom:
WAITER   HOLDER  TIMES  TOTAL    MAX FILE
cron[11] php[10]     1 5.00ms 5.00ms /srv/a

Hazards (lockshim.conf(5)):
HAZARD TIMES PROGRAM CURE                                          FILE
close      1 cron    flock = ofd; for fcntl and lockf: fcntl = ofd /srv/a
fork       1 cron    flock = ofd; for fcntl and lockf: fcntl = ofd /srv/a"

expect_json t <<'END'
a, b = d["files"]
same([a["file"], a["requests"], a["locks"], a["contended"], a["refused"], a["errors"], a["waiting"]],
     ["/srv/a", 5, 3, 0.4, 1, 1, 0])
same([ms(a["wait-" + k]) for k in ("p50", "p99", "max", "total")], [5, 5, 5, 5])
same([ms(a["hold-" + k]) for k in ("p50", "p99", "max", "total")], [5, 6, 6, 13])
same(a["hazards"], ["close", "fork"])
same([b["file"], b["requests"], b["locks"], b["contended"], b["refused"], b["errors"]],
     ["/srv/b", 1, 0, 1, 1, 1])
same(b["hold-total"], 0)
t = d["trace"]
same([t["directory"], t["events"], t["processes"], t["discarded"], ms(t["end"] - t["begin"])],
     ["t", 11, 2, 0, 14])
END
expect_json --by program t <<'END'
cron, php = d["programs"]
same([cron["program"], cron["locks"], cron["contended"], ms(cron["hold-total"])], ["cron", 1, 1, 5])
same([php["program"], php["locks"], php["contended"], php["errors"]], ["php", 2, 0.4, 2])
same(ms(php["hold-total"]), 8)
same("inode" in php, False)
END
# The site of a hold is where the lock was taken.
expect_json --by site t <<'END'
same([(s["site"], s["locks"], s["errors"], ms(s["hold-total"])) for s in d["sites"]],
     [("cron+0x300", 1, 0, 5), ("php+0x100", 2, 1, 8), ("php+0x400", 0, 1, 0)])
END
