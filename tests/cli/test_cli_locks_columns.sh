# SPDX-License-Identifier: MIT
# -o chooses columns, by names that help, manual and JSON have alike; -n and -r are for scripts.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH
name=$(printf 'a name\nof "two" lines')

python3 - "$name" <<'END' 2>"$work/err" || fail "not the columns expected"
import re
from locks_lib import *
name = sys.argv[1]
make(name, "other")
actor = Actor()
actor.do("posix", actor.open(name), "WRITE", 10, 5)
actor.do("flock", actor.open("other"), "READ")

said = ask(name).stdout.split("\n")
same(said[0].split(), "COMMAND PID FAMILY ASKED MODE START END HOLDERS BLOCKER NOTES PATH".split())
same((len(said), said[2]), (3, "")) # a name can't make a line
said = ask("-n", "-r", "-o", "inode,start,end,size,m,family", name, "other").stdout.split("\n")
inodes = [os.stat(n).st_ino for n in (name, "other")]
same(sorted(said[:2]), sorted([f"{inodes[0]} 10 14 100 0 POSIX", f"{inodes[1]} 0 EOF 100 0 flock"]))
same(ask("-r", "-o", "PID,Mode", name).stdout, f"PID MODE\n{actor.pid} WRITE\n")
same(ask("-n", "-r", "-o", "+size", name).stdout.split()[-1], "100")

[row] = locks("-o", "path,start,end,size,holders", name)
same(row, {"path": os.path.abspath(name), "start": 10, "end": 14, "size": 100,
           "holders": [{"command": row["holders"][0]["command"], "pid": actor.pid, "fd": 3}]})
[row] = locks(name)
stat = os.stat(name)
kinds = {key: type(value) for key, value in row.items()}
same({kinds[key] for key in ("pid", "start", "end", "inode")}, {int})
same({kinds[key] for key in ("holders", "blocker", "notes")}, {list})
same((row["waits"], row["m"]), (False, False))
same(row["maj:min"], f"{os.major(stat.st_dev)}:{os.minor(stat.st_dev)}")
said = document(name)
same((said["torn"], "unseen" in said), (False, True))

# Each column that there is, in the order of help, but the one that asks the file system.
help = subprocess.run([LOCKSHIM, "locks", "--help"], capture_output=True, text=True).stdout
columns = re.findall(r"^ +([A-Z:]+)  ", help.split("Available output columns:")[1], re.M)
same([key.upper() for key in row if key != "waits"], [c for c in columns if c != "SIZE"])
same(max(len(line) for line in help.split("\n")) <= 80, True)
manual = os.path.join(os.environ["MANUAL"], "lockshim.1")
notes = re.search(r"NOTES (.*?) +PATH", help, re.S)[1].replace(",", " ").split()
same(len(notes), 7)
if os.path.exists(manual):
    text = open(manual).read().replace("\\-", "-")
    for word in columns + notes:
        assert word in text, f"not in the manual: {word}"
end_all()
END

for wrong in "pid,pdi" "+" "" "size,,pid"; do
  try "$LOCKSHIM" locks -o "$wrong"
  expect_status 2
  expect_err "--output: unknown column '" "see lockshim locks --help"
done
