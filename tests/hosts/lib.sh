# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the host tests share; sourced by bash. Wants LOCKSHIM_SO (the preloaded object) and LOCKER
# (the outsider's program) in the environment. Every wait is for a line, a lock or an end, bounded.
set -u
umask 022
export LC_ALL=C

hosts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${LOCKSHIM_SO:?names the preloaded object}" "${LOCKER:?names the outsider program}"
export LOCKSHIM_SO
PATH=$hosts:$PATH
bound=100 # seconds before something that should happen counts as not happening

dir=$(mktemp -d "${TMPDIR:-/tmp}/lockshim-hosts.XXXXXX")
dir=$(cd "$dir" && pwd -P)
export LOCKSHIM_EMPTY_POLICY=$dir/empty-policy.conf
: >"$LOCKSHIM_EMPTY_POLICY"

checks=0
declare -A pid_of to from

clean_up() {
  local name
  for name in "${!pid_of[@]}"; do
    kill -- "-${pid_of[$name]}" 2>/dev/null && wait "${pid_of[$name]}" 2>/dev/null
  done
  rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# need PROGRAM…: without one of them the test is skipped, or fails where nothing may be missing.
need() {
  local program
  for program; do
    command -v "$program" >/dev/null || skip "$program is not installed"
  done
}

skip() {
  echo "skipped: $1"
  [ -z "${TESTS_MUST_RUN:-}" ] || exit 1
  exit 77
}

# is WHAT GOT WANTED: a difference ends the test, since what follows would only follow from it.
is() {
  if [ "$2" = "$3" ]; then
    checks=$((checks + 1))
    echo "ok: $1"
    return
  fi
  printf 'FAILED: %s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
  exit 1
}

# The last line of a test. Nothing checked is a failure too.
finish() {
  echo "$checks checks"
  [ "$checks" -gt 0 ]
  exit
}

# answer_of CMD…: its exit status.
answer_of() {
  "$@" >/dev/null 2>&1 </dev/null
  echo $?
}

# start NAME CMD…: runs it in the background, its input and output in our hand alone (another
# program that held an end of them too would hide their end), in a process group of its own.
start() {
  local name=$1 in=$dir/$1.in out=$dir/$1.out fd
  shift
  rm -f "$in" "$out"
  mkfifo "$in" "$out"
  set -m
  (
    for fd in "${to[@]}" "${from[@]}"; do
      exec {fd}>&-
    done
    exec "$@"
  ) <"$in" >"$out" 2>"$dir/$name.err" &
  set +m
  pid_of[$name]=$!
  exec {fd}>"$in"
  to[$name]=$fd
  exec {fd}<"$out"
  from[$name]=$fd
}

# tell NAME LINE: in a subshell, as a program that is gone must not take the test along.
tell() {
  (printf '%s\n' "$2") >&"${to[$1]}"
}

hear() { # NAME: its next line
  local line
  if read -r -t "$bound" line <&"${from[$1]}"; then
    echo "$line"
  else
    echo "(nothing more from $1)"
  fi
}

hear_until() { # NAME REGEX: reads on to the first line that matches, and prints it
  local line
  while read -r -t "$bound" line <&"${from[$1]}"; do
    if [[ $line =~ $2 ]]; then
      echo "$line"
      return
    fi
  done
  echo "($1 never said: $2)"
}

ask() { # NAME LINE: its answer
  tell "$1" "$2"
  hear "$1"
}

# sooner NAME NAME: waits for a line of either; sets `first` and `second` to who spoke and who not.
sooner() {
  local end=$((SECONDS + bound)) line
  first=$1 second=$2
  until read -r -t 0.05 line <&"${from[$first]}"; do
    if [ $SECONDS -ge $end ]; then
      is "a word of $1 or $2" '' 'a line'
    fi
    set -- "$second" "$first"
    first=$1 second=$2
  done
}

ended() { # NAME: waits for its end, sets `status`
  local fd
  fd=${to[$1]} && exec {fd}>&-
  wait "${pid_of[$1]}"
  status=$?
  fd=${from[$1]} && exec {fd}<&-
  unset "pid_of[$1]" "to[$1]" "from[$1]"
}

# until_waiting FILE [COUNT]: until one request, or so many, wait for locks of this file. The list is
# no snapshot: a line may be there twice, under another number.
until_waiting() {
  local inode end=$((SECONDS + bound))
  inode=$(stat -c %i "$1")
  until [ "$(awk -v inode="$inode" '
    $2 == "->" && $7 ~ ":" inode "$" { $1 = ""; if (!seen[$0]++) count++ }
    END { print count + 0 }' /proc/locks)" -eq "${2:-1}" ]; do
    if [ $SECONDS -ge $end ]; then
      is "${2:-one} waits for $1" "$(grep ":$inode " /proc/locks)" 'so many lines with ->'
    fi
  done
}

# kinds FILE: the kinds of lock held on it, as /proc/locks calls them; each line once, as above.
kinds() {
  awk -v inode="$(stat -c %i "$1")" '
    $2 != "->" && $6 ~ ":" inode "$" { $1 = ""; if (!seen[$0]++) print $2 }' /proc/locks |
    sort | paste -sd' '
}

# probe FILE: what each family answers an outsider that asks for all of it.
probe() {
  local family said=
  ask outsider "open $1 rw" >/dev/null
  for family in flock posix ofd; do
    said+="$family ex $(ask outsider "$family ex nb"), "
    ask outsider "$family un" >/dev/null
    said+="sh $(ask outsider "$family sh nb"); "
    ask outsider "$family un" >/dev/null
  done
  ask outsider close >/dev/null
  echo "${said%; }"
}

# until_free FILE: what probe() prints, once no lock stands. A keeper, and a child that was left behind
# with the lock, end by themselves: the lock goes within milliseconds of the last close.
until_free() {
  local end=$((SECONDS + bound)) said
  until said=$(probe "$1") && [ "$said" = "${stands[none]}" ]; do
    [ $SECONDS -lt $end ] || break
  done
  echo "$said"
}

# What probe() prints while a lock stands, by who took it (bare or under the shim) and its type.
# The bare rows are the problem; their EAGAIN for flock also proves that the lock was there.
declare -A stands=(
  [bare-ex]='flock ex EAGAIN, sh EAGAIN; posix ex ok, sh ok; ofd ex ok, sh ok'
  [bare-sh]='flock ex EAGAIN, sh ok; posix ex ok, sh ok; ofd ex ok, sh ok'
  [shim-ex]='flock ex ok, sh ok; posix ex EAGAIN, sh EAGAIN; ofd ex EAGAIN, sh EAGAIN'
  [shim-sh]='flock ex ok, sh ok; posix ex EAGAIN, sh ok; ofd ex EAGAIN, sh ok'
  [none]='flock ex ok, sh ok; posix ex ok, sh ok; ofd ex ok, sh ok'
)

# outside FILE FAMILY ex|sh: the outsider takes it, once an earlier holder that is just ending has
# let go; let_go gives it back.
outside() {
  is "outsider takes $2 $3" "$(ask outsider "open $1 rw") $(ask outsider "$2 $3")" 'ok ok'
}

let_go() {
  is 'outsider lets go' "$(ask outsider close)" ok
}

# let_in NAME MODE FILE ANSWER: NAME has asked for a lock that the outsider's stands against. Bare
# it gets it at once; under the shim it waits until the outsider lets go.
let_in() {
  if [ "$2" = shim ]; then
    until_waiting "$3"
    let_go
  fi
  is "$2: $1 gets its lock" "$(hear "$1")" "$4"
  [ "$2" = shim ] || let_go
}

need_python() { # sets `python`: the program itself, not a version manager's script
  need python3
  python=$(python3 -c 'import sys; print(sys.executable)')
}

# own_place: where a redis server can listen: an address that no other test has, and ports (the cluster's
# is 10,000 above) that the kernel gives to nobody who asks for any.
own_place() {
  echo "--bind 127.$((1 + RANDOM % 254)).$((RANDOM % 256)).$((1 + RANDOM % 254))" \
    "--port $((10000 + RANDOM % 12000))"
}

need_strace() {
  need strace
  strace -qq -o /dev/null true 2>/dev/null || skip 'strace may not trace here'
}

# asked LOG FILE: which lock requests the kernel got for this file, each once, in order.
# An unlock by flock is no request for a lock.
asked() {
  grep -F "<$2>" "$1" |
    sed -nE 's/.*flock\([^,]*, (LOCK_(EX|SH)).*/flock \1/p
      s/.*fcntl\([^,]*, (F_(OFD_)?SETLKW?), \{l_type=(F_(WR|RD)LCK).*/\1 \3/p' |
    awk '!seen[$0]++' | paste -sd,
}

start outsider "$LOCKER"
is 'there is an outsider' "$(ask outsider "open $LOCKSHIM_EMPTY_POLICY ro"), $(ask outsider close)" \
  'ok, ok'
