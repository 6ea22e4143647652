#!/bin/sh
# SPDX-License-Identifier: MIT
# local.sh COUNTER ROUNDS: a script on the server. Adds one, under flock(1), ROUNDS times.
round=0
while [ "$round" -lt "$2" ]; do
  (
    flock 9
    read -r number <&9
    # shellcheck disable=SC2003 # many a script still counts so, and takes its time over it
    number=$(expr "$number" + 1)
    printf '%8d\n' "$number" 1<>"$1"
  ) 9<>"$1"
  round=$((round + 1))
done
