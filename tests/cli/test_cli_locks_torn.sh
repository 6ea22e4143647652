# SPDX-License-Identifier: MIT
# A lock that is held throughout is there, once, in a list of many pages that others change all the
# time, and so is its holder. A list that is said to be torn may have it twice: of four such one is
# right.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH

cat >churn.py <<'END'
"""Takes and drops locks on 200 bytes each of its own file until told to end."""
import fcntl, os, random, select, struct, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
locked = set()
print("begun", flush=True)
while not select.select([0], [], [], 0)[0]:
    for _ in range(100):
        byte = 2 * random.randrange(200)
        kind = fcntl.F_UNLCK if byte in locked else fcntl.F_WRLCK
        locked ^= {byte}
        fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", kind, os.SEEK_SET, byte, 1, 0))
END
python3 - <<'END' 2>"$work/err" || fail "not the locks expected"
from locks_lib import *
make("still", "waited")
one, two, three = Actor(), Actor(), Actor()
one.do("posix", one.open("still"), "WRITE", 10, 5)
two.do("flock", two.open("still"), "READ")
two.do("ofd", two.open("waited"), "WRITE", 3, 3)
three.tell("ofd", three.open("waited"), "WRITE", 0, 0, "wait")
churners = [subprocess.Popen([sys.executable, "churn.py", f"churn-{n}"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE) for n in range(2)]
for churner in churners:
    churner.stdout.readline()
wanted = [("OFD", 0, True, three.pid, {two.pid}), ("OFD", 3, False, two.pid, set()),
          ("POSIX", 10, False, one.pid, set()), ("flock", 0, False, two.pid, set())]
paths = {os.path.abspath(name) for name in ("still", "waited")}
torn = 0
for turn in range(10):
    for look in range(4):
        said = ask("--json", *(["still", "waited"] if turn % 2 else []))
        same(said.returncode, 0)
        document = json.loads(said.stdout)
        torn += document["torn"]
        same("locks came and went" in said.stderr, document["torn"])
        got = [(r["family"], r["start"], r["waits"], r["pid"], pids(r["blocker"]))
               for r in document["locks"] if r["path"] in paths]
        if sorted(got, key=str) == wanted or not document["torn"]:
            break
        same([lock for lock in wanted if lock not in got], [])
    same(sorted(got, key=str), wanted)
same(torn > 0, True)
for churner in churners:
    churner.communicate()
two.end()
end_all()
END
