#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: the job of `crontab` beside a client's, and beside a job without lockshim.
. "$(dirname "$0")/../begin.sh"
needs flock python3
: >report.lock
# As cron does it: no environment but the file's settings, and the command by sh.
command=$(sed -n 's|^17 [* ]*root ||p' "$here/crontab" |
  sed -e "s|/srv/export|$work|" -e 's|/usr/local/sbin/report|true|')
settings=$(sed -n 's/^\([A-Z_]*=.*\)/\1/p' "$here/crontab" |
  sed -e "s|/usr/\$LIB/liblockshim.so|$library|" -e "s|/etc/lockshim/cron.conf|$work/policy.conf|")
job() { # shellcheck disable=SC2086 # one word a setting
  env -i PATH="$PATH" $settings sh -c "$command"
}
outcome() { if "$@"; then echo runs; else echo 'is refused'; fi; }

echo "A client's job has the lock:"
say 'without lockshim' "$(client beside report.lock env -i PATH="$PATH" sh -c "$command")"
# shellcheck disable=SC2086
say 'as the crontab has it' "$(client beside report.lock env -i PATH="$PATH" $settings sh -c "$command")"
echo 'A job without lockshim has it:'
exec 9>>report.lock && flock 9
say 'as the crontab has it' "$(outcome job)"
exec 9>&-
echo 'Nobody has it:'
say 'as the crontab has it' "$(outcome job)"
