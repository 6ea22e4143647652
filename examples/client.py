# SPDX-License-Identifier: MIT
# An NFS client, as its server's kernel shows it: a process that takes POSIX locks. Unmodified, and
# never preloaded. In words, on standard output:
#   client.py try FILE               how a client fares that asks for a lock on FILE now
#   client.py beside FILE COMMAND…   how COMMAND fares while a client has the lock; then lets it go on
#   client.py serves FILE COMMAND…   the same of one that goes on once it has its lock; then ends it
#   client.py locks FILE             which kinds of lock are held on FILE, by /proc/locks
import fcntl
import os
import signal
import subprocess
import sys
import time

PATIENCE = 60  # seconds until what should happen counts as not happening


def locks(path):
    """Rows of /proc/locks on this file, without the first column: '->' stands before who waits."""
    inode = ':%d' % os.stat(path).st_ino
    with open('/proc/locks') as file:
        rows = [line.split()[1:] for line in file]
    return [row for row in rows if any(word.endswith(inode) for word in row)]


def kinds(path):
    return ' '.join(sorted({row[0] for row in locks(path) if row[0] != '->'}))


def attempt(path):
    with open(path, 'r+b') as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return 'gets it too'
        except BlockingIOError:
            return 'is refused'


def fate(command, path, serves):
    """None while nothing can be told yet."""
    if command.poll() is not None:
        return 'gets it too' if command.returncode == 0 else 'is refused'
    rows = locks(path)
    if any(row[0] == '->' for row in rows):
        return 'waits'
    if serves and any(row[3] != str(os.getpid()) and row[0] != '->' for row in rows):
        return 'gets it too'
    return None


def beside(path, arguments, serves):
    with open(path, 'r+b') as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        command = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + PATIENCE
        while not (said := fate(command, path, serves)) and time.monotonic() < end:
            time.sleep(0.001)
    if serves and command.poll() is None:
        os.killpg(command.pid, signal.SIGTERM)
    command.wait(PATIENCE)
    return said


verb, target, *rest = sys.argv[1:]
print({'try': lambda: attempt(target), 'locks': lambda: kinds(target),
       'beside': lambda: beside(target, rest, False),
       'serves': lambda: beside(target, rest, True)}[verb]())
