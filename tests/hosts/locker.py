# SPDX-License-Identifier: MIT
# A python program that locks as it is told, by the fcntl module: one command a line, answers `ok`
# or the errno's name.  open PATH MODE (open()'s)    flock|lockf ex|sh|un [nb]    close
import errno
import fcntl
import sys

BITS = {'ex': fcntl.LOCK_EX, 'sh': fcntl.LOCK_SH, 'un': fcntl.LOCK_UN, 'nb': fcntl.LOCK_NB}
CALLS = {'flock': fcntl.flock, 'lockf': fcntl.lockf}
file = None


def obey(verb, arguments):
    global file
    if verb == 'open':
        file = open(*arguments)
    elif verb == 'close':
        file.close()
    else:
        CALLS[verb](file, sum(BITS[word] for word in arguments))


for line in sys.stdin:
    verb, *arguments = line.split()
    try:
        obey(verb, arguments)
        print('ok', flush=True)
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
