# SPDX-License-Identifier: MIT
# A converted lock is one row of what the program asked for, under the process that asked, whatever
# pieces the kernel has and whoever keeps it.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
[ -z "$SANITIZER_RUNTIME" ] || skip "python3 is not built with the sanitizer's runtime"
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH

python3 - <<'END' 2>"$work/err" || fail "not the locks expected"
from locks_lib import *
make("file")

# WHAT, POLICY, MODE to open with, orders (fd is put in), rows.
whole = lambda family, asked, mode: (family, asked, mode, 0, "EOF")
cases = [
    ("as it is", "flock=ofd", "rw", [["flock", "WRITE"]], [whole("OFD", "flock", "WRITE")]),
    ("shared", "flock=ofd", "r", [["flock", "READ"]], [whole("OFD", "flock", "READ")]),
    ("by a keeper", "flock=ofd", "r", [["flock", "WRITE"]], [whole("OFD", "flock", "WRITE")]),
    ("by a keeper, shared", "flock=ofd", "w", [["flock", "READ"]],
     [whole("OFD", "flock", "READ")]),
    ("no more by a keeper", "flock=ofd", "r", [["flock", "WRITE"], ["flock", "READ"]],
     [whole("OFD", "flock", "READ")]),
    ("by a stand-in", "flock=ofd;open-mode=reopen", "r", [["flock", "WRITE"]],
     [whole("OFD", "flock", "WRITE")]),
    ("both", "flock=both", "rw", [["flock", "WRITE"]],
     [whole("flock", "flock", "WRITE"), whole("OFD", "flock", "WRITE")]),
    ("as POSIX", "flock=posix", "rw", [["flock", "WRITE"]], [whole("POSIX", "flock", "WRITE")]),
    ("beside a range", "flock=ofd", "rw",
     [["posix", "WRITE", 10, 20], ["posix", "READ", 40, 10], ["flock", "WRITE"]],
     [whole("OFD", "flock", "WRITE"), ("POSIX", "POSIX", "WRITE", 10, 29),
      ("POSIX", "POSIX", "READ", 40, 49)]),
    ("beside the whole", "flock=ofd", "rw", [["posix", "WRITE", 0, 0], ["flock", "WRITE"]],
     [whole("POSIX", "POSIX", "WRITE"), whole("OFD", "flock", "WRITE")]),
    ("ranges", "fcntl=ofd", "rw", [["posix", "WRITE", 10, 20], ["posix", "READ", 40, 0]],
     [("OFD", "POSIX", "WRITE", 10, 29), ("OFD", "POSIX", "READ", 40, "EOF")]),
    ("two layers", "flock=ofd;fcntl=ofd", "rw",
     [["posix", "WRITE", 10, 20], ["posix", "READ", 40, 0], ["flock", "WRITE"]],
     [whole("OFD", "flock", "WRITE"), ("OFD", "POSIX", "WRITE", 10, 29),
      ("OFD", "POSIX", "READ", 40, "EOF")]),
    ("two layers, shared", "flock=ofd;fcntl=ofd", "rw",
     [["flock", "READ"], ["posix", "WRITE", 0, 1], ["posix", "READ", 5, 1]],
     [whole("OFD", "flock", "READ"), ("OFD", "POSIX", "WRITE", 0, 0),
      ("OFD", "POSIX", "READ", 5, 5)]),
    ("OFD as POSIX", "ofd=posix", "rw", [["ofd", "WRITE", 10, 20]],
     [("POSIX", None, "WRITE", 10, 29)]),
    # Loaded, and none of its making: the program's own.
    ("shadow", "flock=ofd;shadow=yes", "rw", [["flock", "READ"], ["ofd", "READ", 0, 0]],
     [whole("flock", "flock", "READ"), whole("OFD", "OFD", "READ")]),
    ("another key", "trace=all;trace-directory=" + os.getcwd(), "rw", [["ofd", "WRITE", 0, 0]],
     [whole("OFD", "OFD", "WRITE")]),
    ("none at all", None, "rw", [["ofd", "WRITE", 0, 0], ["flock", "READ"]],
     [whole("flock", "flock", "READ"), whole("OFD", "OFD", "WRITE")]),
]
for what, policy, mode, orders, wanted in cases:
    print(what, file=sys.stderr)
    actor = Actor(policy)
    fd = actor.open("file", mode)
    for word, *rest in orders:
        actor.do(word, fd, *rest)
    rows = locks("file")
    same(sorted(map(brief, rows), key=str), sorted(wanted, key=str))
    for row in rows:
        same((row["pid"], pids(row["holders"])), (actor.pid, {actor.pid}))
        same("converted" in row["notes"], row["asked"] not in (row["family"], None))
        same("keeper" in row["notes"], what.startswith("by a keeper"))
    actor.end()
    until(lambda: not locks("file")) # a keeper may need a moment

# Who waits: for what a keeper holds, by way of a keeper, by a part of a lock, through an upgrade.
def waits(how, policy, mode, order, first, second=("rw", ["flock", "READ"])):
    print(how, file=sys.stderr)
    one, two = Actor(first), Actor(policy)
    one.do(second[1][0], one.open("file", second[0]), *second[1][1:])
    fd = two.open("file", mode)
    for word, *rest in order[:-1]:
        two.do(word, fd, *rest)
    two.tell(order[-1][0], fd, *order[-1][1:], "wait")
    def there():
        return [row for row in locks("file") if row["waits"]]
    [row] = until(there)
    same((row["pid"], pids(row["blocker"])), (two.pid, {one.pid}))
    one.end()
    same(json.loads(two.answers.readline()), "done")
    until(lambda: not [row for row in locks("file") if row["waits"]])
    [held] = [row for row in locks("file") if row["asked"] == "flock"]
    same(held["pid"], two.pid)
    two.end()
    until(lambda: not locks("file"))
    return brief(row), row["notes"]

star = lambda asked, mode: ("OFD", asked, mode + "*", 0, "EOF")
same(waits("plainly", "flock=ofd", "rw", [["flock", "WRITE"]], "flock=ofd"),
     (star("flock", "WRITE"), ["converted"]))
same(waits("for a keeper", "flock=ofd", "rw", [["flock", "READ"]], "flock=ofd",
           ("r", ["flock", "WRITE"])), (star("flock", "READ"), ["converted"]))
same(waits("by a keeper", "flock=ofd", "r", [["flock", "WRITE"]], "flock=ofd"),
     (star("flock", "WRITE"), ["converted"]))
same(waits("by a keeper for an outsider", "flock=ofd", "r", [["flock", "WRITE"]], None,
           ("rw", ["posix", "READ", 3, 4])), (star("flock", "WRITE"), ["converted"]))
same(waits("through an upgrade", "flock=ofd;upgrade=atomic", "rw",
           [["flock", "READ"], ["flock", "WRITE"]], "flock=ofd"),
     (star("flock", "WRITE"), ["converted", "upgrading"]))

# A keeper that is killed leaves what it kept its lock for.
actor = Actor("flock=ofd")
actor.do("flock", actor.open("file", "r"), "WRITE")
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open(f"/proc/{pid}/comm") as comm, open(f"/proc/{pid}/fdinfo/0") as info:
            if comm.read() == "lockshim-keeper\n" and f":{os.stat('file').st_ino} " in info.read():
                os.kill(int(pid), 9)
    except OSError:
        pass
[row] = until(lambda: [row for row in locks("file") if "keeper-lost" in row["notes"]])
same((row["pid"], row["asked"]), (actor.pid, "flock"))
end_all()
END
