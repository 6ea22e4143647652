# SPDX-License-Identifier: MIT
"""Processes that lock by Python's own calls, for second.py. Nothing here knows of lockshim."""
import errno, fcntl, json, os, platform, select, signal, struct, time

TYPES = {"SH": fcntl.F_RDLCK, "EX": fcntl.F_WRLCK, "UN": fcntl.F_UNLCK}
# Python prefers the second names of these two.
NAMES = errno.errorcode | {errno.EDEADLK: "EDEADLK", errno.EOPNOTSUPP: "EOPNOTSUPP"}
# Numbers of flock and fcntl, for /proc/PID/syscall.
CALLS = {"x86_64": ("73", "72"), "aarch64": ("32", "25")}.get(platform.machine())


def record(kind, start, length):
    return struct.pack("hhqqi4x", TYPES[kind], os.SEEK_SET, start, length, 0)


def request(fd, family, mode, wait, start=0, length=0):
    if family == "flock":
        how = {"SH": fcntl.LOCK_SH, "EX": fcntl.LOCK_EX, "UN": fcntl.LOCK_UN}[mode]
        fcntl.flock(fd, how | (0 if wait else fcntl.LOCK_NB))
    elif family == "lockf":
        os.lseek(fd, start, os.SEEK_SET)
        how = os.F_ULOCK if mode == "UN" else os.F_LOCK if wait else os.F_TLOCK
        os.lockf(fd, how, length)
    elif family == "fcntl":
        how = fcntl.F_SETLKW if wait else fcntl.F_SETLK
        fcntl.fcntl(fd, how, record(mode, start, length))
    else:
        how = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
        fcntl.fcntl(fd, how, record(mode, start, length))


def answer_of(action, *arguments):
    try:
        action(*arguments)
        return "granted"
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return "refused"
        return NAMES.get(error.errno, f"errno {error.errno}")


class Person:
    """A process that does what it is told, through one pipe each way."""

    def __init__(self, path, flags=os.O_RDWR):
        self.path = path
        inward, self.tell = os.pipe()
        self.hear, self.outward = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self.tell)
            os.close(self.hear)
            self.live(os.fdopen(inward), flags)
        os.close(inward)
        os.close(self.outward)
        self.lines = os.fdopen(self.hear)

    def live(self, orders, flags):
        self.fds = [self.open(flags)]
        for line in orders:
            order = json.loads(line)
            said = getattr(self, "do_" + order[0])(*order[1:])
            os.write(self.outward, (said + "\n").encode())
        os._exit(0)

    def open(self, flags):
        if flags & os.O_DIRECTORY:
            return os.open(os.path.dirname(self.path), flags)
        return os.open(self.path, flags | os.O_CREAT, 0o600)

    def do_lock(self, family, mode, start=0, length=0, fd=0, wait=False):
        return answer_of(request, self.fds[fd], family, mode, wait, start, length)

    def do_another(self):
        self.fds.append(self.open(os.O_RDWR))
        return "ok"

    def do_dup(self):
        self.fds.append(os.dup(self.fds[0]))
        return "ok"

    def do_close(self, fd):
        os.close(self.fds[fd])
        return "ok"

    def do_fork(self, then):
        """A child that does one thing, and lives on as long as this process."""
        done, doing = os.pipe()
        if not os.fork():
            said = getattr(self, "do_" + then[0])(*then[1:]) if then else "ok"
            os.write(doing, said.encode())
            os.close(doing)
            while os.getppid() > 1:
                signal.sigtimedwait([], 0.05)
            os._exit(0)
        os.close(doing)
        return os.read(done, 99).decode()

    def do_handle(self, restart):
        # signal.signal's handlers have Python ask again after EINTR (PEP 475), unless they raise.
        def handler(*_):
            if not restart:
                raise InterruptedError(errno.EINTR, "EINTR")

        signal.signal(signal.SIGUSR1, handler)
        signal.siginterrupt(signal.SIGUSR1, not restart)
        return "ok"

    def do_getlk(self, family):
        command = fcntl.F_OFD_GETLK if family == "ofd" else fcntl.F_GETLK
        try:
            got = fcntl.fcntl(self.fds[0], command, record("EX", 0, 0))
        except OSError as error:
            return NAMES.get(error.errno, f"errno {error.errno}")
        kind, _, start, length, pid = struct.unpack("hhqqi4x", got)
        if kind == fcntl.F_UNLCK:
            return "free"
        return json.dumps(["SH" if kind == fcntl.F_RDLCK else "EX", pid, start, length])

    def order(self, *words):
        os.write(self.tell, (json.dumps(words) + "\n").encode())

    def ask(self, *words):
        self.order(*words)
        return self.answer()

    def answer(self):
        return self.lines.readline().strip()

    def lock(self, family, mode, *more):
        return self.ask("lock", family, mode, *more)

    def start_waiting(self, family, mode):
        self.order("lock", family, mode, 0, 0, 0, True)
        self.until_in_call()

    def asleep_in_call(self):
        """Who was let in and only has to run is not: the kernel says of it that it is running."""
        with open(f"/proc/{self.pid}/syscall") as file:
            return file.read().split()[0] in CALLS

    def until_in_call(self):
        seen = 0
        while seen < 3 and not self.answered():
            seen = seen + 1 if self.asleep_in_call() else 0
            signal.sigtimedwait([], 0.005)

    def answered(self, seconds=0.0):
        return bool(select.select([self.hear], [], [], seconds)[0])

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def end(self):
        self.kill()
        os.waitpid(self.pid, 0)
        os.close(self.tell)
        self.lines.close()


def first_answered(persons, patience):
    """The first that has an answer; None once all slept in their calls for so many seconds."""
    end = time.monotonic() + patience
    while True:
        asleep = [person.asleep_in_call() for person in persons]
        for person in persons:
            if person.answered():
                return person
        if not all(asleep):
            end = time.monotonic() + patience
        elif time.monotonic() >= end:
            return None
        signal.sigtimedwait([], 0.005)


class Case:
    """Persons by letter around one new file."""

    number = 0

    def __init__(self, directory):
        Case.number += 1
        self.path = os.path.join(directory, f"second-{Case.number}")
        self.persons = []

    def __enter__(self):
        return self

    def person(self, flags=os.O_RDWR):
        self.persons.append(Person(self.path, flags))
        return self.persons[-1]

    def __exit__(self, *_):
        for person in self.persons:
            person.end()
        if os.path.exists(self.path):
            os.unlink(self.path)
