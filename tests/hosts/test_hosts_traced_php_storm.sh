#!/bin/bash
# SPDX-License-Identifier: MIT
# Many PHP processes on one session that one of them holds: the report names the file, the holder and
# every waiter, first while they wait and then with what it cost. The trace has each call that was made.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/traced_lib.sh"
need php
need_strace
mkdir "$dir/sessions"
file=$dir/sessions/sess_storm
visitors=12 visits=40
php=(php -d session.save_path="$dir/sessions" -d session.save_handler=files "$hosts/session.php")

# How many calls of flock a visit makes, as the kernel has it.
start single traced "$dir/log" under bare "${php[@]}"
is 'a visit' "$(ask single 'start single'), $(ask single close)" 'ok, ok'
ended single
locks=$(grep -c 'flock(.*LOCK_EX' "$dir/log")
unlocks=$(grep -c 'flock(.*LOCK_UN' "$dir/log")
is 'it locks once' "$locks" 1

in_sight holder "${php[@]}"
holder=${pid_of[holder]}
is 'the holder is in' "$(ask holder 'start storm')" ok
waiters=()
for ((i = 0; i < visitors; i++)); do
  in_sight "visitor$i" "${php[@]}"
  waiters+=("${pid_of[visitor$i]}")
  tell "visitor$i" 'start storm'
done
until_waiting "$file" $visitors
in_sight bystander "${php[@]}"
is 'another session is free' "$(ask bystander 'start other'), $(ask bystander close)" 'ok, ok'
ended bystander
wanted=$(printf '%s\n' "${waiters[@]}" | sort -n | paste -sd' ')

mine="[w for w in report['waiting'] if w['file'] == '$file']"
is 'while they wait: the report has all of them' \
  "$(reported "sorted(w['waiter']['pid'] for w in $mine)")" "$wanted"
is 'and who holds it' \
  "$(reported "{(h['program'][:3], h.get('pid')) for w in $mine for h in w['holders']}")" \
  "('php', $holder)"

is 'the holder leaves' "$(ask holder close)" ok
for ((i = 0; i < visitors; i++)); do
  tell "visitor$i" close
done
for ((i = 0; i < visitors; i++)); do
  is "visitor $i was in, and left" "$(hear "visitor$i") $(hear "visitor$i")" 'ok ok'
done
for ((i = 0; i < visitors; i++)); do
  tell "visitor$i" "many storm $visits"
done
for ((i = 0; i < visitors; i++)); do
  is "visitor $i is through" "$(hear "visitor$i")" ok
done
ended holder
for ((i = 0; i < visitors; i++)); do
  ended "visitor$i"
done

waits="[w for w in report['waits'] if w['file'] == '$file']"
is 'afterwards: who waited for the holder' \
  "$(reported "sorted(w['waiter']['pid'] for w in $waits if w['holder'].get('pid') == $holder)")" "$wanted"
is 'nobody waits any more' "$(reported "report['waiting']")" ''
made=$((1 + visitors + visitors * visits))
is 'each lock that was taken' \
  "$(reported "(f['locks'] for f in report['files'] if f['file'] == '$file')")" "$made"
is 'each call: locks' "$(events_of lock)" $(((made + 1) * locks))
is 'each call: unlocks' "$(told --operation release --path "$file" | wc -l)" $made

# stood_still: the longest time in ms from a release to a grant that was waited for. Who was let in and
# has not run for 100 ms looks as if somebody outside had had the lock.
stood_still() {
  "$LOCKSHIM" trace "$trace" --json --path "$file" | "$python" -c '
import json, sys
last = longest = 0
for event in map(json.loads, sys.stdin):
    if event["event"] == "release":
        last = event["time"]
    elif event["event"] == "lock" and event["waited"]:
        longest = max(longest, event["time"] - last)
print(longest // 1000000)'
}
still=$(stood_still)
if [ "$still" -lt 100 ]; then
  is 'nobody stood outside: advice' \
    "$("$LOCKSHIM" report "$trace" --advise | grep -E '^[a-z-]+ = ' | grep -v '^program\|^filesystem')" \
    'flock = ofd'
else
  echo "not asked for advice: the host stood still for $still ms"
fi
[ "$unlocks" -eq 0 ] ||
  is 'as unlocks' "$("$LOCKSHIM" trace "$trace" --json --operation release --path "$file" |
    grep -c '"call":"flock"')" $((made * unlocks))
finish
