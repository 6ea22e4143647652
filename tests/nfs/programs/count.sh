#!/bin/bash
# SPDX-License-Identifier: MIT
# count.sh FILE ROUNDS: counts in FILE under util-linux's flock(1), the lock on a descriptor that
# the subshell opened and flock(1) inherits. Starts at the first line of input.
echo ok
read -r _
for ((i = 0; i < $2; i++)); do
	(
		flock 9
		read -r n <"$1"
		printf '%08d\n' $((10#$n + 1)) 1<>"$1"
	) 9<>"$1"
done
echo ok
