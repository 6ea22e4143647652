# SPDX-License-Identifier: MIT
# A wait is charged to who held a lock in its way, each for as long.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

# Two holders in turn; who holds other bytes, another family or a shared lock beside one is in
# nobody's way.
make_trace turns <<'END'
t=1700000000 pid=10 prog=php file=/srv/a
pid=30 prog=dbm call=fcntl file=/srv/a start=0 len=10
t=+0.001 pid=11 prog=php id=wait file=/srv/a
t=+0.001 pid=12 prog=cron id=wait file=/srv/a
t=+0.002 pid=10 prog=php id=release file=/srv/a
t=+0.000 pid=12 prog=cron file=/srv/a waited=0.002
t=+0.004 pid=12 prog=cron id=release call=exit file=/srv/a
t=+0.000 pid=11 prog=php file=/srv/a waited=0.007
t=+0.001 pid=31 prog=dbm id=wait call=fcntl file=/srv/a start=5 len=1
pid=32 prog=dbm id=wait call=fcntl file=/srv/a start=10 len=0 blocker=77
t=+0.001 pid=30 prog=dbm id=release call=fcntl file=/srv/a start=0 len=10
pid=31 prog=dbm call=fcntl file=/srv/a start=5 len=1 waited=0.001
pid=32 prog=dbm call=fcntl file=/srv/a start=10 len=0 waited=0.001
t=+1 pid=40 prog=r op=shared file=/srv/b
pid=41 prog=r op=shared file=/srv/b
pid=42 prog=r op=shared file=/srv/b id=wait
t=+0.001 pid=42 prog=r op=shared file=/srv/b waited=0.001
END
expect_json turns <<'END'
same({k: (t, round(total)) for k, (t, total, most) in waits().items()}, {
    ("php[11]", "php[10]", "/srv/a"): (1, 3),
    ("php[11]", "cron[12]", "/srv/a"): (1, 4),
    ("cron[12]", "php[10]", "/srv/a"): (1, 2),
    ("dbm[31]", "dbm[30]", "/srv/a"): (1, 1),
    ("dbm[32]", "pid 77", "/srv/a"): (1, 1),
    ("r[42]", "unknown", "/srv/b"): (1, 1),
})
END

# A flock and a record lock that became one family are in each other's way.
make_trace families <<'END'
t=1700000000 pid=10 prog=php file=/srv/a used=OFD
pid=11 prog=php file=/srv/a used=OFD err=EAGAIN
t=+0.001 pid=12 prog=dbm call=fcntl id=wait file=/srv/a
t=+0.001 pid=10 prog=php id=release file=/srv/a used=OFD
pid=12 prog=dbm call=fcntl file=/srv/a waited=0.001
t=+0.001 pid=13 prog=php id=wait file=/srv/a
t=+0.002 pid=12 prog=dbm call=fcntl id=release file=/srv/a
pid=13 prog=php file=/srv/a waited=0.002 used=OFD
END
expect_json families <<'END'
same({k: (t, round(total)) for k, (t, total, most) in waits().items()}, {
    ("dbm[12]", "php[10]", "/srv/a"): (1, 1),
    ("php[13]", "dbm[12]", "/srv/a"): (1, 2),
})
END

# A release may bear a later time than the grant that it made way for.
make_trace late <<'END'
t=1700000000 pid=10 prog=php file=/srv/a
t=+0.001 pid=11 prog=php id=wait file=/srv/a
t=+0.001 pid=11 prog=php file=/srv/a waited=0.001
t=+0.001 pid=10 prog=php id=release file=/srv/a held=0.003
t=+0.004 pid=12 prog=php id=wait file=/srv/a
t=+0.001 pid=11 prog=php id=release file=/srv/a held=0.006
pid=12 prog=php file=/srv/a waited=0.001
t=+0.001 pid=12 prog=php id=release file=/srv/a held=0.001
END
expect_json late <<'END'
same({k: (t, round(total)) for k, (t, total, most) in waits().items()}, {
    ("php[11]", "php[10]", "/srv/a"): (1, 1),
    ("php[12]", "php[11]", "/srv/a"): (1, 1),
})
same([round(ms(d["files"][0]["hold-" + k])) for k in ("p50", "max", "total")], [2, 6, 9])
END

