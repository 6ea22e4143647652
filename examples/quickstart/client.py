# SPDX-License-Identifier: MIT
# client.py COUNTER ROUNDS: an NFS client, as its server's kernel shows it: a process that takes
# POSIX locks. Adds one, ROUNDS times. Unmodified, and never preloaded.
import fcntl
import os
import sys
import time

ROUND_TRIP = 0.002  # a client is no faster than its network

with open(sys.argv[1], 'r+b', buffering=0) as counter:
    for _ in range(int(sys.argv[2])):
        fcntl.lockf(counter, fcntl.LOCK_EX)
        number = int(os.pread(counter.fileno(), 9, 0))
        os.sched_yield()
        os.pwrite(counter.fileno(), b'%8d\n' % (number + 1), 0)
        fcntl.lockf(counter, fcntl.LOCK_UN)
        time.sleep(ROUND_TRIP)
