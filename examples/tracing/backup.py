# SPDX-License-Identifier: MIT
# backup.py FILE COUNT: holds FILE until COUNT others wait for it. /proc/locks is no snapshot, and may
# have one of them twice: they are told apart by their numbers.
import fcntl
import os
import sys

file = open(sys.argv[1], "r+")
fcntl.flock(file, fcntl.LOCK_EX)
print("holds it", flush=True)
inode = os.fstat(file.fileno()).st_ino
waiting = set()
while len(waiting) < int(sys.argv[2]):
    with open("/proc/locks") as locks:
        waiting = {line.split()[5] for line in locks if "->" in line and f":{inode} " in line}
