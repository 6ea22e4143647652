#!/bin/bash
# SPDX-License-Identifier: MIT
# test_mixers_procmail.sh MODE: procmail delivers under fcntl alone. It meets who flocks the mailbox
# where flock is a record lock too, and nowhere else.
. "$(dirname "$0")/lib.sh"
need procmail awk
need_python
need_strace
file=$dir/box

# A copy is neither setuid nor setgid: it runs as who we are, under the shim.
cp "$(command -v procmail)" "$dir/procmail"
printf ':0\n%s\n' "$file" >"$dir/rc"
procmail=("${in_mode[@]}" "HOME=$dir" "$dir/procmail" -m "$dir/rc")

empty() { # a file that was just read has procmail wait a second
  : >"$file"
  touch -a -d @0 "$file"
}

deliver() { # TAG
  message "$1" | timeout "$bound" "${procmail[@]}"
}

begin() { # [WRAPPER…]: a delivery that somebody else's lock may hold up
  message one >"$dir/message"
  start procmail sh -c 'exec "$@" <"$0"' "$dir/message" "$@" "${procmail[@]}"
}

delivered() { # WHEN
  ended procmail
  is "$mode: delivered $1" "$status, $(judge "$file")" '0, one'
}

heeds() { # FAMILY: of an outsider
  empty
  outside "$file" "$1" ex
  begin traced "$dir/calls"
  if heeded_by "$1" fcntl; then
    until_waiting "$file"
    is "$mode: beside $1" "$(stat -c %s "$file")" 0
    let_go
    delivered "after $1"
  else
    delivered "beside $1"
    let_go
  fi
  is "$mode: calls" "$(calls_of "$dir/calls" "$file")" "$(calls_wanted fcntl)"
}

# A shell that flocks the mailbox, in this mode too.
beside_a_shell() {
  local told=
  empty
  start shell "${in_mode[@]}" sh -c 'exec 9>>"$1"; flock 9; echo held; read -r _' sh "$file"
  is "$mode: a shell flocks" "$(hear shell)" held
  begin
  if [ "$flock_is" = pass ]; then
    delivered 'beside a shell'
  else
    told=families-meet
    until_waiting "$file"
    is "$mode: beside a shell" "$(stat -c %s "$file")" 0
  fi
  tell shell go
  ended shell
  [ "$flock_is" = pass ] || delivered 'after the shell'
  is "$mode: hazards" "$(hazards)" "$told"
}

many() { # FAMILY: of the stranger
  empty
  stranger "$1" "$file"
  crowd 4 8 deliver
  is "$mode: many at once beside $1" "$(judge "$file")" "$(tags 4 8)"
  is "$mode: what they said" "$(cat "$dir/crowd.out")" ''
}

for family in flock posix ofd; do
  heeds $family
done
beside_a_shell
many lockf
# A native flock is heeded by no fcntl.
meets_flock=
[ "$flock_is" = pass ] || many flock
finish
