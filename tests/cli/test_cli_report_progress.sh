# SPDX-License-Identifier: MIT
# A long trace is read with a bar on a terminal, which is gone at the end; none is drawn elsewhere.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a
repeat 20000
pid=10 prog=php file=/srv/a
pid=10 prog=php id=release file=/srv/a
end
END

# A clock by which every look at it takes half a second, so that reading takes long on any machine.
cat >slow.c <<'END'
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	static long looks;

	(void)clock;
	looks++;
	*ret = (struct timespec){ .tv_sec = looks / 2, .tv_nsec = looks % 2 * 500000000 };
	return 0;
}
END
"${CC:-cc}" -shared -fPIC -o slow.so slow.c || skip "no compiler"

cat >shown.py <<'END'
import os, pty, subprocess, sys
there, here = pty.openpty()
where = here if sys.argv[1] == "terminal" else subprocess.PIPE
preload = ":".join(filter(None, [os.environ.get("SANITIZER_RUNTIME"), os.path.abspath("slow.so")]))
report = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=where,
                          env={**os.environ, "LD_PRELOAD": preload})
os.close(here)
said = b""
try:
    while chunk := os.read(there if where == here else report.stderr.fileno(), 65536):
        said += chunk
except OSError: # a terminal that nobody has any more
    pass
print(repr(said), report.wait())
END
try python3 shown.py terminal "$LOCKSHIM" report t
expect_out "\\rreading the trace [" "%\\r\\x1b[K' 0"
try python3 shown.py pipe "$LOCKSHIM" report t
expect_text "b'' 0"
