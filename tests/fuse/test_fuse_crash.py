# SPDX-License-Identifier: MIT
"""A crash, at any operation, leaves of each file what was synced last."""
import os
import unittest

import mounted
from mounted import Actor, Mount, error_of


class Crash(unittest.TestCase):
    def setUp(self):
        self.mount = Mount()
        self.addCleanup(self.mount.__exit__)

    def write_twice(self, name="a"):
        """One line that is synced and one that is not."""
        fd = os.open(self.mount.path(name), os.O_RDWR | os.O_CREAT)
        self.addCleanup(error_of, os.close, fd)
        os.write(fd, b"synced\n")
        os.fdatasync(fd)
        os.write(fd, b"not synced\n")
        return fd

    def test_what_was_synced_survives(self):
        fd = self.write_twice()
        self.mount.control("crash a")
        self.assertEqual("EIO", error_of(os.write, fd, b"more\n"))
        self.assertEqual("EIO", error_of(os.open, self.mount.path("a"), os.O_RDONLY))
        self.mount.control("restart a")
        self.assertEqual("synced\n", self.mount.read("a"))
        self.assertEqual("EIO", error_of(os.write, fd, b"more\n"), "what was open stays as it was")

    def test_every_place_between_operations(self):
        operations = [("open", ""), ("write", ""), ("fdatasync", ""), ("write", "one\n"),
                      ("fsync", "one\n"), ("write", "one\ntwo\n"), ("flush", "one\ntwo\n"),
                      ("release", "one\ntwo\n")]
        for number, (word, left) in enumerate(operations, 1):
            name = f"at{number}"
            self.mount.write(name, "")
            self.mount.wait_for("release", name)
            self.mount.control(f"on any {name} {number} crash")
            self.work(name)
            self.mount.wait_for("crash", name)
            at = [line[1] for line in self.mount.journal(name)].index("crash")
            self.assertEqual(word, self.mount.journal(name)[at - 1][1])
            self.mount.control(f"restart {name}")
            self.assertEqual(left, self.mount.read(name), word)

    def work(self, name):
        """Up to the first operation that fails."""
        try:
            fd = os.open(self.mount.path(name), os.O_WRONLY)
        except OSError:
            return
        try:
            os.write(fd, b"one\n")
            os.fdatasync(fd)
            os.write(fd, b"two\n")
            os.fsync(fd)
            os.write(fd, b"three\n")
        except OSError:
            pass
        finally:
            error_of(os.close, fd)

    def test_a_crash_takes_the_locks(self):
        self.mount.write("a", "")
        with Actor() as holder, Actor() as waiter:
            for actor in (holder, waiter):
                actor.ask(f"open {self.mount.path('a')}")
            self.assertEqual("ok", holder.ask("flock ex"))
            waiter.tell("flock ex")
            self.mount.wait_for("waits", "a")
            self.mount.control("crash a")
            self.assertEqual("EIO", waiter.hear())
            self.mount.control("restart a")
            self.assertEqual(["ok", "ok"], waiter.ask(f"open {self.mount.path('a')}", "flock ex nb"))

    def test_truncation_is_lost_too(self):
        self.mount.write("a", "synced\n")
        self.mount.write("a", "", sync=False)
        self.assertEqual("", self.mount.read("a"))
        self.mount.control("crash")
        self.mount.control("restart")
        self.assertEqual("synced\n", self.mount.read("a"))

    def test_one_file_or_all(self):
        for name in ("a", "b"):
            self.write_twice(name)
        self.mount.control("restart a")
        self.assertEqual(["synced\n", "synced\nnot synced\n"], [self.mount.read(name) for name in "ab"])
        self.mount.control("restart")
        self.assertEqual("synced\n", self.mount.read("b"))

    def test_names_survive(self):
        self.write_twice("a")
        self.write_twice("b")
        os.rename(self.mount.path("a"), self.mount.path("c"))
        os.unlink(self.mount.path("b"))
        self.mount.control("restart")
        self.assertEqual(["c"], os.listdir(self.mount.at))
        self.assertEqual(["c"], os.listdir(self.mount.backing))
        self.assertEqual("synced\n", self.mount.read("c"))

    def test_a_server_that_is_killed(self):
        fd = self.write_twice()
        self.mount.die()
        self.assertEqual("ENOTCONN", error_of(os.write, fd, b"more\n"))
        self.mount.start()
        self.assertEqual("synced\n", self.mount.read("a"))

    def test_a_kernel_that_keeps_writes_forgets_them(self):
        with Mount("writeback") as mount:
            fd = os.open(mount.path("a"), os.O_RDWR | os.O_CREAT)
            os.write(fd, b"synced\n")
            os.fsync(fd)
            os.write(fd, b"not synced\n")
            mount.control("restart a")
            error_of(os.close, fd)
            self.assertEqual("synced\n", mount.read("a"))


mounted.main()
