#!/bin/bash
# SPDX-License-Identifier: MIT
# Two redis cluster nodes on one nodes file, traced: trace and report name the file, the holder and
# the one that was refused; advise has the policy that they can run with.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced_lib.sh"
# The server is one binary with the checker, told apart by its name.
if ! command -v redis-server >/dev/null; then
  need redis-check-rdb
  ln -s "$(command -v redis-check-rdb)" "$dir/redis-server"
  PATH=$PATH:$dir
fi
file=$dir/nodes.conf
: >"$file"
served='Ready to accept connections'
refused='already used by a different Redis Cluster node'
no_port='[Ff]ailed listening on port'

# serve NAME: starts it on some free port, sets `said` to how that went and `pid`.
serve() {
  local line
  for _ in {1..20}; do
    # shellcheck disable=SC2046 # a word each
    in_sight "$1" redis-server $(own_place) --cluster-enabled yes --cluster-config-file "$file" \
      --dir "$dir" --save '' --appendonly no
    line=$(hear_until "$1" "$served|$refused|$no_port")
    [[ $line =~ $no_port ]] || break
    ended "$1"
  done
  pid=${pid_of[$1]} said=$line
  [[ $line =~ $served ]] && said=served
  [[ $line =~ $refused ]] && said=refused
}

serve one
is 'one serves' "$said" served
one=$pid
serve two
two=$pid
is 'two is refused' "$said" refused
ended two
is 'two exits' "$status" 1

is 'while one serves: who holds' "$(told --pid "$one" --path "$file")" "$one lock exclusive ok $file"
is 'who was refused' "$(told --pid "$two" --path "$file")" "$two lock exclusive EAGAIN $file"
of_file="[f for f in report['files'] if f['file'] == '$file']"
is 'the report: a lock, a refusal' \
  "$(reported "((f['locks'], f['requests'], f['refused']) for f in $of_file)")" '(1, 2, 1)'

kill "$one"
ended one
is 'one lets go' "$(told --pid "$one" --operation release --path "$file")" \
  "$one release unlock ok $file"
is 'held to the end' "$(reported "(f['hold-max'] > 0 for f in $of_file)")" True
is 'babeltrace2 reads it: locks, releases' "$(events_of lock) $(events_of release)" '2 1'

"$LOCKSHIM" report "$trace" --advise >"$dir/advice.conf"
is 'advice' "$(sed -n 's/^flock = //p' "$dir/advice.conf")" ofd
is 'a policy' "$(answer_of "$LOCKSHIM" check --strict "$dir/advice.conf")" 0
# shellcheck disable=SC2046 # a word each
start under env LD_PRELOAD="$LOCKSHIM_SO" LOCKSHIM_POLICY="$dir/advice.conf" redis-server $(own_place) \
  --cluster-enabled yes --cluster-config-file "$file" --dir "$dir" --save '' --appendonly no
is 'it runs under the advice' "$(hear_until under "$served" | grep -c "$served")" 1
is 'converted' "$(probe "$file")" "${stands[shim-ex]}"
kill "${pid_of[under]}"
ended under
finish
