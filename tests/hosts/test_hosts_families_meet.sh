#!/bin/bash
# SPDX-License-Identifier: MIT
# flock(1) around a program that takes fcntl on the same file: natively the two don't meet, under a
# rule they do, between two processes. Told by name, and with a way out where the file is inherited.
. "$(dirname "$0")/lib.sh"
need flock
need_python
file=$dir/file
database=$dir/q.db
: >"$file"

by_fcntl='import fcntl, sys; fcntl.lockf(open(sys.argv[1], "r+"), fcntl.LOCK_EX); print("locked")'
by_sqlite='import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0).execute("create table t (n)")
except sqlite3.OperationalError as error:
    sys.exit(str(error))'

# told NAME SET CMD…: start NAME under the shim, which says what it meets.
told() {
  start "$1" env LD_PRELOAD="$LOCKSHIM_SO" LOCKSHIM_POLICY="$LOCKSHIM_EMPTY_POLICY" \
    LOCKSHIM_DEBUG=1 LOCKSHIM_SET="$2" "${@:3}"
}

hazards() { # NAME: those that it named
  sed -n 's/.*: hazard \([^:]*\):.*/\1/p' "$dir/$1.err" | paste -sd' '
}

# until_named NAME: until it names one. The keeper waits for a lock of the file too.
until_named() {
  local end=$((SECONDS + bound))
  until [ -n "$(hazards "$1")" ]; do
    [ $SECONDS -lt $end ] || is "$1 names a hazard" "$(cat "$dir/$1.err")" 'a hazard'
  done
}

is 'bare, it is granted' "$("$hosts/under" bare flock -o "$file" "$python" -c "$by_fcntl" "$file")" \
  locked

for set in 'flock=ofd' 'flock=ofd;fcntl=ofd'; do
  # Who is killed may still be there: under another policy it would be a hazard of the same file.
  file=$dir/file${#set}
  : >"$file"
  # The description that was locked is the program's own too.
  told inherits "$set" bash -c 'flock 9; exec "$@"' bash "$python" -c "$by_fcntl" "$file" 9<>"$file"
  is "$set: inherited, it is granted" "$(hear inherits)" locked
  ended inherits
  is "$set: and names no hazard" "$status $(hazards inherits)" '0 '

  meets=meets${#set} # each has words of its own
  told "$meets" "$set" flock -o "$file" "$python" -c "$by_fcntl" "$file"
  until_named "$meets"
  is "$set: not inherited, it waits, and says why" "$(hazards "$meets")" families-meet
  is "$set: while flock has the lock" "$(probe "$file")" "${stands[shim-ex]}"
  kill -- "-${pid_of[$meets]}"
  ended "$meets"
done

file=$dir/file

# flock(1) opens a file read-only: a keeper has the lock.
told kept flock=ofd flock "$file" "$python" -c "$by_fcntl" "$file"
ended kept
is 'beside a keeper it is refused' "$status $(tail -n 1 "$dir/kept.err")" \
  '1 OSError: [Errno 35] Resource deadlock avoided'
is 'and says why' "$(hazards kept)" families-meet

told refused flock=ofd flock -o "$database" "$python" -c "$by_sqlite" "$database"
ended refused
is 'sqlite is refused' "$status $(tail -n 1 "$dir/refused.err")" '1 database is locked'
is 'and says why' "$(hazards refused)" families-meet

told alone flock=ofd "$python" -c "$by_sqlite" "$database"
ended alone
is 'sqlite alone names none' "$status $(hazards alone)" '0 '

# The other way round, with the holder's number.
for family in posix ofd; do
  outside "$file" $family ex
  told waits flock=ofd flock "$file" echo locked
  until_waiting "$file"
  let_go
  is "flock waits for $family" "$(hear waits)" locked
  ended waits
  case $family in
  posix)
    is 'and says for whom' \
      "$(grep -c "hazard families-meet: .* process ${pid_of[outsider]};" "$dir/waits.err")" 1
    ;;
  ofd)
    is 'and names no hazard' "$(hazards waits)" ''
    ;;
  esac
done
finish
