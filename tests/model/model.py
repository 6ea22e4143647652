# SPDX-License-Identifier: MIT
"""What locks a few processes hold, by the kernel's words and by a rule's. A step maps a world to
the worlds that it may have become, each with the answer that goes with it."""

import errno

END = 2**63 - 1
BOUNDS = [0, 10, 20, 30, 40, 50, 2**62]  # where cells begin; the last one goes to the end
CELLS = range(len(BOUNDS))
CORE = range(len(BOUNDS) - 1)
FILE_SIZE = 20
RDWR, RDONLY, WRONLY = range(3)
PROCESS = "process"  # what carries a POSIX lock; an OFD lock is carried by its description
READ, WRITE, NONE = 0, 1, 2  # as the actor has them
STRENGTH = {READ: 1, WRITE: 2, NONE: 0}
REFUSED = (errno.EAGAIN, errno.EACCES)


def against(a, b):
    return a != NONE and b != NONE and WRITE in (a, b)


def cells_of(start, end):
    return [i for i in CELLS if start <= BOUNDS[i] <= end]


def is_whole(start, end):
    """Cells and nothing else; or what the kernel refuses."""
    return start < 0 or (start in BOUNDS and (end == END or end + 1 in BOUNDS))


class Rule:
    """What flock, fcntl and OFD calls become."""

    def __init__(self, text):
        items = dict(item.split("=") for item in text.split(";") if item)
        self.text = text
        self.flock = items.get("flock", "pass")
        self.fcntl = items.get("fcntl", "pass")
        self.ofd = items.get("ofd", "pass")
        self.meets = self.flock in ("ofd", "both")  # flock and record locks, between processes
        self.native = self.flock in ("pass", "both")
        self.atomic = items.get("upgrade") == "atomic"
        # A read lock wants a description open for reading.
        self.modes = self.meets


