# SPDX-License-Identifier: MIT
# Of thousands of locks on one file each has its holder: those of one description, whose fdinfo is
# longer than a MiB, and those of a description each, which are not compared in pairs.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
need_first_pid_namespace
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH

cat >locker.py <<'END'
"""locker.py FILE LOCKS DESCRIPTIONS: locks a byte each, or all of it by each description."""
import fcntl, os, struct, sys
path, locks, descriptions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
fds = [os.open(path, os.O_RDWR | os.O_CREAT) for _ in range(descriptions)]
for number in range(locks):
    place = (2 * number, 1) if descriptions == 1 else (0, 0)
    kind = fcntl.F_WRLCK if descriptions == 1 else fcntl.F_RDLCK
    request = struct.pack("hhqqi4x", kind, os.SEEK_SET, *place, 0)
    fcntl.fcntl(fds[number % descriptions], 37, request)
print(os.getpid(), flush=True)
sys.stdin.read()
END

cat >shown.py <<'END'
"""shown.py LOCKS DESCRIPTIONS COMMAND...: all of them, with one holder, and each of these once."""
import json, subprocess, sys
locks, descriptions, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
holder = subprocess.Popen([sys.executable, "locker.py", "many", sys.argv[1], sys.argv[2]],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
pid = int(holder.stdout.readline())
for turn in range(20): # locks of others may come and go
    said = subprocess.run(command, capture_output=True, text=True)
    if "came and went" not in said.stderr:
        break
assert (said.returncode, said.stderr) == (0, ""), (said.returncode, said.stderr)
rows = json.loads(said.stdout)["locks"]
holders = [[holder["pid"] for holder in row["holders"]] for row in rows]
assert holders == [[pid]] * locks, (len(rows), sum(not row["holders"] for row in rows))
fds = {row["holders"][0]["fd"] for row in rows}
assert len(fds) == descriptions, len(fds)
holder.communicate()
END

for shape in '20000 1' '400 400'; do
  # shellcheck disable=SC2086
  try python3 shown.py $shape "$LOCKSHIM" locks --json many
  expect_status 0
done

# In pairs there were 79800.
command -v strace >/dev/null || exit 0
try python3 shown.py 400 400 strace -qq -f -e trace=kcmp -o calls "$LOCKSHIM" locks --json many
expect_status 0
calls=$(grep -c '^[0-9]* *kcmp' calls)
{ [ "$calls" -gt 400 ] && [ "$calls" -lt 12000 ]; } || fail "$calls calls of kcmp"
