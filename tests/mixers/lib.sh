# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What these tests share, over the host tests' own; sourced by bash with the mode as $1: `bare`, or
# FLOCK-FCNTL, what the families become. Wants LOCKSHIM, the command.
mixers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/hosts/lib.sh
. "$mixers/../hosts/lib.sh"
bound=120 # many deliver at once, each in its turn
: "${LOCKSHIM:?names the command}"
mode=${1:?bare, or FLOCK-FCNTL}
PATH=$PATH:/usr/sbin:/sbin

flock_is=pass fcntl_is=pass
[ "$mode" = bare ] || flock_is=${mode%-*} fcntl_is=${mode#*-}
# fcntl is named only where it is no default, so that builds without the key have the other modes.
items="flock=$flock_is"
[ "$fcntl_is" = pass ] || items+=";fcntl=$fcntl_is"

# A build without it is no machine without a program: nothing is missing that could be installed.
if [ "$mode" != bare ] &&
  ! "$LOCKSHIM" check -p "$LOCKSHIM_EMPTY_POLICY" -o "${items%;*}" -o "${items#*;}" \
    >/dev/null 2>&1; then
  [ "$fcntl_is" != pass ] || is 'this build knows it' "$items" 'what check accepts'
  echo "skipped: $items is not in this build"
  exit 77
fi

# The command line of a program in this mode begins so.
in_mode=(env -u LD_PRELOAD -u LOCKSHIM_POLICY -u LOCKSHIM_SERVICE -u LOCKSHIM_TRACE -u LOCKSHIM_LOG
  -u LOCKSHIM_DISABLE -u LOCKSHIM_SET)
export LOCKSHIM_DEBUG=1 # hazards are named, but where many run at once
[ "$mode" = bare ] || in_mode+=("LD_PRELOAD=$LOCKSHIM_SO" "LOCKSHIM_SET=$items"
  "LOCKSHIM_POLICY=$LOCKSHIM_EMPTY_POLICY")

# Programs that are older than the rule, or that no preload reaches.
without=(env -u LD_PRELOAD)

# Who delivers is no root: exim delivers to none, and dovecot reads mail for none.
owner=$(id -un) group=$(id -gn)
if [ "$(id -u)" -eq 0 ]; then
  owner=nobody group=$(id -gn nobody)
  chmod 755 "$dir"
fi

own() { # PATH…: makes them the deliverer's
  [ "$(id -u)" -ne 0 ] || chown -R "$owner:$group" "$@"
}

# What each family becomes, and whether an outsider's native flock still meets the program.
declare -A kind_of_flock=([pass]=FLOCK [ofd]=OFDLCK [both]='FLOCK OFDLCK')
declare -A kind_of_fcntl=([pass]=POSIX [ofd]=OFDLCK)
declare -A call_of_flock=([pass]=flock [ofd]=OFD [both]='OFD flock')
declare -A call_of_fcntl=([pass]=POSIX [ofd]=OFD)
meets_flock=yes
[ "$flock_is" != ofd ] || meets_flock=

words() { # WORD…: each once, sorted
  printf '%s\n' "$@" | sort -u | paste -sd' '
}

# What /proc/locks shows of FILE, and what it must show, for a program that takes these FAMILIES.
kinds_of() { # FILE
  # shellcheck disable=SC2046 # one word a kind
  words $(kinds "$1")
}
kinds_wanted() { # flock|fcntl…
  local family all=()
  for family; do
    case $family in
    flock) all+=("${kind_of_flock[$flock_is]}") ;;
    fcntl) all+=("${kind_of_fcntl[$fcntl_is]}") ;;
    esac
  done
  # shellcheck disable=SC2068 # one word a kind
  words ${all[@]}
}

# is_held WHAT FILE KINDS: FILE is locked so, or will be. The list is no snapshot: while others' locks
# come and go a line may be missing.
is_held() {
  local kinds_now end=$((SECONDS + bound))
  until kinds_now=$(kinds_of "$2") && [ "$kinds_now" = "$3" ]; do
    [ $SECONDS -lt $end ] || break
  done
  is "$1" "$kinds_now" "$3"
}

# The calls that were granted on FILE as strace saw them reach the kernel, and what they must be.
calls_of() { # LOG FILE
  # shellcheck disable=SC2046 # one word a call
  words $(grep -F "<$2>" "$1" | sed -nE 's/.*(flock)\([^,]*, LOCK_(SH|EX).* = 0/\1/p
    s/.*F_OFD_SETLKW?, .*F_(RD|WR)LCK.* = 0/OFD/p
    s/.*F_SETLKW?, .*F_(RD|WR)LCK.* = 0/POSIX/p')
}
calls_wanted() { # flock|fcntl…
  local family all=()
  for family; do
    case $family in
    flock) all+=("${call_of_flock[$flock_is]}") ;;
    fcntl) all+=("${call_of_fcntl[$fcntl_is]}") ;;
    esac
  done
  # shellcheck disable=SC2068 # one word a call
  words ${all[@]}
}

