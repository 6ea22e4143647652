# SPDX-License-Identifier: MIT
# backup.py FILE COUNT: holds FILE until COUNT others wait for it.
import fcntl
import os
import sys

file = open(sys.argv[1], "r+")
fcntl.flock(file, fcntl.LOCK_EX)
print("holds it", flush=True)
inode = os.fstat(file.fileno()).st_ino
waiting = 0
while waiting < int(sys.argv[2]):
    with open("/proc/locks") as locks:
        waiting = sum("->" in line and f":{inode} " in line for line in locks)
