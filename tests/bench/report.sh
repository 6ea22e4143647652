#!/bin/sh
# SPDX-License-Identifier: MIT
# report.sh BUILD [EVENTS]: how long reading a trace takes beside babeltrace2, and with how much
# memory. 10 million events, the default, take 1.2 GB in TMPDIR.
set -eu
build=${1:?usage: report.sh BUILD [EVENTS]}
events=${2:-10000000}
command -v babeltrace2 >/dev/null || { echo "report.sh: no babeltrace2 to compare with" >&2; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 8 of 20 events are of a file that three processes fight over.
"$build/tests/support/make_trace" "$work/trace" <<END
t=1700000000 pid=10 prog=php id=query file=/srv/sess
repeat $((events / 20))
pid=10 prog=php file=/srv/sess site=/usr/bin/php+0x1234 rule=web used=OFD
pid=11 prog=php id=wait file=/srv/sess site=/usr/bin/php+0x1234 rule=web blocker=10
pid=12 prog=cron id=wait file=/srv/sess site=/usr/sbin/cron+0x77 rule=web blocker=10
pid=10 prog=php id=release file=/srv/sess site=/usr/bin/php+0x1250 rule=web used=OFD held=0.000003
pid=11 prog=php file=/srv/sess site=/usr/bin/php+0x1234 rule=web used=OFD waited=0.000003
pid=11 prog=php id=release file=/srv/sess site=/usr/bin/php+0x1250 rule=web used=OFD held=0.000001
pid=12 prog=cron file=/srv/sess site=/usr/sbin/cron+0x77 rule=web used=OFD waited=0.000005
pid=12 prog=cron id=release file=/srv/sess rule=web used=OFD held=0.000001
pid=13 prog=dbm call=fcntl file=/srv/data start=100 len=10 fd=4
pid=13 prog=dbm call=fcntl file=/srv/data start=200 len=10 fd=4
pid=13 prog=dbm call=fcntl file=/srv/data start=300 len=10 fd=4 op=shared
pid=13 prog=dbm call=fcntl id=release file=/srv/data start=0 len=0 fd=4 held=0.000002
pid=14 prog=php file=/srv/cache/a fd=5 op=shared
pid=14 prog=php id=release call=close file=/srv/cache/a fd=5 held=0.000001
pid=15 prog=php file=/srv/cache/b fd=5 err=EAGAIN
pid=15 prog=php file=/srv/cache/b fd=5
pid=15 prog=php id=release file=/srv/cache/b fd=5 held=0.000001
pid=16 prog=flock file=/run/job.lock fd=9 flags=inherited
pid=16 prog=flock id=release call=exit file=/run/job.lock fd=9 held=0.000001
pid=16 prog=flock id=query call=fcntl file=/srv/data
end
END

cat >"$work/measure.py" <<'END'
import os, subprocess, sys, time
name, events, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
begun = time.monotonic()
process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
took = time.monotonic() - begun
print("%-24s %8.2f %8.2f %8.2f %9.1f" % (name, took, used.ru_utime + used.ru_stime,
      took / events * 1e6, used.ru_maxrss / 1024))
sys.exit(os.waitstatus_to_exitcode(status))
END
measure() { # NAME COMMAND...
  name=$1
  shift
  python3 "$work/measure.py" "$name" "$events" "$@"
}
lockshim=$build/cli/lockshim
printf '%-24s %8s %8s %8s %9s\n' "$events events" seconds CPU us/event MB
measure babeltrace2 babeltrace2 "$work/trace"
measure "report" "$lockshim" report "$work/trace"
measure "report --by site" "$lockshim" report --by site "$work/trace"
measure "report --json" "$lockshim" report --json "$work/trace"
measure "report --perfetto" "$lockshim" report --perfetto /dev/null "$work/trace"
measure "report --html" "$lockshim" report --html /dev/null "$work/trace"
measure "report --advise" "$lockshim" report --advise "$work/trace"
measure "trace" "$lockshim" trace "$work/trace"
