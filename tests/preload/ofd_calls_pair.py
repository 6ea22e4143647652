# SPDX-License-Identifier: MIT
# Two processes that share one description of a memfd by SCM_RIGHTS and lock it by OFD calls. Says
# what the second is answered while the first holds, and what their counting came to.
import errno
import fcntl
import os
import socket
import struct

ROUNDS = 500
F_OFD_SETLK, F_OFD_SETLKW = 37, 38


def record(kind):
    return struct.pack('hhqqi4x', kind, os.SEEK_SET, 0, 0, 0)


def ask(fd, command, kind):
    try:
        fcntl.fcntl(fd, command, record(kind))
        return 'granted'
    except OSError as error:
        return errno.errorcode[error.errno]


def count(fd):
    for _ in range(ROUNDS):
        ask(fd, F_OFD_SETLKW, fcntl.F_WRLCK)
        seen = int(os.pread(fd, 20, 0).strip(b'\0') or 0)
        os.sched_yield()
        os.pwrite(fd, b'%d' % (seen + 1), 0)
        ask(fd, F_OFD_SETLK, fcntl.F_UNLCK)


def second(channel):
    fd = socket.recv_fds(channel, 20, 1)[1][0]
    channel.send(ask(fd, F_OFD_SETLK, fcntl.F_WRLCK).encode())
    channel.recv(1)
    count(fd)
    os._exit(0)


mine, other = socket.socketpair()
child = os.fork()
if not child:
    mine.close()
    second(other)
fd = os.memfd_create('pair')
os.ftruncate(fd, 64)
ask(fd, F_OFD_SETLKW, fcntl.F_WRLCK)
socket.send_fds(mine, [b'x'], [fd])
print('the second is answered', mine.recv(20).decode())
ask(fd, F_OFD_SETLK, fcntl.F_UNLCK)
mine.send(b'x')
count(fd)
os.waitpid(child, 0)
counted = int(os.pread(fd, 20, 0).strip(b'\0'))
print('nothing is lost' if counted == 2 * ROUNDS else 'counts are lost')
