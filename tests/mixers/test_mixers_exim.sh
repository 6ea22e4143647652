#!/bin/bash
# SPDX-License-Identifier: MIT
# test_mixers_exim.sh MODE: exim delivers to a mailbox under fcntl and then flock. Outsiders keep it
# out, it keeps them out, and of many deliveries at once, half without the shim, none is lost.
. "$(dirname "$0")/lib.sh"
need exim4 awk
need_python
need_strace
gate

# A copy is not setuid: it runs as who we are, under the shim.
cp "$(command -v exim4)" "$dir/exim"
mkdir "$dir/spool" "$dir/log" "$dir/mail"
file=$dir/mail/box
: >"$file"
own "$dir/mail"

configuration() { # FURTHER-OPTIONS-OF-THE-TRANSPORT
  cat <<END
exim_path = $dir/exim
exim_user = $(id -un)
exim_group = $(id -gn)
primary_hostname = test.invalid
spool_directory = $dir/spool
log_file_path = $dir/log/%slog
keep_environment = LD_PRELOAD : ^LOCKSHIM_
deliver_drop_privilege
local_interfaces = 127.0.0.1
disable_ipv6
begin routers
box:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  file = $file
  user = $owner
  group = $group
  use_fcntl_lock
  use_flock_lock
  use_lockfile = false
  $1
END
}
# With a time limit it waits for a lock; else it asks without waiting.
configuration "lock_fcntl_timeout = ${bound}s
  lock_flock_timeout = ${bound}s" >"$dir/plain.conf"
configuration "transport_filter = $dir/filter" >"$dir/gated.conf"
printf '#!/bin/sh\necho inside >%s\nread -r _ <%s\nexec cat\n' "$up" "$down" >"$dir/filter"
chmod 755 "$dir/filter"

exim=("$dir/exim" -odi -i)

# deliver TAG: one message, and back when it is delivered.
deliver() {
  local as=("${in_mode[@]}")
  [[ $1 == w[02]-* ]] || as=("${without[@]}")
  message "$1" | timeout "$bound" "${as[@]}" "${exim[@]}" -C "$dir/plain.conf" box
}

# begin TAG CONF [WRAPPER…]: a delivery that somebody else's lock or the gate holds up.
begin() {
  local tag=$1 conf=$2
  shift 2
  message "$tag" >"$dir/$tag"
  start "$tag" sh -c 'exec "$@" <"$0"' "$dir/$tag" \
    "$@" "${in_mode[@]}" "${exim[@]}" -C "$dir/$conf.conf" box
}

keeps_out() {
  begin one gated traced "$dir/calls"
  is "$mode: exim is inside" "$(until_inside)" inside
  is_held "$mode: what is held" "$file" "$(kinds_wanted fcntl flock)"
  is "$mode: what outsiders get" "$(probe "$file")" "$(probe_wanted ex fcntl flock)"
  begin two plain
  until_waiting "$file"
  is "$mode: another waits" "$(judge "$file"), $(hazards)" ', '
  let_on
  ended one
  is "$mode: one is delivered" "$status" 0
  ended two
  is "$mode: and then two" "$status, $(judge "$file")" '0, one two'
  is "$mode: calls" "$(calls_of "$dir/calls" "$file")" "$(calls_wanted fcntl flock)"
  is "$mode: let go" "$(probe "$file")" "${stands[none]}"
}

heeds() { # FAMILY
  : >"$file"
  outside "$file" "$1" ex
  begin one plain
  if heeded_by "$1" fcntl flock; then
    until_waiting "$file"
    is "$mode: beside $1" "$(judge "$file")" ''
    let_go
    ended one
  else
    ended one
    let_go
  fi
  is "$mode: after $1" "$status, $(judge "$file")" '0, one'
}

keeps_out
for family in flock posix ofd; do
  heeds $family
done

for family in lockf flock; do
  : >"$file"
  stranger $family "$file"
  crowd 4 4 deliver
  is "$mode: many at once beside $family" "$(judge "$file")" "$(tags 4 4)"
  is "$mode: what they said" "$(cat "$dir/crowd.out")" ''
done
finish
