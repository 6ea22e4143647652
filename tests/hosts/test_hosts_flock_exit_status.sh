#!/bin/bash
# SPDX-License-Identifier: MIT
# flock(1)'s exit statuses: -n and -w that get nothing answer 1 or -E's number, a command its own,
# and under open-mode = fail a lock
# that the descriptor's mode forbids EX_DATAERR.
. "$(dirname "$0")/lib.sh"
need flock
file=$dir/file
: >"$file"

status_is() { # BARE SHIM SHELL-TEXT
  is "bare: $3" "$(answer_of under bare sh -c "$3" sh "$file")" "$1"
  is "shim: $3" "$(answer_of under shim sh -c "$3" sh "$file")" "$2"
}

status_is 0 0 'flock "$1" true'
status_is 7 7 'flock "$1" sh -c "exit 7"'
status_is 0 0 'exec 9>>"$1"; flock 9; flock 9; flock -s 9; flock -u 9; flock -u 9'

for family in posix ofd; do
  outside "$file" $family ex
  status_is 0 1 'flock -n "$1" true'
  status_is 0 42 'flock -n -E 42 "$1" true'
  status_is 0 1 'flock -w 0.05 "$1" true'
  status_is 0 42 'flock -w 0.05 -E 42 "$1" true'
  status_is 0 1 'exec 9>>"$1"; flock -w 0.05 9'
  status_is 0 1 'exec 9<"$1"; flock -sn 9'
  status_is 0 0 'exec 9<"$1"; flock -u 9'
  let_go
done

# What an OFD lock cannot do through this descriptor a keeper does; with open-mode = fail that is the
# answer.
status_is 0 0 'exec 9<"$1"; flock -x 9'
status_is 0 0 'exec 9>>"$1"; flock -s 9'
refusing='LOCKSHIM_SET="flock=ofd;open-mode=fail" exec flock'
status_is 0 65 "exec 9<\"\$1\"; $refusing -x 9"
status_is 0 65 "exec 9>>\"\$1\"; $refusing -s 9"
status_is 65 65 'flock 9'
finish
