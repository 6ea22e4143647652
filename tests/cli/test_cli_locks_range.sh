# SPDX-License-Identifier: MIT
# --range prints all locks on a file, as asking by F_GETLK lock after lock would: those of the list,
# and on a file system whose server keeps the locks those that are in no list.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
need_first_pid_namespace
PYTHONPATH=${SOURCE:?}/tests/cli:$SOURCE/tests/fuse
export PYTHONPATH
for name in file other; do printf '%0100d' 0 >"$name"; done

python3 - <<'END' 2>"$work/err" || fail "not the locks expected"
from locks_lib import *
one, two = Actor(), Actor()
one.do("posix", one.open("file"), "WRITE", 10, 10)
one.do("posix", one.open("file"), "READ", 50, 10)
two.do("ofd", two.open("file"), "READ", 55, 0)
two.do("flock", two.open("file"), "READ")
three = Actor()
three.do("posix", three.open("other"), "WRITE", 0, 0)

# Asked, too, no lock of the list comes twice, and who asks changes none.
every = [("OFD", 55, None), ("POSIX", 10, 19), ("POSIX", 50, 59), ("flock", 0, None)]
for arguments in (["file"], ["--range", "0", "file"], ["--range", "0-", "file"]):
    same(sorted(((r["family"], r["start"], r["end"]) for r in locks(*arguments)), key=str), every)

for text, wanted in (("0-9", []), ("0-10", [10]), ("19", [10, 50, 55]), ("20-49", []),
                     ("59-59", [50, 55]), ("60-", [55]), ("9223372036854775807", [55])):
    got = [r["start"] for r in locks("--range", text, "file") if r["family"] != "flock"]
    same((text, got), (text, wanted))
same(len(locks("--range", "5", "file", "other")), 5)

# A lease is not broken: then the file can't be asked.
four = Actor()
make("leased")
fd = four.open("leased", "rw")
four.ask("lease", fd)
END

for wrong in x 5-3 -3 1-2-3 '' 9223372036854775808; do
  try "$LOCKSHIM" locks "--range=$wrong" file
  expect_status 2
  expect_err "--range $wrong: it is START, START- or START-END, in bytes" "Try 'lockshim locks --help'"
done
try "$LOCKSHIM" locks --range 0
expect_status 2
expect_err "--range: it needs a file"
mkfifo pipe
try "$LOCKSHIM" locks --range 0 pipe
expect_status 1
expect_err "pipe: its locks can't be asked for"

LOCKFS=$BUILD/tests/fuse/lockfs
export LOCKFS
if [ ! -x "$LOCKFS" ] || [ ! -c /dev/fuse ]; then
  [ -z "${TESTS_MUST_RUN:-}" ] || [ -n "$SANITIZER_RUNTIME" ] || fail "no lockfs: libfuse3-dev"
  exit 0
fi
python3 - <<'END' 2>"$work/err" || fail "not the locks expected of a server"
from locks_lib import *
from mounted import Mount
with Mount() as mount:
    path = os.path.join(mount.at, "file")
    make(path)
    one, two, three = Actor(), Actor(), Actor()
    one.do("posix", one.open(path), "WRITE", 10, 10)
    two.do("posix", two.open(path), "READ", 30, 0)
    three.do("flock", three.open(path), "WRITE")
    same([r for r in locks(path) if r["family"] != "flock"], [])
    rows = [r for r in locks("--range", "0", path) if r["family"] != "flock"]
    same([brief(r) for r in rows], [("record", None, "WRITE", 10, 19),
                                    ("record", None, "READ", 30, "EOF")])
    same([(r["pid"], r["path"], r["fstype"][:4]) for r in rows],
         [(one.pid, path, "fuse"), (two.pid, path, "fuse")])
    same([r["start"] for r in locks("--range", "25", path) if r["family"] != "flock"], [30])
    said = subprocess.Popen([LOCKSHIM, "locks", "--wait", "--range", "10-20", path])
    one.end()
    same(said.wait(BOUND), 0)
    end_all()
END
