# SPDX-License-Identifier: MIT
"""The calls of a script: what the model says of each, and how the actor is told. A step that means
nothing, its descriptor closed, is left out, so that scripts can be shortened."""

import errno

from model import (END, FILE_SIZE, NONE, RDONLY, RDWR, READ, REFUSED, WRITE, WRONLY, cells_of,
                   is_whole)

SET, GET, WAIT, OFD_SET, OFD_GET, OFD_WAIT = range(6)
TLOCK, ULOCK, TEST = range(3)
FLOCK_TYPES = [READ, WRITE, NONE]


class Answer:
    """0 and what is right then, or -1 and one of some errnos."""

    def __init__(self, errnos=(), found=None):
        self.errnos, self.found = errnos, found

    def fits(self, got):
        if self.errnos:
            return got.result == -1 and got.error in self.errnos
        return got.result >= 0 and (self.found is None or self.found(got))

    def __str__(self):
        names = "|".join(errno.errorcode[e] for e in self.errnos)
        return f"-1 {names}" if names else "0" + (" and as found" if self.found else "")


GRANTED, DENIED, BAD = Answer(), Answer(REFUSED), Answer((errno.EBADF,))


def fits_mode(mode, type_):
    return type_ == NONE or mode == RDWR or (mode == RDONLY) == (type_ == READ)


class Step:
    """WHO makes the call; THREADED: by a thread of its own."""

    what = "?"

    def __init__(self, who, *words, threaded=0):
        self.who, self.words, self.threaded = who, words, threaded

    def line(self):
        words = [str(w) for w in self.words]
        path = [words.pop()] if self.what == "o" else []
        words += ["0"] * (6 - len(words))
        return " ".join([self.what, str(self.threaded), *words, *path]) + "\n"

    def means(self, world):
        return (self.who, self.words[0]) in world.places

    def description(self, world):
        return world.places[self.who, self.words[0]]

    def outcomes(self, world):
        """[(answer, world)]; WORLD is a copy that may be changed."""
        raise NotImplementedError


class Open(Step):
    what = "o"

    def means(self, world):
        return self.who in world.alive and (self.who, self.words[0]) not in world.places

    def outcomes(self, world):
        place, mode, path = self.words
        new = len(world.file)
        world.places[self.who, place] = new
        world.file[new], world.mode[new], world.offset[new] = path, mode, 0
        return [(GRANTED, world)]

    def __str__(self):
        return f"{self.who}: [{self.words[0]}] = open({self.words[2]}, " \
               f"{('O_RDWR', 'O_RDONLY', 'O_WRONLY')[self.words[1]]})"


class Dup(Step):
    what = "d"

    def means(self, world):
        return super().means(world) and (self.who, self.words[1]) not in world.places

    def outcomes(self, world):
        world.places[self.who, self.words[1]] = self.description(world)
        return [(GRANTED, world)]

    def __str__(self):
        return f"{self.who}: [{self.words[1]}] = dup([{self.words[0]}])"


class Close(Step):
    what = "c"

    def outcomes(self, world):
        return [(GRANTED, new) for new in world.close(self.who, self.words[0])]

    def __str__(self):
        return f"{self.who}: close([{self.words[0]}])"


class Seek(Step):
    what = "k"

    def outcomes(self, world):
        world.offset[self.description(world)] = self.words[1]
        return [(GRANTED, world)]

    def __str__(self):
        return f"{self.who}: lseek([{self.words[0]}], {self.words[1]})"


class Record(Step):
    """fcntl: PLACE, COMMAND, TYPE, WHENCE, START, LENGTH."""

    what = "s"

    def means(self, world):
        return super().means(world) and is_whole(*self.range(world))

    names = ("F_SETLK", "F_GETLK", "F_SETLKW", "F_OFD_SETLK", "F_OFD_GETLK", "F_OFD_SETLKW")

    def range(self, world):
        _, _, _, whence, start, length = self.words
        base = [0, world.offset[self.description(world)], FILE_SIZE][whence]
        start += base
        if length < 0:
            return start + length, start - 1
        return start, start + length - 1 if length else END

    def owner(self, world):
        if self.words[1] >= OFD_SET and world.rule.ofd == "pass":
            return "d", self.description(world)
        return "p", self.who

    def outcomes(self, world):
        start, end = self.range(world)
        if start < 0:
            return [(Answer((errno.EINVAL,)), world)]
        description, cells = self.description(world), cells_of(start, end)
        if self.words[1] in (GET, OFD_GET):
            return self.asked(world, cells, start, end)
        return set_outcomes(world, self.who, self.owner(world), description, cells, self.words[2])

    def asked(self, world, cells, start, end):
        type_ = self.words[2]
        refusals = world.record_refused(
            self.who, self.owner(world), world.file[self.description(world)], cells, type_)

        def found(got):
            last = got.start + got.length - 1 if got.length else END
            return got.type == NONE and False in refusals or (
                True in refusals and got.type in (READ, WRITE) and WRITE in (got.type, type_)
                and got.start <= end and last >= start)

        return [(Answer(found=found), world)]

    def __str__(self):
        place, command, type_, whence, start, length = self.words
        return f"{self.who}: fcntl([{place}], {self.names[command]}, " \
               f"{('F_RDLCK', 'F_WRLCK', 'F_UNLCK')[type_]} " \
               f"{('SEEK_SET', 'SEEK_CUR', 'SEEK_END')[whence]} {start} {length})"


