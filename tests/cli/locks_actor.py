# SPDX-License-Identifier: MIT
"""A process that does what it is told, a line of JSON at a time: [WORD, ARGUMENT…]. Says what
came of it: "done", "refused", or a number. Ends with its standard input."""
import fcntl
import json
import os
import struct
import sys
import threading

OFD_SETLK, OFD_SETLKW = 37, 38
SETLK, SETLKW = fcntl.F_SETLK, fcntl.F_SETLKW
MODES = {"r": os.O_RDONLY, "w": os.O_WRONLY, "rw": os.O_RDWR}


def flock(fd, mode, *how):
    operation = {"READ": fcntl.LOCK_SH, "WRITE": fcntl.LOCK_EX, "UN": fcntl.LOCK_UN}[mode]
    fcntl.flock(fd, operation | (0 if "wait" in how else fcntl.LOCK_NB))


def record(command, waiting, fd, mode, start, length, *how):
    kind = {"READ": fcntl.F_RDLCK, "WRITE": fcntl.F_WRLCK, "UN": fcntl.F_UNLCK}[mode]
    request = struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0)
    fcntl.fcntl(fd, waiting if "wait" in how else command, request)


def posix(*request):
    record(SETLK, SETLKW, *request)


def ofd(*request):
    record(OFD_SETLK, OFD_SETLKW, *request)


def fork(talk):
    """The child does what it is told by another pipe, and the parent knows its number alone."""
    child = os.fork()
    if child:
        return child
    for fd, path in enumerate(talk):
        os.dup2(os.open(path, (os.O_RDONLY, os.O_WRONLY)[fd]), fd)
    sys.stdin, sys.stdout = open(0), open(1, "w")
    return 0


WORDS = {
    "open": lambda path, mode: os.open(path, MODES[mode]),
    "close": os.close,
    "dup": os.dup,
    "flock": flock,
    "posix": posix,
    "ofd": ofd,
    "lease": lambda fd: fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK),
    "fork": fork,
    "user": os.setuid,
    "pid": os.getpid,
}


def do(word, *arguments):
    try:
        said = WORDS[word](*arguments)
    except (BlockingIOError, PermissionError):
        said = "refused"
    print(json.dumps("done" if said is None else said), flush=True)


while True:
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    order = json.loads(line)
    if "wait" in order[1:]:
        threading.Thread(target=do, args=order, daemon=True).start()
    else:
        do(*order)
