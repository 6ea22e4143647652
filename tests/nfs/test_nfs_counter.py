#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A program on the server and one on each client count in one file, each under flock.

Only the server's program is ever preloaded. What was counted and is not in the file was lost:
two were in at once."""

import math
import sys

from machine_side import Program, create, have_shim, path

ROUNDS = 80
SERVER_PAUSE = "20"  # ms; a client's round is slower by itself
CLIENT_PAUSE, CLIENT_HOLD = "1", "10"

# name, what runs on the server, its rounds; FILE, ROUNDS and PAUSE are filled in
PROGRAMS = [
    ("flock(1)", ["./count.sh", "FILE", "ROUNDS"], 60),
    ("perl", ["./count.pl", "FILE", "ROUNDS", "PAUSE"], ROUNDS),
    ("python3", ["./count.py", "FILE", "ROUNDS", "PAUSE"], ROUNDS),
    ("C", ["./locker", "FILE", "rw", "flock", "ROUNDS", "PAUSE", "0"], ROUNDS),
]
CONTROLS = [
    (family, ["./locker", "FILE", "rw", family, "ROUNDS", "PAUSE", "0"], ROUNDS)
    for family in ("posix", "ofd")
]


def more_than_chance(lost, control):
    """Whether LOST exceeds CONTROL by more than three deviations of two small counts."""
    return lost - control > 3 * math.sqrt(lost + control)


def count(place, argv, rounds, mount, name):
    """Returns rounds counted and rounds lost, or None where a program failed."""
    create(name, "00000000\n")
    fill = {"FILE": path(place, name), "ROUNDS": str(rounds), "PAUSE": SERVER_PAUSE}
    programs = [Program(place, [fill.get(word, word) for word in argv])]
    for client in ("c1", "c2"):
        where = f"{client}:{mount}"
        programs.append(Program(where, ["./locker", path(where, name), "rw", "flock",
                                        str(ROUNDS), CLIENT_PAUSE, CLIENT_HOLD]))
    answers = [program.hear() for program in programs]
    for program in programs:
        program.tell("go")
    answers += [program.hear() for program in programs]
    for program in programs:
        program.end()
    if set(answers) != {"ok"}:
        print("answers:", *answers)
        return None
    with open(f"/export/{name}", encoding="ascii") as file:
        counted = rounds + 2 * ROUNDS
        return counted, counted - int(file.read())


class Table:
    """Runs rows, prints them, and remembers which promises did not hold."""

    def __init__(self):
        self.rows = 0
        self.failed = 0

    def head(self):
        print(f"{'server':<10} {'as':<8} {'clients':<8} {'rounds':>6} {'lost':>5}  promise")

    def row(self, program, kind, place, mount, promise):
        """PROMISE says in words what LOST has to be, and tells whether it is."""
        name, argv, rounds = program
        self.rows += 1
        result = count(place, argv, rounds, mount, f"counter{self.rows}")
        counted, lost = result or (0, -1)
        words, holds = promise
        kept = result is not None and holds(lost)
        self.failed += not kept
        print(f"{name:<10} {kind:<8} {mount:<8} {counted:>6} {lost:>5}  "
              f"{words}: {'kept' if kept else 'FAILED'}", flush=True)
        return lost


def loses():
    return "native flock loses", lambda lost: more_than_chance(lost, 0)


def loses_none():
    return "loses none", lambda lost: lost == 0


def loses_as_control(control):
    return (f"no more than the controls' {control}",
            lambda lost: not more_than_chance(lost, control))


def noted():
    return "control", lambda lost: True


def against(table, mount):
    """v3 loses none; v4.2 has failures of its own, so it is held to the bare controls beside it."""
    lost = [table.row(control, "control", "S", mount, noted()) for control in CONTROLS]
    promise = loses_none() if mount == "v3" else loses_as_control(max(lost))
    for program in PROGRAMS:
        table.row(program, "native", "S", mount, loses())
        if have_shim():
            table.row(program, "shim", "S+shim", mount, promise)


def main():
    table = Table()
    table.head()
    for mount in ("v3", "v42"):
        against(table, mount)
    if not have_shim():
        print("without the shim: its rows were left out")
    return 1 if table.failed else 0


sys.exit(main())
