#!/bin/bash
# SPDX-License-Identifier: MIT
# test_suites_programs.sh MODE: a table of programs and their idioms of locking, each judged by the
# outsider while it is inside its critical section, or by what comes of it.
. "$(dirname "$0")/lib.sh"
need perl ruby php flock sqlite3 logrotate dotlockfile
need_package /usr/share/perl5/DB_File/Lock.pm libdb-file-lock-perl
bound=120 # a program may count for long where the disk is slow

# What comes of it: `ex`, `sh`, `none`: so the outsider finds the file that the program holds by its
# flock, and free once it has ended. `record`: held by fcntl alone, whatever flock is. `refused`:
# that is what the program says while the outsider holds the file. `=TEXT`: what it says at its end.
# The condition: `keeper` needs open-mode = keeper; `one-process` is what POSIX locks lose at a close
# or with the process that took them; `flock-vfs` needs an sqlite3 that has it.
rows='
ex       -            perl open +< ex
ex       -            perl open +< ex nb
ex       -            perl open >> ex
ex       -            perl open > ex
sh       -            perl open < sh
sh       -            perl open +< sh nb
ex       keeper       perl open < ex
sh       keeper       perl open >> sh
ex       keeper       perl DATA
ex       keeper       perl self
ex       -            perl mailbox
ex       -            perl changed sh ex
sh       -            perl changed sh ex sh
none     -            perl changed ex un
ex       one-process  perl duplicate
ex       one-process  perl heir
ex       one-process  perl reread
ex       -            perl store
sh       -            perl retrieve
ex       -            perl tie_file
ex       -            perl db_file_lock
mixed    -            perl flock_fcntl
mixed    -            perl fcntl_flock
refused  -            perl refused
refused  -            perl alarm
=120     -            perl counter
=120     -            perl sdbm
=120     -            perl db_file
ex       -            ruby open r+ ex
ex       -            ruby open a ex nb
sh       -            ruby open r sh
ex       keeper       ruby open r ex
sh       keeper       ruby open a sh
ex       keeper       ruby DATA
ex       -            ruby pstore
sh       -            ruby pstore_read
ex       -            ruby yaml
ex       -            ruby thread
ex       one-process  ruby heir
refused  -            ruby refused
refused  -            ruby timeout
=120     -            ruby count_pstore
=120     -            ruby count_yaml
ex       -            php open r+ ex
ex       -            php open c+ ex nb
ex       -            php open a ex
sh       -            php open r sh
ex       keeper       php open r ex
sh       keeper       php open a sh
ex       -            php object
ex       -            php put
refused  -            php refused
refused  -            php alarm
=120     -            php append
=120     -            php counter
ex       keeper       sh flock_command
sh       -            sh flock_shared
ex       keeper       sh flock_now
ex       keeper       sh flock_wait
ex       keeper       sh flock_no_fork
ex       keeper       sh flock_close
ex       one-process  sh flock_fd
ex       one-process  sh flock_fd_both
sh       one-process  sh flock_fd_shared
ex       keeper       sh flock_fd_read
ex       one-process  sh flock_fd_heir
none     -            sh flock_fd_unlock
ex       executed     sh flock_boilerplate
refused  -            sh refused_now
refused  -            sh refused_status
refused  -            sh refused_wait
=120     -            sh count_flock
=120     one-process  sh count_fd
record   -            sh sqlite_exclusive
=ok,120  -            sh sqlite_rollback
=ok,120  -            sh sqlite_wal
=ok,120  -            sh sqlite_dotfile
=ok,120  flock-vfs    sh sqlite_flock
ex       one-process  sh logrotate_state
refused  -            sh logrotate_refused
=refused -            sh dotlock
'

# Programs that lock themselves lock a copy of their own.
cp "$suites"/programs.* "$dir"
declare -A runs=([perl]="perl $dir/programs.pl" [ruby]="ruby $dir/programs.rb"
  [php]="php $dir/programs.php" [sh]="bash $dir/programs.sh")

# What the outsider finds, in words.
declare -A found_as=([native-ex]=${stands[bare-ex]} [native-sh]=${stands[bare-sh]}
  [posix-ex]=${stands[shim-ex]} [posix-sh]=${stands[shim-sh]} [free]=${stands[none]})
for type in ex sh; do
  found_as[both-$type]="${stands[bare-$type]%%;*};${stands[shim-$type]#*;}"
done
declare -A domain=([bare]=native [ofd]=posix [posix]=posix [both]=both [fcntl]=native
  [ofd_fcntl]=posix)

