# SPDX-License-Identifier: MIT
"""Runs a script among real processes, bare or preloaded, and asks after each step from outside
which bytes are locked."""

import collections
import errno
import fcntl
import os
import select
import signal
import struct

from model import BOUNDS, CELLS, CORE, END, World
from steps import GET, NONE, OFD_GET, READ, WRITE

Got = collections.namedtuple("Got", "result error type whence start length pid")
RECORD = struct.Struct("hhqqi4x")
TYPES = {fcntl.F_RDLCK: READ, fcntl.F_WRLCK: WRITE, fcntl.F_UNLCK: NONE}
OFD_GETLK = 36
LINES = 900  # where the lines of children that are not yet born are
PATIENCE = 60
WORLDS = 200


class Fault(Exception):
    pass


class Outsider:
    """Raw calls, on descriptions of its own."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def refused(self, type_, start, end):
        length = 0 if end == END else end - start + 1
        asked = RECORD.pack(type_, 0, start, length, 0)
        return RECORD.unpack(fcntl.fcntl(self.fd, OFD_GETLK, asked))[0] != fcntl.F_UNLCK

    def strength(self, start, end):
        if self.refused(fcntl.F_RDLCK, start, end):
            return 2
        return int(self.refused(fcntl.F_WRLCK, start, end))

    def seen(self):
        """For each cell what its ends have at least, and any byte at most; the last byte's."""
        found = []
        for i in CORE:
            start, end = BOUNDS[i], BOUNDS[i + 1] - 1
            found.append((min(self.strength(start, start), self.strength(end, end)),
                          self.strength(start, end)))
        return found + [(self.strength(END, END),) * 2]

    def whole(self):
        return self.strength(0, END)

    def by_flock(self):
        for strength, operation in ((0, fcntl.LOCK_EX), (1, fcntl.LOCK_SH)):
            try:
                fcntl.flock(self.fd, operation | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            fcntl.flock(self.fd, fcntl.LOCK_UN)
            return strength
        return 2

    def close(self):
        os.close(self.fd)


class Actor:
    """One process, by two pipes."""

    def __init__(self, pid, lines):
        self.pid, self.lines = pid, lines
        self.gone = os.pidfd_open(pid) if pid else None

    def tell(self, line):
        os.write(self.lines.tell, line.encode())

    def hear(self):
        ready, _, _ = select.select([self.lines.hear] + ([self.gone] if self.gone else []),
                                    [], [], PATIENCE)
        if self.lines.hear not in ready:
            raise Fault("the process ended" if ready else "no answer")
        words = [int(word) for word in os.read(self.lines.hear, 512).split()]
        words[2] = TYPES.get(words[2], words[2])
        return Got(*words)

    def await_end(self):
        if not select.select([self.gone], [], [], PATIENCE)[0]:
            raise Fault("the process does not end")

    def close(self):
        if self.gone:
            os.close(self.gone)


class Lines:
    def __init__(self):
        self.read, self.tell = os.pipe()
        self.hear, self.write = os.pipe()

    def close(self):
        for fd in (self.read, self.tell, self.hear, self.write):
            os.close(fd)


class Stage:
    """The processes of one script."""

    def __init__(self, program, preload, rule, names, children, policy):
        self.lines = {name: Lines() for name in [*names, *children]}
        self.children = list(children)
        self.actors, self.forked = {}, []
        self.environment = {"PATH": "/usr/bin:/bin", "LOCKSHIM_POLICY": policy}
        if rule.text != "bare":
            self.environment.update(LD_PRELOAD=preload, LOCKSHIM_SET=rule.text)
        for name in names:
            self.start(program, name)

    def start(self, program, name):
        lines = self.lines[name]
        actions = [(os.POSIX_SPAWN_DUP2, lines.read, 0), (os.POSIX_SPAWN_DUP2, lines.write, 1)]
        for i, child in enumerate(self.children):
            actions.append((os.POSIX_SPAWN_DUP2, self.lines[child].read, LINES + 2 * i))
            actions.append((os.POSIX_SPAWN_DUP2, self.lines[child].write, LINES + 2 * i + 1))
        pid = os.posix_spawn(program, [program], self.environment, file_actions=actions)
        self.actors[name] = Actor(pid, lines)

    def make(self, step):
        actor = self.actors[step.who]
        if step.what == "F":
            return self.fork(actor, step)
        if step.what == "x":
            return self.end(actor, step)
        actor.tell(step.line())
        return actor.hear()

    def fork(self, actor, step):
        child = step.words[0]
        at = LINES + 2 * self.children.index(child)
        actor.tell(f"F 0 {at} {at + 1} 0 0 0 0\n")
        got = actor.hear()
        if got.result > 0:
            self.actors[child] = born = Actor(got.result, self.lines[child])
            self.forked.append(child)
            born.hear()
        return got

    def end(self, actor, step):
        how = step.words[0]
        if how == "SIGKILL":
            os.kill(actor.pid, signal.SIGKILL)
        else:
            actor.tell({"exit": "x", "_exit": "q"}[how] + " 0 0 0 0 0 0 0\n")
        actor.await_end()
        return Got(0, 0, 0, 0, 0, 0, 0)

    def close(self):
        for name, actor in self.actors.items():
            if not select.select([actor.gone], [], [], 0)[0]:
                os.kill(actor.pid, signal.SIGKILL)
                actor.await_end()
            actor.close()
        for name, actor in self.actors.items():
            if name not in self.forked:
                os.waitpid(actor.pid, 0)
        for lines in self.lines.values():
            lines.close()


def word_of(pairs):
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in pairs)


