#!/bin/sh
# SPDX-License-Identifier: MIT
# flush_calls.sh PRELOAD PROGRAM: the flush comes before the call that lets go of the lock, whatever
# the lock became and whichever call it is; and where it can't be, there is none.
set -eu
preload=$1 program=$2
if [ -n "${TEST_EMULATOR-}" ]; then
  echo 'skipped: strace sees the system calls of the emulator'
  exit 77
fi
command -v strace >/dev/null || {
  echo 'skipped: strace'
  [ -z "${TESTS_MUST_RUN-}" ] || exit 1
  exit 77
}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
: >"$place/empty.conf"
bad=0

# What is done to descriptor 77 (or closes another of the file, 78), from the first write on.
run() { # SETTINGS LOCK END [OPTION]
  : >"$place/file"
  strace -qq ${4-} -E "LD_PRELOAD=$preload" -E "LOCKSHIM_POLICY=$place/empty.conf" \
    -E "LOCKSHIM_SET=$1" -o "$place/trace" "$program" "$place/file" "$2" "$3" 2>"$place/err" || {
    [ $? != 2 ] || [ "$3" = exec-keeping ] || echo absent
  }
  awk '{ sub(/^[0-9]+ +/, "") } # strace -f: what comes between cuts a call in two: "close(77 <unfinished"
    /^writev?\(77/ { if (seen++) word("write"); next }
    !seen { next }
    /^(fdatasync|fsync)\(7[78][ )]/ { word(/^fsync/ ? "flush" : "flush-data"); next }
    /^flock\(7[78], [A-Z_|]*LOCK_UN/ || /^fcntl(64)?\(7[78], F_(OFD_)?SETLKW?(64)?, {l_type=F_UNLCK/ { word("unlock"); next }
    /^flock\(7[78], LOCK_SH/ || /^fcntl(64)?\(7[78], F_(OFD_)?SETLKW?(64)?, {l_type=F_RDLCK/ { word("share"); next }
    /^flock\(7[78], LOCK_EX/ || /^fcntl(64)?\(7[78], F_(OFD_)?SETLKW?(64)?, {l_type=F_WRLCK/ { word("exclude"); next }
    /^close\(7[78][ )]/ || /^dup[23]\([0-9]+, 77/ || /^close_range\(77/ { word("close"); next }
    /^execve\(/ { word("exec") }
    /^munmap.*, 12288\)/ { word("unmap"); next }
    /^exit_group/ { word("exit") }
    /killed by/ { word("killed") }
    function word(name) { if (name != last) line = line (line == "" ? "" : " ") name; last = name }
    END { print line }' "$place/trace"
}

expect() { # SETTINGS LOCK END EXPECTED [OPTION]
  got=$(run "$1" "$2" "$3" "${5-}" 2>/dev/null)
  case $got in "$4" | absent*) return ;; esac
  bad=1
  echo "FAILED: $1, $2, $3: expected: $4; got: $got"
}

# Every way that is seen, under what each family may become.
for become in '' flock=ofd flock=posix flock=both 'flock=ofd;fcntl=ofd' ofd=posix \
  'flock=ofd;open-mode=reopen'; do
  set="on-unlock=flush-data${become:+;$become}"
  for lock in flock fcntl lockf ofd; do
    expect "$set" $lock unlock "flush-data unlock exit"
    for how in close dup2 dup3 close_range closefrom; do
      expect "$set" $lock $how "flush-data close exit"
    done
    expect "$set" $lock fclose "write flush-data close exit"
    expect "$set" $lock exec "flush-data exec exit"
    for how in exit _exit; do
      expect "$set" $lock $how "flush-data exit"
    done
  done
done

set=on-unlock=flush
for lock in flock fcntl ofd; do
  expect $set $lock unlock "flush unlock exit"
  expect $set $lock downgrade "flush share exit"
  expect $set $lock close-copy "close flush close exit"
  for how in execl execle; do
    expect $set $lock $how "flush exec exit"
  done
  # Who has it then is preloaded, too.
  expect $set $lock exec-keeping "exec flush exit"
  for how in quick_exit _Exit; do
    expect $set $lock $how "flush exit"
  done
done
expect $set fcntl daemon "flush exit"
expect $set flock unlock-nb "flush unlock exit"
expect $set flock upgrade "flush share write flush exclude exit"
expect $set fcntl unlock-part "flush unlock exit"
expect $set ofd unlock-part "flush unlock exit"
expect $set fcntl close-another "flush close exit"
expect $set ofd close-another "close exit"

# The lock is the description's, whichever number or process asked for it.
for lock in flock ofd; do
  expect $set $lock downgrade-by-copy "flush share exit"
  expect $set $lock-late downgrade-of-child "write flush share exit"
done
expect $set flock-sh upgrade-by-copy "flush exclude exit"
expect $set flock-late upgrade-of-child "write flush exclude exit"

# A POSIX lock is the process's: it goes with any number of the file.
expect $set fcntl-late close-another-of-high "write flush close exit"
expect $set fcntl exec-closing-another "exec write flush close exit"

# Two families of one descriptor.
expect $set none close-another-of-mixed "exclude flush unlock write flush close exit"
expect $set none downgrade-of-mixed "exclude flush unlock write flush share exit"

# What did not close lets go of nothing.
for lock in flock fcntl ofd; do
  expect $set $lock downgrade-after-dup3 "flush close write flush share exit"
  expect $set $lock downgrade-after-close_range "flush close write flush share exit"
done

expect $set flock-late thread-close-another "close exclude write flush close exit" -f

# Another library's constructor comes before ours, its destructor after.
expect $set none raw-exit "flush close write exit" "-E FLUSH_EARLY=$place/file"
got=$(run $set flock exit "-E FLUSH_LATE=1")
case $got in
"flush write exit") ;;
"write flush exit") ;; # musl's order
*) bad=1 && echo "FAILED: exit, and a destructor that writes: $got" ;;
esac

# A keeper holds what a read-only description can't.
expect "$set;flock=ofd" flock-ro unlock "flush unlock exit"
expect "$set;flock=ofd" flock-ro close "flush close exit"
expect $set flock-ro unlock "flush unlock exit"

# Read alone, under a shared lock: nothing to flush, unless the file can be written otherwise.
expect $set flock-sh-ro unlock "unlock exit"
expect $set flock-sh-ro map "flush unlock exit"
expect $set flock-sh unlock "flush unlock exit"
expect $set flock read-locked "flush unlock share write flush unlock exit"

# Nothing was locked: nothing is flushed. Nor where no rule says so.
for how in unlock close dup2 close_range exec exit _exit; do
  got=$(run $set none $how)
  case $got in *flush*) bad=1 && echo "FAILED: unlocked, $how: $got" ;; esac
  got=$(run flock=ofd flock $how)
  case $got in *flush*) bad=1 && echo "FAILED: no rule, $how: $got" ;; esac
done
expect "$set;shadow=yes" flock unlock "unlock exit"

# What nobody can see, or nobody can help.
expect $set flock raw-exit "exit"
expect $set flock raw-close "close exit"
expect $set flock map-and-close "flush close unmap exit"
expect $set flock kill "killed"
expect $set flock signal "killed"
expect $set flock freopen "close exit"
expect $set flock exit-with-buffer "flush write exit"
exit $bad
