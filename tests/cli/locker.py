# SPDX-License-Identifier: MIT
"""locker.py FAMILY FILE [hold]: a whole-file lock, without waiting. Says "held" or "refused"; with
hold, keeps it until standard input ends."""
import fcntl
import os
import struct
import sys

WHOLE = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
FAMILIES = {
    "flock": lambda fd: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB),
    "lockf": lambda fd: os.lockf(fd, os.F_TLOCK, 0),
    "fcntl": lambda fd: fcntl.fcntl(fd, fcntl.F_SETLK, WHOLE),
}

family, path, *hold = sys.argv[1:]
with open(path, "r+") as file:
    try:
        FAMILIES[family](file.fileno())
    except (BlockingIOError, PermissionError):
        print("refused", flush=True)
    else:
        print("held", flush=True)
        if hold:
            sys.stdin.read()
