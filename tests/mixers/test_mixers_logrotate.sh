#!/bin/bash
# SPDX-License-Identifier: MIT
# test_mixers_logrotate.sh MODE: logrotate holds its state by flock while shared scripts run. It
# keeps out outsiders and a second one, and steps aside for an outsider, as the families meet.
. "$(dirname "$0")/lib.sh"
need logrotate
need_strace
gate
file=$dir/state

cat >"$dir/conf" <<END
$dir/one.log $dir/two.log {
  rotate 2
  nocreate
  sharedscripts
  prerotate
    $dir/script
  endscript
}
END
chmod 644 "$dir/conf"
printf '#!/bin/sh\necho inside >%s\nread -r _ <%s\n' "$up" "$down" >"$dir/script"
chmod 755 "$dir/script"

rotation=("${in_mode[@]}" logrotate --force --state "$file" "$dir/conf")
locked=3 # what it ends with where another has the state

prepare() {
  rm -f "$dir"/*.log* "$file"
  echo line | tee "$dir/one.log" >"$dir/two.log"
  (umask 027 && : >"$file") # it locks no state that everybody may read
}

rotated() { # what became of the logs, and how many the state has
  (cd "$dir" && echo *.log* && grep -c "^\"$dir/.*\.log\" " "$file") | paste -sd:
}

keeps_out() {
  prepare
  start rotation traced "$dir/calls" "${rotation[@]}"
  is "$mode: the script runs" "$(until_inside)" inside
  is_held "$mode: what is held" "$file" "$(kinds_wanted flock)"
  is "$mode: what outsiders get" "$(probe "$file")" "$(probe_wanted ex flock)"
  is "$mode: another" "$(answer_of "${rotation[@]}"), $(rotated)" "$locked, one.log two.log:0"
  let_on
  ended rotation
  is "$mode: rotated" "$status, $(rotated)" '0, one.log.1 two.log.1:2'
  is "$mode: calls" "$(calls_of "$dir/calls" "$file")" "$(calls_wanted flock)"
  is "$mode: hazards" "$(hazards)" ''
}

heeds() { # FAMILY
  local wanted='0, one.log.1 two.log.1:2'
  ! heeded_by "$1" flock || wanted="$locked, one.log two.log:0"
  prepare
  outside "$file" "$1" ex
  [ "${wanted%%,*}" = "$locked" ] || let_on
  is "$mode: beside $1" "$(answer_of "${rotation[@]}"), $(rotated)" "$wanted"
  let_go
}

keeps_out
for family in flock posix ofd; do
  heeds $family
done
finish
