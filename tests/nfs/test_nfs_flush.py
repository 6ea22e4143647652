#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""on-unlock and on-lock between two clients: a writer on one, a reader on the other.

A client flushes and revalidates at the lock calls that it is asked for. So the keys are for locks
that it never hears of: here those on bindfs over an NFS mount, and those of flock = succeed."""

import os
import subprocess
import sys

from machine_side import SHIM, Program, client_mount, create, have_shim

OLD, NEW = "old_____", "new_____"
S, F = "stale", "fresh"
NATIVE = ""
FLUSH, FLUSH_DATA = "on-unlock=flush", "on-unlock=flush-data"
ELSEWHERE = "flock=succeed; unsafe=yes"
REVALIDATE = "on-lock=revalidate"
MOUNTS = {
    "v3": "vers=3,mountproto=tcp",
    "v42": "vers=4.2",
    "local_flock": "vers=3,mountproto=tcp,local_lock=flock",
}

# Writer's place and LOCKSHIM_SET, the call of a reader that never locks, what it reads then.
WITHOUT_LOCK = [
    ("nfs", NATIVE, "none", S),
    ("nfs", NATIVE, "open", F),
    ("nfs", NATIVE, "statx+dontneed", F),
    ("view", NATIVE, "none", S),
    ("view", NATIVE, "open", S),
    ("view", NATIVE, "statx+dontneed", S),
    ("view", FLUSH, "none", S),
    ("view", FLUSH, "open", F),
    ("view", FLUSH, "statx+dontneed", F),
    ("view", FLUSH_DATA, "open", F),
    ("view", FLUSH_DATA, "statx+dontneed", F),
]
# Reader's mount, how it opened the file, its LOCKSHIM_SET, what it reads once it has the lock.
WITH_LOCK = [
    ("v3", "rw", NATIVE, F),
    ("v42", "rw", NATIVE, F),
    ("v42", "rw", REVALIDATE, F),
    ("local_flock", "rw", NATIVE, F),
    ("local_flock", "rw", ELSEWHERE, S),
    ("local_flock", "rw", f"{ELSEWHERE}; {REVALIDATE}", F),
    ("local_flock", "ro", ELSEWHERE, S),
    ("local_flock", "ro", f"{ELSEWHERE}; {REVALIDATE}", F),
]


class Actor(Program):
    """reader.c on a client, preloaded where it has a LOCKSHIM_SET; one for all rows."""

    started = {}

    @classmethod
    def of(cls, client, setting):
        if (client, setting) not in cls.started:
            cls.started[client, setting] = cls(client, setting)
        return cls.started[client, setting]

    def __init__(self, client, setting):
        shim = ["env", f"LD_PRELOAD={SHIM}", f"LOCKSHIM_SET={setting}"] if setting else []
        super().__init__("S", ["nfs-client", client, *shim, os.path.abspath("reader")])

    def must(self, line, *expected):
        told = self.ask(line)
        if told not in (expected or ("ok",)):
            raise RuntimeError(f"{line}: {told}")


def write_out_nothing():
    """For an hour. Else data that nobody flushed reaches the server after 5 to 30 seconds; a 0
    would have it wake up at each write, and find one page too many on a mount that wrote little."""
    with open("/proc/sys/vm/dirty_writeback_centisecs", "w", encoding="ascii") as file:
        file.write("360000")


def mount_all():
    subprocess.run(["modprobe", "fuse"], check=True)
    for name, options in MOUNTS.items():
        for client in "1", "2":
            client_mount(client, f"kept_{name}", f"{options},actimeo=600", "/export")
        subprocess.run(["nfs-client", "2", "mkdir", f"/run/{name}"], check=True)
        subprocess.run(["nfs-client", "2", "bindfs", f"/mnt/c2/kept_{name}", f"/run/{name}"],
                       check=True)


class Rows:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def read_before(self, mount, setting, how):
        """The reader, with the file's old text in its client's cache."""
        self.count += 1
        create(f"file{self.count}", OLD)
        reader = Actor.of("1", setting)
        reader.must(f"open /mnt/c1/kept_{mount}/file{self.count} {how}")
        reader.must("read 0", OLD)
        return reader

    def write(self, mount, place, setting):
        """The writer, which has let go of its lock and keeps the file open."""
        writer = Actor.of("2", setting)
        directory = f"/run/{mount}" if place == "view" else f"/mnt/c2/kept_{mount}"
        writer.must(f"open {directory}/file{self.count} rw")
        for line in "call flock-ex", f"write 0 {NEW}", "call flock-un":
            writer.must(line)
        return writer

    def say(self, reader, writer, text, expected):
        seen = {OLD: S, NEW: F}.get(reader.ask("read 0"), "?")
        writer.must("close")
        reader.must("close")
        self.failed += seen != expected
        verdict = "as expected" if seen == expected else f"FAILED, expected {expected}"
        print(f"{text:<74} {seen:<6} {verdict}", flush=True)

    def without_lock(self, mount, place, writer_set, call, expected):
        reader = self.read_before(mount, NATIVE, "ro")
        writer = self.write(mount, place, writer_set)
        reader.must(f"call {call}")
        self.say(reader, writer, f"{mount:<12} writer {place:<4} {writer_set or 'native':<20} "
                 f"reader without lock, {call}", expected)

    def with_lock(self, mount, how, reader_set, expected):
        reader = self.read_before(mount, reader_set, how)
        writer = self.write(mount, "nfs", NATIVE)
        reader.must("call flock-sh")
        self.say(reader, writer, f"{mount:<12} reader {how}, {reader_set or 'native'}", expected)


def main():
    if not have_shim():
        print("without the shim there is nothing to see")
        return 1
    write_out_nothing()
    mount_all()
    rows = Rows()
    for mount in "v3", "v42":
        for row in WITHOUT_LOCK:
            rows.without_lock(mount, *row)
    for row in WITH_LOCK:
        rows.with_lock(*row)
    for actor in Actor.started.values():
        actor.end()
    print(f"{rows.count} rows, {rows.failed} not as expected")
    return 1 if rows.failed else 0


sys.exit(main())
