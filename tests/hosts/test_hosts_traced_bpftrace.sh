#!/bin/bash
# SPDX-License-Identifier: MIT
# examples/tracing/locks.bt names who waits while it waits, and how long it did, of programs that
# were started without a thought of tracing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced_lib.sh"
need bpftrace
need_probes
bpftrace -e 'usdt:$1:lockshim:granted { exit(); } BEGIN { exit(); }' "$LOCKSHIM_SO" \
  >"$dir/log" 2>&1 || cannot "bpftrace may not attach here: $(tail -n 1 "$dir/log")"
file=$dir/file
: >"$file"

start bt bpftrace -B line "$hosts/../../examples/tracing/locks.bt" "$LOCKSHIM_SO"
is 'it is attached' "$(hear_until bt 'waiting \(thread' | grep -c '(thread, program, fd)')" 1
outside "$file" flock ex
start waiter env LD_PRELOAD="$LOCKSHIM_SO" LOCKSHIM_POLICY="$LOCKSHIM_EMPTY_POLICY" \
  flock "$file" echo in
until_waiting "$file"
is 'who waits' "$(hear_until bt '@asking' | sed 's/, [0-9]*\]/]/')" "@asking[${pid_of[waiter]}, flock]: 1"
let_go
is 'it got the lock' "$(hear waiter)" in
read -r program pid fd waited < <(hear_until bt "^flock +[0-9]")
is 'who waited' "$program $pid" "flock ${pid_of[waiter]}"
is 'for some time' "$((fd > 2 && waited > 0))" 1
ended waiter
kill -INT "${pid_of[bt]}"
is 'the sums' "$(hear_until bt '@held_us')" '@held_us[flock]:'
ended bt
finish
