#!/bin/sh
# SPDX-License-Identifier: MIT
# range_sqlite.sh PRELOAD: sqlite locks through one descriptor and unlocks through another. Two
# processes of four connections each on one database, one of them always without the shim.
set -eu
preload=$1
python=/usr/bin/python3
if ! $python -c 'import sqlite3' 2>/dev/null; then
  echo 'skipped: no python3 with sqlite3'
  [ -z "${TESTS_MUST_RUN:-}" ] || exit 1
  exit 77
fi
rounds=100
program=$(dirname "$0")/range_sqlite.py
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
: >"$place/policy.conf"
bad=0

is() { # WHAT GOT WANTED
  [ "$2" = "$3" ] && return
  bad=1
  printf 'FAILED: %s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
}

sql() { # SET WORD…: without the shim where SET is empty
  settings=$1
  shift
  if [ -n "$settings" ]; then
    set -- env "LD_PRELOAD=$preload" "LOCKSHIM_SET=$settings" \
      "LOCKSHIM_POLICY=$place/policy.conf" $python "$program" "$@"
  else
    set -- $python "$program" "$@"
  fi
  timeout 100 "$@"
}

# Both count at once: nothing is lost, and nobody sees a half.
counts() { # NAME JOURNAL SET
  db=$place/$1.$2.db
  sql '' make "$db" "$2"
  sql '' count "$db" $rounds 2>"$place/beside" &
  beside=$!
  is "$1, $2: counts" "$(sql "$3" count "$db" $rounds 2>&1 || echo failed)" ''
  wait $beside && status=0 || status=$?
  is "$1, $2: the other counts" "$(cat "$place/beside")$status" 0
  all=$((4 * rounds))
  is "$1, $2: the database" "$(sql '' show "$db" | paste -sd' ')" "$all $all $all ok $2"
}

# Each keeps the other out; a child that is started meanwhile changes nothing.
excludes() { # NAME JOURNAL SET, of who holds, of who tries
  db=$place/$1.$2.db
  mkfifo "$place/in" "$place/out"
  sql "$3" hold "$db" <"$place/in" >"$place/out" &
  exec 3>"$place/in" 4<"$place/out"
  read -r line <&4
  is "$1, $2: holds" "$line" held
  is "$1, $2: keeps out" "$(sql "$4" try "$db" 2>&1)" 'database is locked'
  echo >&3
  read -r line <&4
  is "$1, $2: lets go" "$line, $(sql "$4" try "$db" 2>&1)" 'let go, '
  exec 3>&- 4<&-
  wait
  rm "$place/in" "$place/out"
}

asks() { # NAME JOURNAL SET WANTED: the families of the locks that are asked for
  command -v strace >/dev/null || return 0
  strace -f -qq -e trace=fcntl,fcntl64 -E "LD_PRELOAD=$preload" -E "LOCKSHIM_SET=$3" \
    -E "LOCKSHIM_POLICY=$place/policy.conf" -o "$place/trace" $python "$program" try "$place/$1.$2.db"
  is "$1, $2: asks" "$(grep -E 'F_(RD|WR)LCK' "$place/trace" | grep -oE 'F_(OFD_)?SETLK' | sort -u)" "$4"
}

for journal in delete wal; do
  counts bare $journal ''
  for rules in fcntl=ofd 'fcntl=ofd; flock=ofd'; do
    counts "$rules" $journal "$rules"
    excludes "$rules" $journal "$rules" ''
    excludes "$rules" $journal '' "$rules"
    asks "$rules" $journal "$rules" F_OFD_SETLK
  done
done
exit $bad