# A holder that was killed leaves no release: the next grant ends its lock. So does an upgrade that
# lets go of the shared one first.
make_trace killed <<'END'
t=1700000000 pid=10 prog=php file=/srv/a
t=+0.001 pid=11 prog=php id=wait file=/srv/a
t=+0.002 pid=11 prog=php file=/srv/a waited=0.002
t=+0.001 pid=12 prog=php id=wait file=/srv/a
t=+0.001 pid=11 prog=php id=release file=/srv/a
pid=12 prog=php file=/srv/a waited=0.001
t=+1 pid=20 prog=up op=shared file=/srv/b
pid=21 prog=up op=shared file=/srv/b
t=+0.001 pid=20 prog=up id=wait file=/srv/b
t=+0.001 pid=21 prog=up id=wait file=/srv/b
t=+0.000 pid=20 prog=up file=/srv/b waited=0.001 flags=converted
t=+0.003 pid=20 prog=up id=release file=/srv/b
pid=21 prog=up file=/srv/b waited=0.003 flags=converted
END
expect_json killed <<'END'
same({k: (t, round(total)) for k, (t, total, most) in waits().items()}, {
    ("php[11]", "php[10]", "/srv/a"): (1, 2),
    ("php[12]", "php[11]", "/srv/a"): (1, 1),
    ("up[20]", "up[21]", "/srv/b"): (1, 1),
    ("up[21]", "up[20]", "/srv/b"): (1, 3),
})
same(cycles(), [])
END

# What flock(1) takes for its shell stays held when it exits, and goes with the next grant; what a
# child lets go of goes for all.
make_trace handed <<'END'
t=1700000000 pid=10 prog=flock file=/srv/a fd=9 flags=inherited
t=+0.001 pid=10 prog=flock id=release call=exit file=/srv/a fd=9 flags=inherited held=0.001
t=+0.001 pid=11 prog=php id=wait file=/srv/a fd=3
t=+0.002 pid=11 prog=php file=/srv/a fd=3 waited=0.002
t=+0.001 pid=12 prog=php id=wait file=/srv/a fd=3
t=+0.001 pid=11 prog=php id=release file=/srv/a fd=3
pid=12 prog=php file=/srv/a fd=3 waited=0.001 flags=inherited
t=+0.001 pid=13 prog=child id=release file=/srv/a fd=3 flags=inherited
t=+0.001 pid=14 prog=php id=wait file=/srv/a fd=3 blocker=99
t=+0.001 pid=14 prog=php file=/srv/a fd=3 waited=0.001
END
expect_json handed <<'END'
same({k: (t, round(total)) for k, (t, total, most) in waits().items()}, {
    ("php[11]", "flock[10]", "/srv/a"): (1, 2),
    ("php[12]", "php[11]", "/srv/a"): (1, 1),
    ("php[14]", "pid 99", "/srv/a"): (1, 1),
})
END

# A trace that begins late: the grant and the wait are not in it.
make_trace begun <<'END'
t=1700000000 pid=10 prog=php id=release file=/srv/a held=0.5
t=+0.001 pid=11 prog=php file=/srv/a
t=+0.004 pid=12 prog=php file=/srv/a waited=0.3
t=+0.001 pid=11 prog=php id=release file=/srv/a held=0.005
END
expect_json begun <<'END'
same([ms(d["files"][0][k]) for k in ("hold-max", "wait-max")], [500, 300])
same({k: (t, round(total)) for k, (t, total, most) in waits().items()},
     {("php[12]", "php[11]", "/srv/a"): (1, 4)})
END
