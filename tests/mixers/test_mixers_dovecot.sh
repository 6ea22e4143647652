#!/bin/bash
# SPDX-License-Identifier: MIT
# test_mixers_dovecot.sh MODE: dovecot reads and writes an mbox under fcntl and flock, in both
# orders. Outsiders keep it out, it keeps them out, and of many messages at once, half without the
# shim and some rewritten meanwhile, none is lost.
. "$(dirname "$0")/lib.sh"
need doveadm awk
imap=/usr/lib/dovecot/imap
[ -x "$imap" ] || skip 'dovecot-imapd is not installed'
need_python
need_strace

mkdir "$dir/mail" "$dir/index" "$dir/run"
file=$dir/mail/box
touch "$file" "$dir/log"
own "$dir/mail" "$dir/index" "$dir/log"

configuration() { # LOCKS ENVIRONMENT
  cat <<END
base_dir = $dir/run
state_dir = $dir/run
log_path = $dir/log
info_log_path = /dev/null
ssl = no
mail_location = mbox:$dir/mail:INBOX=$file:INDEX=$dir/index
mail_uid = $owner
mail_gid = $group
first_valid_uid = 0
mbox_read_locks = $1
mbox_write_locks = $1
mbox_lock_timeout = $bound secs
import_environment = $2
END
}
imported='LD_PRELOAD LOCKSHIM_POLICY LOCKSHIM_SET LOCKSHIM_DEBUG'
configuration 'fcntl flock' "$imported" >"$dir/fcntl-first.conf"
configuration 'flock fcntl' "$imported" >"$dir/flock-first.conf"
configuration 'fcntl flock' TZ >"$dir/not-imported.conf"

user=("USER=$owner" "HOME=$dir")
dovecot=("${in_mode[@]}" "${user[@]}")

# The first writer's mark on all messages rewrites what is there.
deliver() { # TAG
  local as=("${dovecot[@]}")
  [[ $1 == w[02]-* ]] || as=("${without[@]}" "${user[@]}")
  message "$1" | timeout "$bound" "${as[@]}" doveadm -c "$conf" save || return
  [[ $1 != w0-* ]] || timeout "$bound" "${as[@]}" doveadm -c "$conf" flags add mark-"$1" all
}

begin() { # TAG [WRAPPER…]: a delivery that somebody else's lock holds up
  local tag=$1
  shift
  message "$tag" >"$dir/$tag"
  start "$tag" "$@" "${dovecot[@]}" doveadm -c "$conf" save "$dir/$tag"
}

empty() {
  : >"$file"
  rm -rf "$dir/index" "$dir"/*.err
  mkdir "$dir/index"
  own "$dir/index"
}

session() { # NAME COMMAND: an IMAP session that has been told this
  start "$1" "${dovecot[@]}" "$imap" -c "$conf"
  hear_until "$1" PREAUTH >/dev/null
  tell "$1" "$2"$'\r'
}

leaves() { # NAME: says nothing more; sets `status`
  tell "$1" $'z LOGOUT\r'
  cat <&"${from[$1]}" >"$dir/said"
  ended "$1"
}

# A message that is not yet sent to its end is written under the lock.
writer_keeps_out() {
  local size
  empty
  message one >"$dir/message"
  size=$(stat -c %s "$dir/message")
  session writer "1 APPEND INBOX {$size+}"
  head -c 9000 "$dir/message" >&"${to[writer]}"
  is_held "$order: writing" "$file" "$(kinds_wanted fcntl flock)"
  is "$order: writing keeps out" "$(probe "$file")" "$(probe_wanted ex fcntl flock)"
  begin two
  until_waiting "$file"
  is "$order: hazards of writing" "$(hazards)" ''
  { tail -c +9001 "$dir/message" && printf '\r\n'; } >&"${to[writer]}"
  is "$order: written" "$(hear_until writer '^1 ' | cut -c 1-4)" '1 OK'
  ended two
  is "$order: and then two" "$status, $(judge "$file")" '0, one two'
  is "$order: let go" "$(probe "$file")" "${stands[none]}"
  leaves writer
  is "$order: the writer" "$status" 0
}

# A message that is not yet read to its end is sent under the lock.
reads() { # NAME
  session "$1" '1 EXAMINE INBOX'
  hear_until "$1" '^1 ' >/dev/null
  tell "$1" $'2 FETCH 1 BODY.PEEK[]\r'
  is "$order: $1 reads" "$(hear_until "$1" '^\* 1 FETCH' | cut -c 1-9)" '* 1 FETCH'
}

readers_keep_out() {
  empty
  { message big && seq 100000; } | "${dovecot[@]}" doveadm -c "$conf" save 2>"$dir/big.err"
  reads one
  reads two
  is_held "$order: reading" "$file" "$(kinds_wanted fcntl flock)"
  is "$order: reading keeps out" "$(probe "$file")" "$(probe_wanted sh fcntl flock)"
  begin later
  until_waiting "$file"
  is "$order: hazards of reading" "$(hazards)" ''
  leaves one
  is "$order: one has read" "$status, $(grep -c '^2 OK' "$dir/said")" '0, 1'
  leaves two
  is "$order: two has read" "$status, $(grep -c '^2 OK' "$dir/said")" '0, 1'
  ended later
  is "$order: then it is delivered" "$status, $(judge "$file")" '0, big later'
}

heeds() { # FAMILY
  empty
  outside "$file" "$1" ex
  begin one traced "$dir/calls"
  if heeded_by "$1" fcntl flock; then
    until_waiting "$file"
    is "$order: beside $1" "$(judge "$file")" ''
    let_go
    ended one
  else
    ended one
    let_go
  fi
  is "$order: after $1" "$status, $(judge "$file")" '0, one'
  is "$order: calls" "$(calls_of "$dir/calls" "$file")" "$(calls_wanted fcntl flock)"
}

# What is not imported does not reach the process that locks.
not_imported() {
  conf=$dir/not-imported.conf
  begin one traced "$dir/calls"
  ended one
  is 'not imported: calls' "$status, $(calls_of "$dir/calls" "$file")" '0, POSIX flock'
}

for order in fcntl-first flock-first; do
  conf=$dir/$order.conf
  writer_keeps_out
  readers_keep_out
  for family in flock posix ofd; do
    heeds $family
  done
  for family in lockf flock; do
    empty
    stranger $family "$file"
    crowd 4 2 deliver
    is "$order: many at once beside $family" "$(judge "$file")" "$(tags 4 2)"
    is "$order: what they said" "$(cat "$dir/crowd.out" "$dir/log")" ''
  done
done
not_imported
finish
