# SPDX-License-Identifier: MIT
# locks names who waits and for whom: all that hold what is in the way, of the families that meet.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH

python3 - <<'END' 2>"$work/err" || fail "not the waiters expected"
from locks_lib import *
make("ofd", "flock", "posix", "twins")

# An OFD lock that two have is waited for by an OFD lock and a POSIX lock.
one = Actor()
fd = one.open("ofd")
one.do("ofd", fd, "WRITE", 10, 10)
one.do("flock", fd, "WRITE")
two = one.fork()
three, four, five = Actor(), Actor(), Actor()
five.tell("ofd", five.open("ofd"), "WRITE", 15, 2, "wait") # the highest number first
until_rows(3, "ofd")
four.tell("posix", four.open("ofd"), "WRITE", 15, 1, "wait")
until_rows(4, "ofd")
three.tell("ofd", three.open("ofd"), "READ", 0, 0, "wait")
rows = {row["pid"]: row for row in until_rows(5, "ofd") if row["waits"]}
same({pid: brief(row) for pid, row in rows.items()},
     {three.pid: ("OFD", "OFD", "READ*", 0, "EOF"),
      four.pid: ("POSIX", "POSIX", "WRITE*", 15, 15),
      five.pid: ("OFD", "OFD", "WRITE*", 15, 16)})
same([pids(row["blocker"]) for row in rows.values()], [{one.pid, two.pid}] * 3)
same([row["holders"] for row in rows.values()], [[]] * 3)
same({row["path"] for row in rows.values()}, {os.path.abspath("ofd")})

# Of one range alone.
same({row["pid"] for row in locks("--range", "0-5", "ofd") if row["waits"]}, {three.pid})
same({row["pid"] for row in locks("--range", "16", "ofd") if row["waits"]}, {three.pid, five.pid})

# As soon as nobody holds it, who waited does.
one.do("close", fd)
same(len(locks("ofd")), 5)
two.do("close", fd)
for who in (three, four, five):
    held = until(lambda: [row for row in locks("ofd") if not row["waits"]])
    [first] = held
    asker = next(a for a in (three, four, five) if a.pid == first["pid"])
    same(json.loads(asker.answers.readline()), "done")
    asker.end()
same(locks("ofd"), [])

# One waits for two readers, of whom one came through a descriptor of its own; another behind it.
six, seven, eight, nine = Actor(), Actor(), Actor(), Actor()
six.do("flock", six.open("flock"), "READ")
seven.do("flock", seven.open("flock"), "READ")
eight.tell("flock", eight.open("flock"), "WRITE", "wait")
until_rows(3, "flock")
nine.tell("flock", nine.open("flock"), "WRITE", "wait")
rows = until_rows(4, "flock")
same([pids(row["blocker"]) for row in rows if row["waits"]], [{six.pid, seven.pid}] * 2)
said = ask("-n", "-o", "pid,mode,blocker", "flock").stdout.split("\n")
same([set(line.split()[2].split(",")) for line in said if "*" in line],
     [{str(six.pid), str(seven.pid)}] * 2)

# POSIX locks are the process's: what another descriptor of its own holds is not in its way.
ten, eleven = Actor(), Actor()
ten.do("posix", ten.open("posix"), "READ", 0, 10)
eleven.do("posix", eleven.open("posix"), "READ", 0, 10)
eleven.tell("posix", eleven.open("posix"), "WRITE", 0, 10, "wait")
rows = until_rows(3, "posix")
same([pids(row["blocker"]) for row in rows if row["waits"]], [{ten.pid}])

# Two threads of one process wait for two ranges.
twelve, thirteen = Actor(), Actor()
fd = twelve.open("twins")
twelve.do("ofd", fd, "WRITE", 0, 1)
twelve.do("ofd", twelve.open("twins"), "WRITE", 5, 1)
fd = thirteen.open("twins")
thirteen.tell("ofd", fd, "WRITE", 0, 1, "wait")
thirteen.tell("ofd", fd, "WRITE", 5, 1, "wait")
rows = until_rows(4, "twins")
same([(row["pid"], row["start"]) for row in rows if row["waits"]],
     [(thirteen.pid, 0), (thirteen.pid, 5)])
for actor in (six, seven, ten, twelve):
    actor.end()
end_all()
END