def judge_seen(worlds, path, outsider):
    """The worlds that fit what the outsider sees of a file."""
    seen, flock, whole = outsider.seen(), outsider.by_flock(), outsider.whole()
    fit = [world for world in worlds
           if all(low <= s[0] and s[1] <= high
                  for s, (low, high) in zip(seen, world.seen(path)))
           and flock == world.seen_by_flock(path)
           and whole >= max(low for low, _ in world.seen(path))]
    if not fit:
        wanted = " or ".join(sorted({
            f"{word_of(world.seen(path))} flock {world.seen_by_flock(path)}" for world in worlds}))
        raise Fault(f"{os.path.basename(path)} is seen as {word_of(seen)} flock {flock} "
                    f"whole {whole}; wanted {wanted}")
    return fit


def judge_answer(step, outcomes, got):
    fit = [world for answer, world in outcomes if answer.fits(got)]
    if fit:
        return fit
    error = errno.errorcode.get(got.error, "") if got.result < 0 else ""
    found = ""
    if step.what == "s" and step.words[1] in (GET, OFD_GET) and got.result >= 0:
        found = f" {('F_RDLCK', 'F_WRLCK', 'F_UNLCK')[got.type]} {got.start} {got.length} " \
                f"pid {got.pid}"
    wanted = " or ".join(sorted({str(answer) for answer, _ in outcomes}))
    raise Fault(f"answered {got.result} {error}{found}; wanted {wanted}")


def play(stage, worlds, step, outsiders):
    """The worlds after STEP, without likes."""
    outcomes = [o for world in worlds for o in step.outcomes(world.copy())]
    worlds = judge_answer(step, outcomes, stage.make(step))
    for path, outsider in outsiders.items():
        worlds = judge_seen(worlds, path, outsider)
    return list({world.state(): world for world in worlds}.values())


def run(program, preload, rule, script, policy):
    """None, or where and why it failed: (index, text). A script whose end can't be told ends."""
    outsiders = {path: Outsider(path) for path in script.paths}
    stage = Stage(program, preload, rule, script.names, script.children, policy)
    first = World(rule)
    first.alive.update(script.names)
    first.born.update(script.names)
    worlds, index = [first], 0
    try:
        for index, step in enumerate(script.steps):
            if step.means(worlds[0]):
                worlds = play(stage, worlds, step, outsiders)
            if len(worlds) > WORLDS:
                break
        return None
    except Fault as fault:
        return index, str(fault)
    finally:
        stage.close()
        for outsider in outsiders.values():
            outsider.close()
