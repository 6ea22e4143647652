# SPDX-License-Identifier: MIT
# append.py lockf|flock MAILBOX STOP: appends messages as judge() in lib.sh knows them, a line a
# write, under a lock of that family alone, until the file STOP is there. Prints their tags.
import fcntl
import os
import sys
import time

family, mailbox, stop = sys.argv[1:]
lock = getattr(fcntl, family)


def lines(tag):
    yield 'From a@test.invalid Sat Jan  1 00:00:00 2022'
    yield f'Subject: {tag}'
    yield ''
    yield from (f'line {n} of {tag}' for n in range(1, 1501))
    yield f'end of {tag}'
    yield ''


number = 0
while not os.path.exists(stop):
    with open(mailbox, 'ab', buffering=0) as file:
        lock(file, fcntl.LOCK_EX)
        for line in lines(f'{family}-{number}'):
            file.write(f'{line}\n'.encode())
    print(f'{family}-{number}')
    number += 1
    time.sleep(0.005)  # or nobody else would ever have the lock
