# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# programs.sh FILE CASE: flock(1), sqlite3, logrotate and dotlockfile, in the manner of programs.pl.
# A case is a function.
file=$1
exec 3<&0 # where the next line comes from, whatever a program makes of its input
hold="echo held $file; read -r _ <&3"
number='read -r n <"$0"; echo $((${n:-0} + 1)) >"$0"'

in_children() { # CMD…: three at once, forty times each
  for _ in 1 2 3; do
    for _ in {1..40}; do "$@" || exit; done &
  done
  wait
}

says() { # ANSWER STATUS: by the exit status of a program that was refused or not
  case $2 in 0) echo granted ;; "$1") echo refused ;; *) echo "status $2" ;; esac
}

flock_command() { flock "$file" -c "$hold"; }
flock_shared() { flock -s "$file" sh -c "$hold"; }
flock_now() { flock -n "$file" sh -c "$hold"; }
flock_wait() { flock -w 20 "$file" sh -c "$hold"; }
flock_no_fork() { flock -F "$file" sh -c "$hold"; }
flock_close() { flock -o "$file" sh -c "$hold"; }
flock_fd() { (flock 9 && eval "$hold") 9>>"$file"; }
flock_fd_both() { (flock 9 && eval "$hold") 9<>"$file"; }
flock_fd_read() { (flock 9 && eval "$hold") 9<"$file"; }
flock_fd_shared() { (flock -s 9 && eval "$hold") 9<"$file"; }
flock_fd_heir() { exec 9>>"$file" && flock 9 && exec sh -c "$hold"; }
flock_fd_unlock() { (flock 9 && flock -u 9 && eval "$hold") 9>>"$file"; }
# flock(1), "EXAMPLES": the script is its own lock file.
flock_boilerplate() {
  printf '%s\n' '#!/bin/sh' \
    '[ "${FLOCKER}" != "$0" ] && exec env FLOCKER="$0" flock -en "$0" "$0" "$@" || :' \
    'echo "held $0"; read -r _' >"$file"
  chmod 755 "$file"
  "$file"
}
refused_now() { flock -n "$file" true; says 1 $?; }
refused_status() { flock -n -E 9 "$file" true; says 9 $?; }
refused_wait() { flock -w 0.2 "$file" true; says 1 $?; }
count_flock() {
  in_children flock "$file" sh -c "$number" "$file"
  cat "$file"
}
count_fd() {
  one() { (flock 9 && sh -c "$number" "$file") 9>>"$file.lock"; }
  in_children one
  cat "$file"
}

# sqlite3's own locks are fcntl's; `.system` runs inside the transaction.
sqlite() { sqlite3 -bail -cmd '.timeout 100000' "$@"; }
sqlite_exclusive() { sqlite "$file" 'BEGIN EXCLUSIVE' ".system $hold" 'COMMIT'; }
sqlite_count() { # JOURNAL-MODE [DATABASE]
  local database=${2:-$file.db}
  sqlite "$database" "PRAGMA journal_mode=$1; CREATE TABLE t (n); INSERT INTO t VALUES (0);" >&2
  for _ in 1 2 3 4; do
    for _ in {1..30}; do echo 'BEGIN IMMEDIATE; UPDATE t SET n = n + 1; COMMIT;'; done |
      sqlite "$database" &
  done
  wait
  sqlite "$database" 'PRAGMA integrity_check; SELECT n FROM t;' | paste -sd,
}
sqlite_rollback() { sqlite_count delete; }
sqlite_wal() { sqlite_count wal; }
sqlite_dotfile() { sqlite_count delete "file:$file.db?vfs=unix-dotfile"; }
sqlite_flock() { sqlite_count delete "file:$file.db?vfs=unix-flock"; }

rotation() {
  printf '%s {\n size 1\n rotate 1\n nocreate\n prerotate\n  %s\n endscript\n}\n' \
    "$file.log" "$1" >"$file.conf"
  chmod 644 "$file.conf"
  echo line >"$file.log"
}
logrotate_state() {
  rotation "$hold"
  logrotate -s "$file" "$file.conf"
}
logrotate_refused() {
  rotation true
  logrotate -s "$file" "$file.conf" 2>/dev/null
  says 3 $?
}
dotlock() {
  dotlockfile -p -l "$file.lock" && dotlockfile -r 0 -p -l "$file.lock"
  says 4 $?
  dotlockfile -u "$file.lock"
}

shift
"$@"