def set_outcomes(world, who, owner, description, cells, type_):
    if type_ == NONE:
        return [(GRANTED, new) for new in world.record_unset(who, owner, description, cells)]
    if not fits_mode(world.mode[description], type_):
        return [(BAD, world)]
    refusals = world.record_refused(who, owner, world.file[description], cells, type_)
    if owner[0] == "p" and world.carried_apart(who, description, cells, type_):
        refusals = refusals | {True}
    outcomes = [(DENIED, world.copy())] if True in refusals else []
    if outcomes and world.carried_by(owner, description, cells, RDONLY):
        outcomes.append((DENIED, world.taken_over(owner, description, cells)))
    if False not in refusals:
        return outcomes
    # What a description holds that is not open for this cannot be changed through it, nor taken
    # over by one that is write-only, or beside a flock.
    if type_ == WRITE and (world.mode[description] == WRONLY or world.rule.meets) and \
            world.carried_by(owner, description, cells, RDONLY):
        outcomes += [(BAD, world.copy()), (DENIED, world.copy())]
    granted = world.record_set(who, owner, description, cells, type_)
    return outcomes + [(GRANTED, new) for new in granted]


class Lockf(Step):
    """PLACE, COMMAND, LENGTH."""

    what = "l"

    def means(self, world):
        return super().means(world) and is_whole(*self.range(world))

    def range(self, world):
        start, length = world.offset[self.description(world)], self.words[2]
        if length < 0:
            return start + length, start - 1
        return start, start + length - 1 if length else END

    def outcomes(self, world):
        command = self.words[1]
        description = self.description(world)
        start, end = self.range(world)
        if start < 0:
            return [(Answer((errno.EINVAL,)), world)]
        owner, cells = ("p", self.who), cells_of(start, end)
        if command == TEST:
            refusals = world.record_refused(
                self.who, owner, world.file[description], cells, READ)
            return [(DENIED if refused else GRANTED, world) for refused in refusals]
        type_ = NONE if command == ULOCK else WRITE
        return set_outcomes(world, self.who, owner, description, cells, type_)

    def __str__(self):
        return f"{self.who}: lockf([{self.words[0]}], " \
               f"{('F_TLOCK', 'F_ULOCK', 'F_TEST')[self.words[1]]}, {self.words[2]})"


class Flock(Step):
    """PLACE, TYPE."""

    what = "f"

    def outcomes(self, world):
        description, type_ = self.description(world), FLOCK_TYPES[self.words[1]]
        if type_ == NONE:
            world.flocks.pop(description, None)
            world.hollow.discard(description)
            return [(GRANTED, world)]
        if world.rule.modes and not fits_mode(world.mode[description], type_):
            # Beside record locks of its own nobody looks further.
            return [(BAD, world), (DENIED, world.copy())]
        refusals = world.flock_refused(self.who, description, type_)
        outcomes = [self.outcome(world.copy(), description, type_, refused)
                    for refused in refusals]
        # Who shares the description has a record lock there: what is held of the flock is no whole.
        if True in refusals and world.shared_beside(self.who, description):
            outcomes.append((DENIED, world))
        return outcomes

    def outcome(self, world, description, type_, refused):
        held = world.flocks.get(description, NONE)
        if not refused or held == type_:
            world.flocks[description] = type_
            world.hollow.discard(description)
            return GRANTED, world
        if held == READ and not (world.rule.atomic and world.rule.flock == "ofd"):
            del world.flocks[description]
            world.hollow.discard(description)
        return DENIED, world

    def __str__(self):
        return f"{self.who}: flock([{self.words[0]}], " \
               f"{('LOCK_SH|LOCK_NB', 'LOCK_EX|LOCK_NB', 'LOCK_UN')[self.words[1]]})"


class Fork(Step):
    """CHILD's name; the stage has the line."""

    what = "F"

    def means(self, world):
        return self.who in world.alive and self.words[0] not in world.born

    def outcomes(self, world):
        child = self.words[0]
        world.alive.add(child)
        world.born.add(child)
        world.parents[child] = self.who
        for (process, place), description in list(world.places.items()):
            if process == self.who:
                world.places[child, place] = description
                world.heirs.add((child, description))
        return [(GRANTED, world)]

    def __str__(self):
        return f"{self.who}: fork() is {self.words[0]}"


class End(Step):
    """HOW: exit, _exit or a SIGKILL."""

    what = "x"

    def means(self, world):
        return self.who in world.alive

    def outcomes(self, world):
        return [(GRANTED, new) for new in world.end(self.who)]

    def __str__(self):
        return f"{self.who}: {self.words[0]}"
