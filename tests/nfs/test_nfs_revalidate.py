#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Which call makes a client's next read return what another client wrote: lockshim.conf(5).

Attributes are believed for ten minutes, as long as no call asks for new ones."""

import sys

from machine_side import Program, client_mount, create

OURS = "statx+read0+dontneed"  # shim/revalidate.c's
MOUNTS = {
    "v3": "vers=3,mountproto=tcp",
    "v42": "vers=4.2",
    "local_all": "vers=3,mountproto=tcp,local_lock=all",
    "local_flock": "vers=3,mountproto=tcp,local_lock=flock",
    "nolock": "vers=3,mountproto=tcp,nolock",
}
# mount, how the reader has the file open
PLACES = [("v3", "ro"), ("v42", "ro"), ("v3", "rw"), ("v42", "rw")]
LOCAL_PLACES = [("local_all", "rw"), ("local_flock", "rw"), ("nolock", "rw")]
LOCAL_CALLS = ["none", OURS, "flock-sh+flock-un"]
CHANGES = ["overwritten", "grown", "mapped"]
S, F = "stale", "fresh"
# A client does not go by new attributes while a descriptor of its own may write the file.
EXPECTED = {
    "ro": {
        "none": (S, S, S),
        "dontneed": (F, S, S),
        "statx": (F, F, S),
        "statx+read0": (F, F, F),
        "statx+dontneed": (F, F, S),
        OURS: (F, F, F),
        "open": (F, F, S),
        "flock-sh+flock-un": (F, F, F),
    },
    "rw": {
        "none": (S, S, S),
        "dontneed": (F, S, S),
        "statx": (S, F, S),
        "statx+read0": (S, F, S),
        "statx+dontneed": (F, F, S),
        OURS: (F, F, S),
        "open": (S, F, S),
        "flock-sh+flock-un": (F, F, F),
    },
}
PAGE = 4096
OLD, NEW = "old_____", "new_____"


def mount_all():
    for client in "1", "2":
        for name, options in MOUNTS.items():
            client_mount(client, f"kept_{name}", f"{options},actimeo=600", "/export")


class Pair:
    """A reader on one client and a writer on the other, for one file at a time."""

    def __init__(self):
        self.reader = Program("c1", ["./reader"])
        self.writer = Program("c2", ["./reader"])
        self.files = 0

    def end(self):
        self.reader.end()
        self.writer.end()

    def must(self, who, line, *expected):
        told = who.ask(line)
        if told not in (expected or ("ok",)):
            raise RuntimeError(f"{line}: {told}")

    def see(self, change):
        at = 2 * PAGE if change == "grown" else 0
        return f"{'peek' if change == 'mapped' else 'read'} {at}"

    def change(self, file, change):
        self.must(self.writer, f"open {file} rw")
        self.must(self.writer, f"write {2 * PAGE if change == 'grown' else 0} {NEW}")
        self.must(self.writer, "call fdatasync")
        self.must(self.writer, "close")

    def cell(self, mount, how, change, calls):
        self.files += 1
        name = f"file{self.files}"
        create(name, OLD * (2 * PAGE // len(OLD)))
        self.must(self.reader, f"open /mnt/c1/kept_{mount}/{name} {how}")
        if change == "mapped":
            self.must(self.reader, "map")
        self.must(self.reader, self.see(change), "." if change == "grown" else OLD)
        self.change(f"/mnt/c2/kept_{mount}/{name}", change)
        self.must(self.reader, f"call {calls}")
        seen = self.reader.ask(self.see(change))
        self.must(self.reader, "close")
        return {NEW: F, OLD: S, ".": S}.get(seen, seen)


def table(pair, mount, how, calls):
    """Prints the rows of one place; how many are not as expected."""
    failed = 0
    print(f"{mount} {how}".ljust(22), *(change.ljust(12) for change in CHANGES))
    for call in calls:
        seen = tuple(pair.cell(mount, how, change, call) for change in CHANGES)
        expected = EXPECTED[how][call]
        failed += seen != expected
        print(call.ljust(22), *(cell.ljust(12) for cell in seen),
              "" if seen == expected else f"FAILED, expected {' '.join(expected)}", flush=True)
    return failed


def main():
    mount_all()
    pair = Pair()
    failed = sum(table(pair, *place, EXPECTED[place[1]]) for place in PLACES)
    failed += sum(table(pair, *place, LOCAL_CALLS) for place in LOCAL_PLACES)
    pair.end()
    print(f"{failed} rows not as expected")
    return 1 if failed else 0


sys.exit(main())
