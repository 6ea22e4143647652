# SPDX-License-Identifier: MIT
# traced_habits.py HABIT FILE: a program with one habit that a policy hangs on. Says how its calls
# went, waits for a line where something is to be looked at, and ends.
import array
import errno
import fcntl
import os
import socket
import struct
import sys

path = sys.argv[2]


def answer(call, *arguments):
    try:
        call(*arguments)
        return 'ok'
    except OSError as error:
        return errno.errorcode[error.errno]


def say(*words):
    print(*words, flush=True)


def let_look(*words):
    say(*words)
    sys.stdin.readline()


def ofd(file, kind):
    fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack('hhqqi4x', kind, 0, 0, 0, 0))


def in_child(work):
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    os.waitpid(child, 0)


def loses_by_close():
    file = open(path, 'r+')
    first = answer(fcntl.lockf, file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    open(path).close()
    let_look(first)
    fcntl.lockf(file, fcntl.LOCK_UN)


def locks_read_only():
    file = open(path)
    let_look(answer(fcntl.flock, file, fcntl.LOCK_EX | fcntl.LOCK_NB))


def upgrades_beside_a_reader():
    mine, other = open(path, 'r+'), open(path, 'r+')
    fcntl.flock(mine, fcntl.LOCK_SH)
    fcntl.flock(other, fcntl.LOCK_SH)
    refused = answer(fcntl.flock, mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(other, fcntl.LOCK_UN)
    let_look(refused)


def sends_its_description():
    here, there = socket.socketpair()
    file = open(path, 'r+')
    ofd(file, fcntl.F_WRLCK)

    def receive():
        _, sent, _, _ = there.recvmsg(1, 64)
        received = array.array('i', sent[0][2])[0]
        say(answer(ofd, received, fcntl.F_WRLCK))

    here.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [file.fileno()]))])
    in_child(receive)
    let_look('end')


def crosses_families():
    file = open(path, 'r+')
    fcntl.flock(file, fcntl.LOCK_EX)

    def cross():
        say(answer(fcntl.lockf, open(path, 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB))

    in_child(cross)
    let_look('end')


globals()[sys.argv[1]]()
