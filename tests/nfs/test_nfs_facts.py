#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What real kernel NFS does with locks, with and without the shim on the server.

The rows without the shim are what the manual says of NFS; the rows with it are the promise."""

import os
import sys

from machine_side import Locker, create, have_shim

BOTH, ONE = "ok", "EAGAIN"  # what the second to ask is told

# first, its lock, second, its lock, what the second is told; each row is asked in both orders
PAIRS = [
    ("S", "flock", "c1:v3", "flock", BOTH),
    ("S", "flock", "c1:v42", "flock", BOTH),
    ("S", "ofd", "c1:v3", "flock", ONE),
    ("S", "ofd", "c1:v42", "flock", ONE),
    ("S", "posix", "c1:v3", "flock", ONE),
    ("S", "posix", "c1:v42", "flock", ONE),
    ("c1:v3", "flock", "c2:v3", "flock", ONE),
    ("c1:v42", "flock", "c2:v42", "flock", ONE),
    ("c1:v3", "flock", "c2:v42", "flock", ONE),
    ("c1:v3", "flock", "c2:v42", "ofd", ONE),
    ("c1:local_all", "flock", "c2:v3", "flock", BOTH),
    ("c1:local_flock", "flock", "c2:v3", "flock", BOTH),
    ("c1:local_flock", "ofd", "c2:v3", "flock", ONE),
    ("c1:local_all", "ofd", "c2:v3", "flock", BOTH),
    ("S+shim", "flock", "c1:v3", "flock", ONE),
    ("S+shim", "flock", "c1:v42", "flock", ONE),
    ("S+shim", "flock", "S+shim", "flock", ONE),
    ("S+shim", "flock", "S", "flock", BOTH),
    ("S+shim", "flock", "c1:local_flock", "flock", BOTH),
    ("c1+shim:v3", "flock", "c2:v3", "flock", ONE),
    ("c1+shim:v42", "flock", "c2:v42", "flock", ONE),
    ("c1+shim:local_flock", "flock", "c2:v3", "flock", ONE),
    ("c1+shim:local_flock", "flock", "S+shim", "flock", ONE),
    ("c1+shim:local_all", "flock", "c2:v3", "flock", BOTH),
]

# place, how it opened the file, flock mode, what it is told.
# These cells and those of DIRECTORIES are lockshim.conf(5)'s, section NFS: change both or neither.
OPEN_MODES = [
    ("S", "ro", "ex", "ok"),
    ("S", "wo", "sh", "ok"),
    ("c1:v3", "ro", "ex", "ok"),
    ("c1:v3", "wo", "sh", "ok"),
    ("c1:v42", "ro", "ex", "EBADF"),
    ("c1:v42", "wo", "sh", "EBADF"),
    ("c1:local_all", "ro", "ex", "ok"),
    ("c1:local_all", "wo", "sh", "ok"),
    ("c1:local_flock", "ro", "ex", "ok"),
    ("c1:local_flock", "wo", "sh", "ok"),
    ("S+shim", "ro", "ex", "ok"),
    ("S+shim", "wo", "sh", "ok"),
    ("c1+shim:v3", "ro", "ex", "ok"),
    ("c1+shim:v3", "wo", "sh", "ok"),
    ("c1+shim:v42", "ro", "ex", "EBADF"),
    ("c1+shim:v42", "wo", "sh", "EBADF"),
    ("c1+shim:local_all", "ro", "ex", "EBADF"),
    ("c1+shim:local_all", "wo", "sh", "EBADF"),
    ("c1+shim:local_flock", "ro", "ex", "EBADF"),
    ("c1+shim:local_flock", "wo", "sh", "EBADF"),
]

# A directory's flock stays on its host: there the second is refused, on another both hold it.
DIRECTORIES = [
    ("S", "S", ONE),
    ("c1:v3", "c1:v3", ONE),
    ("c1:v42", "c1:v42", ONE),
    ("c1:local_all", "c1:local_all", ONE),
    ("c1:local_flock", "c1:local_flock", ONE),
    ("c1:v3", "c2:v3", BOTH),
    ("c1:v42", "c2:v42", BOTH),
    ("c1:local_all", "c2:v3", BOTH),
    ("c1:local_flock", "c2:v3", BOTH),
    ("S", "c1:v3", BOTH),
    ("S", "c1:v42", BOTH),
    ("S+shim", "S", ONE),
    ("S+shim", "c1:v3", BOTH),
    ("S+shim", "c1:v42", BOTH),
    ("c1+shim:local_flock", "c1:local_flock", ONE),
]


class Table:
    """Prints a line a row and counts those that are not as expected."""

    def __init__(self):
        self.failed = 0
        self.rows = 0

    def row(self, text, expected, seen):
        self.rows += 1
        self.failed += seen != expected
        verdict = "as expected" if seen == expected else f"FAILED, expected {expected}"
        print(f"{text:<66} {seen:<8} {verdict}", flush=True)

    def file(self):
        """A fresh file for each row: what a client keeps of one row cannot colour another."""
        name = f"row{self.rows}"
        create(name)
        return name


def second_is_told(first, first_lock, second, second_lock, name, how="rw"):
    holder, asker = Locker(first, name, how), Locker(second, name, how)
    held = holder.ask(first_lock)
    told = asker.ask(second_lock) if held == "ok" else f"first {held}"
    asker.end()
    holder.end()
    return told


def wanted(*places):
    return have_shim() or not any("+shim" in place for place in places)


def pairs(table):
    for one, one_family, other, other_family, expected in PAIRS:
        if not wanted(one, other):
            continue
        for first, family, second, second_family in (
                (one, one_family, other, other_family), (other, other_family, one, one_family)):
            told = second_is_told(first, f"{family} ex", second, f"{second_family} ex",
                                  table.file())
            table.row(f"{first} holds {family}, {second} asks {second_family}", expected, told)


def open_modes(table):
    for place, how, mode, expected in OPEN_MODES:
        if not wanted(place):
            continue
        locker = Locker(place, table.file(), how)
        table.row(f"{place} opened {how}, asks flock {mode}", expected, locker.ask(f"flock {mode}"))
        locker.end()


def directories(table):
    for first, second, expected in DIRECTORIES:
        if not wanted(first, second):
            continue
        name = f"row{table.rows}"
        os.mkdir(f"/export/{name}")
        told = second_is_told(first, "flock ex", second, "flock ex", name, "ro")
        table.row(f"{first} holds a directory's flock, {second} asks", expected, told)


def main():
    table = Table()
    pairs(table)
    open_modes(table)
    directories(table)
    print(f"{table.rows} rows, {table.failed} not as expected")
    if not have_shim():
        print("without the shim: its rows were left out")
    return 1 if table.failed else 0


sys.exit(main())
