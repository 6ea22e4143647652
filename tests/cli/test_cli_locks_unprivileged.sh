# SPDX-License-Identifier: MIT
# To another user locks shows what the kernel's list has, and says of how many locks it can't tell
# the process.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
need_first_pid_namespace
command -v setpriv >/dev/null || skip "no setpriv"
[ "$(id -u)" -eq 0 ] || skip "only root can be another user"
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH
chmod 755 "$work"
cp "$LOCKSHIM" lockshim && setpriv --reuid 65534 --clear-groups ./lockshim --version >/dev/null 2>&1 ||
  skip "nobody can't run it"

python3 - <<'END' 2>"$work/err" || fail "not the locks expected"
from locks_lib import *
def nobody(*arguments):
    said = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", "./lockshim", "locks",
                           *arguments], capture_output=True, text=True)
    same(said.returncode, 0)
    return said.stdout, said.stderr

make("posix", "flock", "ofd", "own")
one, two = Actor(), Actor()
one.do("posix", one.open("posix"), "WRITE", 10, 5)
two.tell("posix", two.open("posix"), "WRITE", 0, 0, "wait")
until_rows(2, "posix")
out, err = nobody("-n", "-r", "-o", "pid,mode,blocker,path", "posix")
same((out, err), (f"{one.pid} WRITE  posix\n{two.pid} WRITE* {one.pid} posix\n", ""))
one.do("flock", one.open("flock"), "READ")
same(nobody("-n", "-r", "-o", "pid,asked", "flock"), (f"{one.pid} \n", ""))
one.do("ofd", one.open("ofd"), "READ", 10, 5)
three = Actor()
three.tell("ofd", three.open("ofd"), "WRITE", 0, 0, "wait")
until_rows(2, "ofd")
out, err = nobody("-n", "-r", "-o", "family,pid,start,blocker", "ofd")
same(out, "OFD  10 \nOFD  0 ?\n")
same(err, "lockshim: warning: the process of 2 of the locks is not known: other users' processes "
          "may be looked at by root only\n")
document = json.loads(nobody("--json", "ofd")[0])
same(document["unseen"] >= 3, True)
same([(r["pid"], r["path"], r["holders"], r["blocker"]) for r in document["locks"]],
     [(None, "ofd", [], []), (None, "ofd", [], [])])

# Its own it sees, whole.
os.chmod("own", 0o666)
four = Actor()
four.do("user", 65534)
four.do("ofd", four.open("own"), "READ", 1, 1)
out, err = nobody("-n", "-r", "-o", "pid,family,path", "own")
if not out.startswith(" "): # a process that was root may not be looked at after all
    same((out, err), (f"{four.pid} OFD {os.path.abspath('own')}\n", ""))
end_all()
END
