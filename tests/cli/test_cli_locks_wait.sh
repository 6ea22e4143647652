# SPDX-License-Identifier: MIT
# --wait ends when no lock is held on the files, and says with --timeout what is left.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3"
need_first_pid_namespace
PYTHONPATH=${SOURCE:?}/tests/cli
export PYTHONPATH
for name in one two; do printf '%0100d' 0 >"$name"; done

# Nothing to wait for.
try timeout 60 "$LOCKSHIM" locks --wait one two
expect_status 0
expect_quiet
expect_text ""

python3 - <<'END' 2>"$work/err" || fail "not waited as expected"
from locks_lib import *
for family in ("flock", "posix", "ofd"):
    rest = [] if family == "flock" else [10, 10]
    actor, other = Actor(), Actor()
    actor.do(family, actor.open("one"), "WRITE", *rest)
    other.do(family, other.open("two"), "READ", *rest)

    said = ask("--wait", "--timeout", "60ms", "-n", "-r", "-o", "pid,mode,path", "one")
    same((said.returncode, said.stdout, said.stderr),
         (1, f"{actor.pid} WRITE {os.path.abspath('one')}\n", ""))
    waiting = subprocess.Popen([LOCKSHIM, "locks", "--wait", "one", "two"])
    actor.end()
    same(ask("--wait", "one").returncode, 0)
    same(waiting.poll(), None)
    other.end()
    same(waiting.wait(BOUND), 0)

# Bytes alone; a lease is no lock.
actor = Actor()
actor.do("posix", actor.open("one"), "WRITE", 10, 10)
same(ask("--wait", "--range", "20", "one").returncode, 0)
same(ask("--wait", "--range", "0-10", "--timeout", "60ms", "one").returncode, 1)
actor.ask("lease", actor.open("two", "r"))
same(ask("--wait", "two").returncode, 0)
end_all()
END

while read -r options; do
  # shellcheck disable=SC2086
  try "$LOCKSHIM" locks $options
  expect_status 2
  expect_err "Try 'lockshim locks --help'"
done <<'END'
--wait
--timeout 1s one
--wait --timeout 1 one
--wait --timeout x one
--pid x one
--pid 0 one
END
try "$LOCKSHIM" locks --wait missing
expect_status 1
expect_err "missing: No such file or directory"
