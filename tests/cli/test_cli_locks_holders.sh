# SPDX-License-Identifier: MIT
# locks names who holds each lock: all processes that have the description, and only those. Beside
# lslocks, which another project wrote.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
need_first_pid_namespace
command -v lslocks >/dev/null || skip "no lslocks"
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH

python3 - <<'END' 2>"$work/err" || fail "not the locks expected"
from locks_lib import *
make("flock", "ofd", "posix", "twins", "gone", "lease")

# Through a fork and a dup: one description.
one = Actor()
fd = one.open("flock")
one.do("flock", fd, "WRITE")
two = one.fork()
other = two.ask("dup", fd)
[row] = locks("flock")
same(brief(row), ("flock", "flock", "WRITE", 0, "EOF"))
same({(h["pid"], h["fd"]) for h in row["holders"]},
     {(one.pid, fd), (two.pid, fd), (two.pid, other)})
same((row["pid"], row["command"][:6], row["notes"]), (one.pid, "python", ["shared"]))
same(row["path"], os.path.abspath("flock"))

# The one who took it is gone.
one.do("close", fd)
[row] = locks("flock")
same((row["pid"], pids(row["holders"]), row["notes"]), (two.pid, {two.pid}, []))

# Another description of the file, without a lock, is no holder.
three = Actor()
three.open("flock")
same(pids(locks("flock")[0]["holders"]), {two.pid})

# Two descriptions with the same lock: the kernel's lines do not differ.
a, b = one.open("twins", "r"), one.open("twins", "r")
one.do("ofd", a, "READ", 5, 10)
one.do("ofd", b, "READ", 5, 10)
four = one.fork()
four.do("close", b)
rows = locks("twins")
same([brief(row) for row in rows], [("OFD", "OFD", "READ", 5, 14)] * 2)
same(sorted(sorted((h["pid"], h["fd"]) for h in row["holders"]) for row in rows),
     sorted([sorted([(one.pid, a), (four.pid, a)]), [(one.pid, b)]]))

# A POSIX lock is its process's alone, whoever has the description.
fd = one.open("posix")
one.do("posix", fd, "WRITE", 10, 5)
five = one.fork()
[row] = locks("posix")
same((brief(row), pids(row["holders"])), (("POSIX", "POSIX", "WRITE", 10, 14), {one.pid}))

# A lease is none of them.
fd = one.open("lease", "r")
one.ask("lease", fd)
same([(r["family"], r["mode"]) for r in locks("lease")], [("lease", "READ")])

# By any name, and by none.
os.link("posix", "name")
os.symlink("name", "link")
for name in ("name", "link"):
    same(locks(name)[0]["path"], os.path.abspath("posix"))
fd = one.open("gone")
one.do("ofd", fd, "WRITE", 0, 0)
os.link("gone", "still")
os.unlink("gone")
[row] = locks("still")
same((row["notes"], row["path"]), (["deleted"], os.path.abspath("gone") + " (deleted)"))
os.unlink("still")
make("there (deleted)")
one.do("ofd", one.open("there (deleted)"), "WRITE", 0, 0)
[row] = locks("there (deleted)")
same((row["notes"], row["path"]), ([], os.path.abspath("there (deleted)")))
same(len(locks("--pid", str(one.pid), "posix", "twins")), 3)
same(len(locks("--pid", str(four.pid), "posix", "twins")), 1)

# The other witness, on files that only we lock. It gives numbers to no OFD lock, and knows nothing
# of who has a description.
def theirs():
    said = subprocess.run(["lslocks", "--json", "--bytes", "-o", "TYPE,PID,MODE,START,END,INODE"],
                          capture_output=True, text=True).stdout
    return json.loads(said)["locks"] if said.strip() else []

names = {"flock": "FLOCK", "POSIX": "POSIX", "OFD": "OFDLCK", "lease": "LEASE"}
inodes = {os.stat(name).st_ino: name for name in ("flock", "twins", "posix", "lease")}
ours = locks(*inodes.values())
def seen():
    return sorted((l["type"], l["mode"], int(l["start"]), int(l["end"]), int(l["inode"]))
                  for l in theirs() if l["inode"] and int(l["inode"]) in inodes)
wanted = sorted((names[r["family"]], r["mode"], r["start"], r["end"] or 0, r["inode"])
                for r in ours)
same(len(wanted), 5)
if "INODE" in subprocess.run(["lslocks", "--help"], capture_output=True, text=True).stdout:
    until(lambda: seen() == wanted) # it reads a long list once, and may miss some
end_all()
same(locks("flock", "twins", "posix", "lease"), [])
END

# The shell keeps what flock(1) took and left behind.
command -v flock >/dev/null || exit 0
: >file
mkfifo in out
sh -c 'flock 9 && echo held && read -r line' <in >out 9<>file &
exec 8>in 7<out
read -r said <&7
[ "$said" = held ] || fail "the holder said: $said"
try "$LOCKSHIM" locks -n -r -o pid,family,mode file
expect_status 0
expect_quiet
expect_text "$! flock WRITE"
exec 8>&- 7<&-
wait
