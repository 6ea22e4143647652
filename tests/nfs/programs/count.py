#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""count.py FILE ROUNDS PAUSE_MS: counts in FILE under fcntl.flock. Starts at the first line of input."""

import fcntl
import os
import sys
import time

fd = os.open(sys.argv[1], os.O_RDWR)
print("ok", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    fcntl.flock(fd, fcntl.LOCK_EX)
    number = int(os.pread(fd, 9, 0)) + 1
    os.pwrite(fd, b"%08d\n" % number, 0)
    fcntl.flock(fd, fcntl.LOCK_UN)
    time.sleep(int(sys.argv[3]) / 1000)
print("ok", flush=True)
