# SPDX-License-Identifier: MIT
# A process that opens, writes and locks as it is told: one command a line, answers `ok`, what was
# read, or the errno's name.
#   open PATH    read    write TEXT    sync    fsync    close    dup2    kill    _exit
#   flock|posix|ofd ex|sh|un [nb] [START LENGTH]
import errno
import fcntl
import os
import signal
import struct
import sys

TYPES = {"ex": fcntl.F_WRLCK, "sh": fcntl.F_RDLCK, "un": fcntl.F_UNLCK}
FLOCKS = {"ex": fcntl.LOCK_EX, "sh": fcntl.LOCK_SH, "un": fcntl.LOCK_UN}
OFD_SETLK, OFD_SETLKW = 37, 38
fd = -1


def record(commands, kind, words):
    wait = "nb" not in words
    start, length = [int(word) for word in words if word.isdigit()] or (0, 0)
    lock = struct.pack("hhqqi4x", TYPES[kind], os.SEEK_SET, start, length, 0)
    fcntl.fcntl(fd, commands[wait], lock)


def obey(verb, *words):
    global fd
    if verb == "open":
        fd = os.open(words[0], os.O_RDWR | os.O_CREAT)
    elif verb == "read":
        return os.pread(fd, 4096, 0).decode().replace("\n", " ").strip()
    elif verb == "write":
        os.write(fd, f"{words[0]}\n".encode())
    elif verb == "sync":
        os.fdatasync(fd)
    elif verb == "fsync":
        os.fsync(fd)
    elif verb == "close":
        os.close(fd)
    elif verb == "dup2":
        os.dup2(0, fd)
    elif verb == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "_exit":
        os._exit(0)
    elif verb == "flock":
        fcntl.flock(fd, FLOCKS[words[0]] | (fcntl.LOCK_NB if "nb" in words else 0))
    elif verb == "posix":
        record((fcntl.F_SETLK, fcntl.F_SETLKW), *words[:1], words[1:])
    else:
        record((OFD_SETLK, OFD_SETLKW), *words[:1], words[1:])
    return "ok"


for line in sys.stdin:
    try:
        print(obey(*line.split()), flush=True)
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
