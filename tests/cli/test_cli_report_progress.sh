# SPDX-License-Identifier: MIT
# A long trace is read with a bar on a terminal, which is gone at the end; none is drawn elsewhere.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/report_lib.sh"

make_trace t <<'END'
t=1700000000 pid=10 prog=php file=/srv/a
repeat 300000
pid=10 prog=php file=/srv/a
pid=10 prog=php id=release file=/srv/a
end
END

# The reader is let run for a millisecond at a time, so that it takes long on any machine.
cat >slowly.py <<'END'
import os, pty, signal, subprocess, sys, time
there, here = pty.openpty()
where = here if sys.argv[1] == "terminal" else subprocess.PIPE
report = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=where)
os.close(here)
begun = time.monotonic()
while report.poll() is None:
    if time.monotonic() - begun < 3:
        report.send_signal(signal.SIGSTOP)
        time.sleep(0.3)
        report.send_signal(signal.SIGCONT)
    time.sleep(0.001)
if where == subprocess.PIPE:
    said = report.stderr.read()
else:
    said = b""
    try:
        while chunk := os.read(there, 65536):
            said += chunk
    except OSError:
        pass
print(repr(said), report.returncode)
END
try python3 slowly.py terminal "$LOCKSHIM" report t
expect_out "\\rreading the trace [" "%\\r\\x1b[K' 0"
try python3 slowly.py pipe "$LOCKSHIM" report t
expect_text "b'' 0"