class World:
    """Constant values in dicts, so that a copy is cheap."""

    def __init__(self, rule):
        self.rule = rule
        self.places = {}  # process, place: description
        self.heirs = set()  # process, description: came with a fork
        self.file, self.mode, self.offset = {}, {}, {}  # of a description
        self.flocks = {}  # description: type
        self.records = {}  # owner, file, cell: type, carriers that it may have
        self.left = {}  # description, cell: type; carried by it, and whose it was is gone
        self.hollow = set()  # descriptions whose flock may lack bytes before the last ones
        self.alive, self.born, self.parents = set(), set(), {}

    def copy(self):
        new = World(self.rule)
        for name, value in vars(self).items():
            if name != "rule":
                setattr(new, name, value.copy())
        return new

    def state(self):
        return tuple(
            frozenset(v.items()) if isinstance(v, dict) else frozenset(v)
            for k, v in sorted(vars(self).items()) if k != "rule")

    # Who has what.

    def has(self, process, description):
        return any(p == process and d == description for (p, _), d in self.places.items())

    def holders(self, description):
        return {p for (p, _), d in self.places.items() if d == description}

    # What stands against a request.

    def records_against(self, owner, file, cells, type_):
        return [(o, i, c) for (o, f, i), (t, c) in self.records.items()
                if o != owner and f == file and i in cells and against(t, type_)]

    def has_forbear(self, process, description):
        while process := self.parents.get(process):
            if self.has(process, description):
                return True
        return False

    def left_against(self, process, file, cells, type_):
        """What a process that ended left belongs to who has the description, eldest first."""
        return [(d, i) for (d, i), t in self.left.items()
                if self.file[d] == file and i in cells and against(t, type_)
                and (not self.has(process, d) or self.has_forbear(process, d))]

    def flocks_against(self, description, type_):
        return [d for d, t in self.flocks.items()
                if d != description and self.file[d] == self.file[description]
                and against(t, type_)]

    def record_refused(self, process, owner, file, cells, type_):
        """False, True or both."""
        if self.records_against(owner, file, cells, type_):
            return {True}
        if self.left_against(process, file, cells, type_):
            return {True}
        if not self.rule.meets:
            return {False}
        flocks = [d for d, t in self.flocks.items()
                  if self.file[d] == file and against(t, type_) and not self.has(process, d)]
        if all(self.gives_way(d, cells) for d in flocks):
            return {True, False} if flocks else {False}
        return {True}

    def shared_beside(self, process, description):
        """Whether another process with this description has record locks on its file."""
        return self.rule.meets and any(
            o[0] == "p" and o[1] != process and f == self.file[description]
            and self.has(o[1], description) for o, f, _ in self.records)

    def carried_apart(self, process, description, cells, type_):
        """What this process reads by several descriptions, of which one has a flock too: each
        stands in the other's way where it is to write."""
        file = self.file[description]
        carriers = set().union(*(self.records.get((("p", process), file, i), (NONE, ()))[1]
                                 for i in cells), {description})
        return (type_ == WRITE and self.rule.meets and self.rule.fcntl == "ofd"
                and len(carriers) > 1 and any(d in self.flocks for d in carriers))

    def gives_way(self, description, cells):
        """A flock may have left these bytes to record locks of its own process, which are weaker,
        or were until that ended."""
        file = self.file[description]
        if description in self.hollow:
            return True
        return all(any(self.has(o[1], description) for o, f, j in self.records
                       if f == file and i == j and o[0] == "p") for i in cells)

    def flock_refused(self, process, description, type_):
        """False, True or both."""
        if self.flocks_against(description, type_):
            return {True}
        if not self.rule.meets:
            return {False}
        if any(d != description
               for d, _ in self.left_against(process, self.file[description], CELLS, type_)):
            return {True}
        answers = {False}
        for _, _, carriers in self.records_against(
                ("p", process), self.file[description], CELLS, type_):
            if description not in carriers:
                return {True}
            if carriers != {description}:
                answers = {True, False}
        return answers

    # What a grant leaves behind.

    def carriers_for(self, process, owner, description, cells):
        if owner[0] == "d":
            return frozenset({description})
        if self.rule.fcntl != "ofd":
            return frozenset({PROCESS})
        file = self.file[description]
        own_flock = self.rule.meets and any(
            d != description and self.file[d] == file and self.has(process, d)
            for d in self.flocks)
        beside = any(PROCESS in self.records[owner, file, i][1]
                     for i in cells if (owner, file, i) in self.records)
        if own_flock or beside or (process, description) in self.heirs:
            return frozenset({description, PROCESS})
        return frozenset({description})

    def carried_by(self, owner, description, cells, mode):
        """Whether a description opened so may carry one of the owner's locks there."""
        file = self.file[description]
        return any(self.mode.get(carrier) == mode for i in cells
                   for carrier in self.records.get((owner, file, i), (NONE, ()))[1])

    def taken_over(self, owner, description, cells):
        """A request to write takes over what a read-only description has, though it is refused."""
        new = self.copy()
        for key in [(owner, self.file[description], i) for i in cells]:
            if key in new.records:
                type_, carriers = new.records[key]
                new.records[key] = type_, carriers | {description}
        return new

    def record_set(self, process, owner, description, cells, type_):
        """All the worlds that it may leave."""
        file = self.file[description]
        new = self.carriers_for(process, owner, description, cells)
        # A description that is open for writing alone has no read lock to go back to.
        stays = [i for i in cells if type_ == READ
                 and self.records.get((owner, file, i), (NONE,))[0] == WRITE
                 and self.carried_by(owner, description, [i], WRONLY)]
        for i in cells:
            carriers = self.records.get((owner, file, i), (NONE, frozenset()))[1]
            self.records[owner, file, i] = type_, new if new == {PROCESS} else new | carriers
        if self.rule.meets:
            self.hollow |= {d for d, t in self.flocks.items() if self.file[d] == file
                            and against(t, type_) and not self.has(process, d)}
        worlds = [self]
        for i in stays:
            worlds += [world.staying((owner, file, i)) for world in worlds]
        return worlds

    def staying(self, key):
        new = self.copy()
        new.records[key] = WRITE, self.records[key][1]
        return new

    def record_unset(self, process, owner, description, cells):
        """All the worlds that it may leave: what a process that ended left may go or stay."""
        file = self.file[description]
        for i in cells:
            self.records.pop((owner, file, i), None)
        self.hollow |= {d for d in self.flocks
                        if self.file[d] == file and self.shared_beside(process, d)}
        left = [key for key in self.left if self.file[key[0]] == file and key[1] in cells
                and self.has(process, key[0]) and not self.has_forbear(process, key[0])]
        if not left:
            return [self]
        gone = self.copy()
        for key in left:
            del gone.left[key]
        return [self, gone]

    def close(self, process, place):
        """All the worlds that it may leave."""
        description = self.places.pop((process, place))
        file = self.file[description]
        lost = {PROCESS}
        if not self.has(process, description):
            lost.add(description)
            self.heirs.discard((process, description))
            self.may_hollow(process, description)
        stays = bool(self.holders(description))
        self.hollow |= {d for d in self.flocks
                        if self.file[d] == file and self.shared_beside(process, d)}
        worlds = [self]
        for key, (type_, carriers) in list(self.records.items()):
            if key[:2] != (("p", process), file) or not carriers & lost:
                continue
            worlds = [new for world in worlds
                      for new in world.without(key, type_, carriers, lost, description, stays)]
        if not stays:
            for world in worlds:
                world.forget(description)
        return worlds

    def may_hollow(self, process, description):
        """A flock gives way to record locks of its process, and who ends gives nothing back."""
        if description in self.flocks and any(
                o == ("p", process) and f == self.file[description] for o, f, _ in self.records):
            self.hollow.add(description)

    def end(self, process):
        """All the worlds that it may leave."""
        worlds = [self]
        places = [place for p, place in self.places if p == process]
        self.alive.discard(process)
        for place in places:
            self.may_hollow(process, self.places[process, place])
        for place in places:
            worlds = [new for old in worlds for new in old.close(process, place)]
        return worlds

    def without(self, key, type_, carriers, lost, description, stays):
        """Carriers of one cell are gone: it is kept by another, lost, or left to who has them."""
        worlds = []
        if carriers - lost:
            kept = self.copy()
            kept.records[key] = type_, carriers - lost
            worlds.append(kept)
        if PROCESS in carriers or not stays:
            gone = self.copy()
            del gone.records[key]
            worlds.append(gone)
        if stays and description in carriers & lost:
            left = self.copy()
            del left.records[key]
            left.left[description, key[2]] = type_
            worlds.append(left)
        return worlds

    def forget(self, description):
        if any(d == description for d, _ in self.left):
            # Another process's flock does not learn that these bytes are free.
            self.hollow |= {d for d in self.flocks if self.file[d] == self.file[description]}
        self.flocks.pop(description, None)
        self.hollow.discard(description)
        self.left = {k: t for k, t in self.left.items() if k[0] != description}
        self.records = {k: v for k, v in self.records.items() if k[0] != ("d", description)}

    # What an outsider sees.

    def seen(self, file):
        """For each cell, and the last byte: the weakest and the strongest that it may be."""
        return [self.seen_at(file, i) for i in CELLS]

    def seen_at(self, file, cell):
        held = [t for (_, f, i), (t, _) in self.records.items() if f == file and i == cell]
        held += [t for (d, i), t in self.left.items() if self.file[d] == file and i == cell]
        strength = max([STRENGTH[t] for t in held], default=0)
        if not self.rule.meets:
            return self.last_byte(strength, cell)
        flocks = {d: STRENGTH[t] for d, t in self.flocks.items() if self.file[d] == file}
        high = max([strength, *flocks.values()])
        if cell not in CORE:
            return max([0, *flocks.values()]), high
        low = max([strength] + [s for d, s in flocks.items()
                                if d not in self.hollow and not held])
        return low, high

    def last_byte(self, strength, cell):
        return (0 if cell not in CORE and self.rule.fcntl == "ofd" else strength), strength

    def seen_by_flock(self, file):
        return max([STRENGTH[t] for d, t in self.flocks.items() if self.file[d] == file],
                   default=0) if self.rule.native else 0