find() { # FILE
  local name found
  found=$(probe "$1")
  for name in "${!found_as[@]}"; do
    [ "${found_as[$name]}" != "$found" ] || found=$name
  done
  echo "$found"
}

declare -A refusers=([bare]=flock [ofd]='posix ofd' [posix]='posix ofd' [both]='flock posix ofd'
  [fcntl]=flock [ofd_fcntl]='posix ofd')
failed=0 rows_done=0

check() { # ROW GOT WANTED: one line, and on to the next row
  if [ "$2" = "$3" ]; then
    checks=$((checks + 1))
    echo "ok: $1: $3"
    return
  fi
  printf 'FAILED: %s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
  sed 's/^/  said:   /' "$dir/program.err"
  failed=$((failed + 1))
}

# Only a description open for writing has a write lock of POSIX's domain, and most kernels refuse
# to execute such a file.
written_runs() {
  printf '#!/bin/sh\n' >"$dir/script"
  chmod 755 "$dir/script"
  "$dir/script" 8>>"$dir/script" 2>/dev/null
}

# lacks CONDITION: says why the row can't hold in this mode, or nothing.
lacks() {
  case $1 in
  keeper) [ "$mode" = bare ] || knows open-mode keeper || echo 'open-mode=keeper is not in this build' ;;
  one-process) [ "$mode" != posix ] || echo 'POSIX locks end with a close or their process' ;;
  executed) [ "$mode" = bare ] || written_runs || echo 'no file runs that is open for writing' ;;
  flock-vfs) sqlite3 :memory: .vfslist | grep -q '"unix-flock"' || echo 'this sqlite3 has no unix-flock' ;;
  esac
}

run() { # PROGRAM CASE ARGUMENT…
  local program=$1
  shift
  # shellcheck disable=SC2086 # an interpreter and its script
  start program as "$mode" ${runs[$program]} "$file" "$@"
}

ends() { # HEARD: sets `status`; a program that said nothing is not waited for
  case $1 in "(nothing"*) kill -- "-${pid_of[program]}" 2>/dev/null ;; esac
  ended program
}

# until_free FILE: a process of ours lets go of it a moment after the program's end.
until_free() {
  local end=$((SECONDS + bound)) found
  until found=$(find "$1") && [ "$found" = free ] || [ $SECONDS -ge $end ]; do :; done
  echo "$found"
}

inside() { # EXPECTED
  local said found path end=find
  said=$(hear program)
  path=${said#held }
  if [ "$said" = "$path" ]; then
    ends "$said"
    check "$row" "$said" 'held PATH'
    return
  fi
  found=$(find "$path")
  # A keeper may hold the native lock too.
  [ "$condition-$1" != "keeper-${found/both/posix}" ] || found=$1
  tell program go
  ends "$said"
  [ "$condition" != keeper ] || end=until_free
  check "$row" "$found, then status $status and $($end "$path")" "$1, then status 0 and free"
}

# What the outsider is to find while the program holds a lock of this kind.
expected() {
  case $kind-$mode-$condition in
  none-*) echo free ;;
  record-*) echo posix-ex ;;
  mixed-bare-* | mixed-both-* | mixed-fcntl-*) echo both-ex ;;
  mixed-*) echo posix-ex ;;
  *-bare-*) echo native-$kind ;;
  *) echo ${domain[$mode]}-$kind ;;
  esac
}

refused() { # FAMILY PROGRAM CASE…
  local family=$1 held said
  shift
  ask outsider "open $file rw" >/dev/null
  held=$(ask outsider "$family ex")
  run "$@"
  said=$(hear program)
  ends "$said"
  ask outsider close >/dev/null
  check "$row beside $family" "$held, $said, status $status" 'ok, refused, status 0'
}

while read -r kind condition program; do
  [ -n "$kind" ] || continue
  row="$mode: $program"
  why=$(lacks "$condition")
  if [ -n "$why" ]; then
    echo "skipped: $row: $why"
    continue
  fi
  rows_done=$((rows_done + 1))
  file=$dir/$rows_done/file
  mkdir "$dir/$rows_done"
  (umask 027 && : >"$file") # logrotate locks no state that everybody may read
  # shellcheck disable=SC2086 # one word an argument
  case $kind in
  refused)
    for family in ${refusers[$mode]}; do
      refused "$family" $program
    done
    ;;
  =*)
    run $program
    said=$(hear program)
    ends "$said"
    check "$row" "$said, status $status" "${kind#=}, status 0"
    ;;
  *)
    run $program
    inside "$(expected)"
    ;;
  esac
done <<<"$rows"
is "$mode: rows that failed" $failed 0
finish
