# SPDX-License-Identifier: MIT
"""Scripts by dice, and the shortest that fails alike."""

import random

from model import BOUNDS, FILE_SIZE, NONE, RDONLY, RDWR, READ, WRITE, WRONLY
from steps import (Close, Dup, End, Flock, Fork, GET, Lockf, OFD_GET, OFD_SET, Open, Record,
                   Seek, SET)

STARTS = BOUNDS[:-1]


class Script:
    def __init__(self, names, children, paths, steps):
        self.names, self.children, self.paths, self.steps = names, children, paths, steps

    def having(self, steps):
        return Script(self.names, self.children, self.paths, steps)


class Dice:
    """KIND: who plays. Places are picked blindly: what means nothing is left out."""

    def __init__(self, seed, kind, paths, ofd, read_write):
        self.random = random.Random(seed)
        self.names = ["A", "B"] if kind in ("two", "all") else ["A"]
        self.children = ["C", "D"] if kind in ("fork", "all") else []
        self.paths, self.ofd, self.read_write = paths, ofd, read_write

    def pick(self, *choices):
        return self.random.choice(choices)

    def who(self):
        return self.pick(*self.names, *self.children)

    def place(self):
        return self.random.randrange(4)

    def path(self):
        return self.paths[0] if self.random.random() < 0.85 else self.paths[-1]

    def open(self, who=None, place=None):
        mode = self.pick(RDWR, RDWR, RDWR, RDWR, RDWR, RDWR, RDONLY, WRONLY)
        mode = RDWR if self.read_write else mode
        return Open(who or self.who(), self.place() if place is None else place, mode, self.path())

    def range(self):
        """WHENCE, START, LENGTH."""
        a, b = sorted(self.random.sample(range(len(STARTS)), 2))
        start, end = STARTS[a], self.pick(STARTS[b], STARTS[b], None)
        if self.random.random() < 0.2:
            start, end = 0, None
        whence = self.pick(0, 0, 0, 1, 2)
        base = FILE_SIZE if whence == 2 else 0
        if end and self.random.random() < 0.3:
            return whence, end - base, start - end
        return whence, start - base, end - start if end else 0

    def record(self):
        command = self.pick(SET, SET, SET, GET)
        if self.ofd and self.random.random() < 0.7:
            command = self.pick(OFD_SET, OFD_SET, OFD_GET)
        type_ = self.pick(READ, WRITE) if command in (GET, OFD_GET) else \
            self.pick(READ, WRITE, WRITE, NONE)
        return Record(self.who(), self.place(), command, type_, *self.range(),
                      threaded=int(self.random.random() < 0.15))

    def lockf(self):
        length = self.pick(0, 0, 10, 20, -10, -20)
        return Lockf(self.who(), self.place(), self.random.randrange(3), length)

    def flock(self):
        return Flock(self.who(), self.place(), self.pick(0, 1, 1, 2))

    def seek(self):
        return Seek(self.who(), self.place(), self.pick(0, 10, 20, 30, 40))

    def dup(self):
        return Dup(self.who(), self.place(), self.place())

    def close(self):
        return Close(self.who(), self.place())

    def fork(self):
        return Fork(self.pick("A", *self.children), self.pick(*self.children))

    def end(self):
        who = self.pick(*self.names[1:], *self.children)
        return End(who, self.pick("exit", "_exit", "SIGKILL"))

    def steps(self, count):
        kinds = [self.record] * 9 + [self.flock] * 5 + [self.lockf] * 2 + [self.open] * 2 + \
            [self.close] * 2 + [self.dup, self.seek]
        if self.children:
            kinds += [self.fork] * 2 + [self.end]
        opened = [self.open(name, place) for name in self.names for place in range(2)]
        middle = [self.random.choice(kinds)() for _ in range(count)]
        return opened + middle + self.finale()

    def finale(self):
        """Everything is let go, in one way or another; at the end nobody is left."""
        everybody = self.names + self.children
        unlocks = [step for who in everybody for place in range(4)
                   for step in (Flock(who, place, 2), Record(who, place, SET, NONE, 0, 0, 0))]
        closes = [Close(who, place) for who in everybody for place in range(4)]
        self.random.shuffle(closes)
        ends = [End(who, "exit") for who in everybody]
        return self.pick(unlocks, closes, []) + ends


def make(seed, kind, paths, count, ofd=False, read_write=False):
    dice = Dice(seed, kind, paths, ofd, read_write)
    return Script(dice.names, dice.children, paths, dice.steps(count))


def shorten(script, fails):
    """FAILS(script) gives the index of the step that fails, or None."""
    size = max(1, len(script.steps) // 2)
    while size:
        at, shorter = 0, False
        while at < len(script.steps):
            candidate = script.having(script.steps[:at] + script.steps[at + size:])
            index = fails(candidate) if candidate.steps else None
            if index is None:
                at += size
            else:
                script, shorter = candidate.having(candidate.steps[:index + 1]), True
        size = size if shorter and size == 1 else size // 2
    return script
