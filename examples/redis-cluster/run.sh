#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: a second redis on the nodes file that a server on an NFS client has.
. "$(dirname "$0")/../begin.sh"
needs redis-check-rdb python3
# One binary, told apart by its name; Debian has it in redis-tools too, without a service.
ln -s "$(command -v redis-check-rdb)" redis-server
: >nodes.conf
port=$(python3 "$here/free_port.py")
set -- ./redis-server --port "$port" --bind 127.0.0.1 --cluster-enabled yes \
  --cluster-config-file nodes.conf --dir "$work" --save '' --appendonly no

echo 'A client has the nodes file, and a second redis starts:'
say natively "$(client serves nodes.conf "$@")"
say 'with lockshim' "$(client serves nodes.conf \
  "$lockshim" run -p policy.conf -s redis -- "$@")"
