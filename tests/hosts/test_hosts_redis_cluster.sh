#!/bin/bash
# SPDX-License-Identifier: MIT
# redis-server in cluster mode locks its nodes file for life: a second server is refused, natively
# and under the shim; an outsider's POSIX or OFD lock keeps it from starting only under the shim.
. "$(dirname "$0")/lib.sh"
need_strace
# The server is one binary with the checker, told apart by its name; the checker's package starts
# no service.
if ! command -v redis-server >/dev/null; then
  need redis-check-rdb
  ln -s "$(command -v redis-check-rdb)" "$dir/redis-server"
  PATH=$PATH:$dir
fi
file=$dir/nodes.conf
: >"$file"
served='Ready to accept connections'
refused='already used by a different Redis Cluster node'
declare -A server_pid
no_port='[Ff]ailed listening on port'

# serve NAME MODE [WRAPPER…]: starts it on some free port; sets `said` to how that went,
# and `server_pid` of that name.
serve() {
  local name=$1 mode=$2 line
  shift 2
  for _ in {1..20}; do
    # shellcheck disable=SC2046 # a word each
    start "$name" "$@" under "$mode" redis-server $(own_place) --cluster-enabled yes \
      --cluster-config-file "$file" --dir "$dir" --save '' --appendonly no
    line=$(hear_until "$name" "$served|$refused|$no_port")
    [[ $line =~ $no_port ]] || break
    ended "$name"
  done
  server_pid[$name]=${line%%:*} said=$line
  [[ $line =~ $served ]] && said=served
  [[ $line =~ $refused ]] && said=refused
}

# stop NAME: by the pid that its lines begin with, as strace may stand between.
stop() {
  kill "${server_pid[$1]}"
  ended "$1"
}

for mode in bare shim; do
  serve one $mode
  is "$mode: one serves" "$said, $(probe "$file")" "served, ${stands[$mode-ex]}"
  serve two $mode
  is "$mode: two on the same nodes file" "$said" refused
  ended two
  is "$mode: two exits" "$status" 1
  is "$mode: one still holds it" "$(probe "$file")" "${stands[$mode-ex]}"
  stop one
  is "$mode: one is gone" "$(probe "$file")" "${stands[none]}"
done

for family in posix ofd; do
  outside "$file" $family ex
  serve one bare
  is "bare: beside $family" "$said" served
  stop one
  serve one shim
  is "shim: beside $family" "$said" refused
  ended one
  let_go
done

serve one shim traced "$dir/log"
is 'shim: serves under strace' "$said" served
stop one
is 'shim: asked' "$(asked "$dir/log" "$file")" 'F_OFD_SETLK F_WRLCK'
finish
