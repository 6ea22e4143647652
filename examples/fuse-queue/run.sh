#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh [BUILD]: two mounts of one directory by bindfs, as two hosts have them of a server. A worker
# puts jobs into the queue by one, another takes them by the other.
. "$(dirname "$0")/../begin.sh"
needs bindfs python3
jobs=5
mkdir served one other
mkfifo to.put from.put to.take from.take
case $(id -u) in
0) unmount='umount -l' ;;
*) unmount='fusermount3 -uz' ;;
esac
trap '{ $unmount one; $unmount other; } 2>/dev/null || :; rm -rf "$work"' EXIT

# For a minute the kernel believes what it knows of a file; bindfs passes locks on to what is below.
mount_both() {
  for at in one other; do
    bindfs --multithreaded --enable-lock-forwarding -o attr_timeout=60 served "$at"
  done
}

# shift_of PREFIX…: how many of the jobs are seen as soon as they were put.
shift_of() {
  seen=0 job=0
  : >served/queue
  mount_both
  "$@" python3 "$here/queue.py" put one/queue <to.put >from.put &
  exec 3>to.put 4<from.put
  "$@" python3 "$here/queue.py" take other/queue <to.take >from.take 3>&- 4<&- &
  exec 5>to.take 6<from.take
  # An empty queue is looked at before there is a job.
  echo >&5 && read -r answer <&6
  while [ "$job" -lt "$jobs" ]; do
    job=$((job + 1))
    echo "job $job" >&3 && read -r answer <&4
    echo >&5 && read -r answer <&6
    [ "$answer" != "job $job" ] || seen=$((seen + 1))
  done
  exec 3>&- 4<&- 5>&- 6<&-
  wait
  $unmount one
  $unmount other
  echo "$seen of $jobs"
}

echo 'Jobs that are put by one mount and seen by the other, at once:'
shift_of >native
say natively "$(cat native)"
shift_of "$lockshim" run -p policy.conf -- >converted
say 'with lockshim' "$(cat converted)"