# What probe() prints while a program that takes these FAMILIES holds ex or sh.
probe_wanted() { # ex|sh flock|fcntl…
  local native=none records=none family
  for family in "${@:2}"; do
    case $family-$flock_is in
    flock-pass) native=bare-$1 ;;
    flock-ofd) records=shim-$1 ;;
    flock-both) native=bare-$1 records=shim-$1 ;;
    fcntl-*) records=shim-$1 ;;
    esac
  done
  echo "${stands[$native]%%;*};${stands[$records]#*;}"
}

# heeded_by FAMILY flock|fcntl…: whether an outsider's lock of FAMILY keeps such a program out.
heeded_by() {
  local family=$1 asked
  shift
  for asked; do
    case $family-$asked-$flock_is in
    flock-flock-pass | flock-flock-both | posix-flock-ofd | posix-flock-both) return 0 ;;
    ofd-flock-ofd | ofd-flock-both | posix-fcntl-* | ofd-fcntl-*) return 0 ;;
    esac
  done
  return 1
}

# hazards: the names of those that the programs in start()'s hands were told of.
hazards() {
  sed -n 's/^lockshim: .* hazard \([a-z-]*\): .*/\1/p' "$dir"/*.err | sort -u | paste -sd' '
}

# A program tells us by one fifo that it is inside, and by the other we let it go on.
gate() { # sets `up` and `down`, the paths, and what is open of them
  up=$dir/up down=$dir/down
  mkfifo "$up" "$down"
  [ "$(id -u)" -ne 0 ] || chmod 666 "$up" "$down"
  exec {up_fd}<>"$up" {down_fd}<>"$down"
  # Who is still inside leaves with a failed test: strace ends with it alone.
  trap 'let_on; clean_up' EXIT
}
until_inside() {
  local line
  read -r -t "$bound" line <&"$up_fd" || line='(nobody came inside)'
  echo "$line"
}
let_on() {
  echo go >&"$down_fd"
}

# message TAG: on standard output, a mail of a few writes' length, which judge() knows again.
message() {
  printf 'From: a@test.invalid\nTo: box@test.invalid\nSubject: %s\n\n' "$1"
  seq -f "line %.0f of $1" 1500
  echo "end of $1"
}

# judge MAILBOX: the tags of its messages, sorted; and a word on each that is not whole.
judge() {
  awk '
    function follows() { return n ? $4 == tag && $2 == n + 1 : $2 == 1 }
    /^line / {
      if (!follows()) print "torn:" tag "," $4
      tag = $4; n = $2
    }
    /^end of / { print ($3 == tag && n == 1500) ? tag : "short:" $3; n = 0 }
    END { if (n) print "unended:" tag }' "$1" | sort | paste -sd' '
}

# stranger FAMILY FILE: appends messages until crowd() is over, under that family alone. It runs
# without the shim, but for flock where no native one is heeded.
stranger() {
  local as=("${without[@]}")
  [ "$1" != flock ] || [ -n "$meets_flock" ] || as=(env -u LOCKSHIM_DEBUG "${in_mode[@]}")
  rm -f "$dir/over"
  "${as[@]}" "$python" "$mixers/append.py" "$1" "$2" "$dir/over" >"$dir/appended" &
  stranger_pid=$!
}

# crowd WRITERS EACH CMD…: that many at once, each runs CMD that often with a tag as last argument.
# What any of them says is in crowd.out.
crowd() {
  local writers=$1 each=$2 writer i pids=()
  shift 2
  for ((writer = 0; writer < writers; writer++)); do
    {
      unset LOCKSHIM_DEBUG
      for ((i = 0; i < each; i++)); do
        "$@" "w$writer-$i" || echo "w$writer-$i: status $?"
      done
    } </dev/null >>"$dir/crowd.out" 2>&1 &
    pids+=($!)
  done
  wait "${pids[@]}"
  : >"$dir/over"
  wait "$stranger_pid"
}

tags() { # WRITERS EACH: those of the crowd and of the stranger, sorted
  local writer
  {
    for ((writer = 0; writer < $1; writer++)); do
      seq -f "w$writer-%.0f" 0 $(($2 - 1))
    done
    cat "$dir/appended"
  } | sort | paste -sd' '
}
