# SPDX-License-Identifier: MIT
"""The journal has what arrives at the server, in order, with who it came from."""
import fcntl
import os
import unittest

import mounted
from mounted import Actor, Mount


class Records(unittest.TestCase):
    def setUp(self):
        self.mount = Mount()
        self.addCleanup(self.mount.__exit__)

    def test_each_operation_in_order(self):
        fd = os.open(self.mount.path("a"), os.O_RDWR | os.O_CREAT)
        os.write(fd, b"one\n")
        os.fsync(fd)
        os.ftruncate(fd, 2)
        os.fdatasync(fd)
        os.close(fd)
        self.assertEqual(["create", "write", "fsync", "truncate", "fdatasync", "flush"],
                         self.mount.words("a"))

    def test_the_last_close_releases(self):
        self.mount.write("a", "one\n")
        self.mount.wait_for("release", "a")
        self.assertEqual("release", self.mount.journal("a")[-1][1])

    def test_locks_by_their_family(self):
        with Actor() as actor:
            self.assertEqual(["ok"] * 7, actor.ask(
                f"open {self.mount.path('a')}", "flock ex", "flock un", "posix sh nb 10 5", "posix un 10 5",
                "ofd ex", "close"))
            self.mount.wait_for("let-go", "a", 3)
            self.assertEqual(["create", "flockw", "granted", "unflock", "let-go", "setlk", "granted", "unlk",
                              "let-go", "setlkw", "granted", "flush", "let-go"], self.mount.words("a"))
            shared = next(line for line in self.mount.journal("a") if line[1] == "setlk")
            self.assertEqual([f"pid={actor.process.pid}", "sh", "start=10", "end=14"],
                             [shared[3], *shared[5:]])

    def test_a_downgrade_lets_go(self):
        fd = os.open(self.mount.path("a"), os.O_RDWR | os.O_CREAT)
        fcntl.flock(fd, fcntl.LOCK_EX)
        fcntl.flock(fd, fcntl.LOCK_SH)
        self.assertIn(["let-go", "a", "flock", "handle=1", "shared"],
                      [line[1:] for line in self.mount.journal("a")])
        os.close(fd)

    def test_writeback_tells_of_writes_when_it_must(self):
        with Mount("writeback") as mount:
            fd = os.open(mount.path("a"), os.O_RDWR | os.O_CREAT)
            os.write(fd, b"one\n")
            self.assertNotIn("write", mount.words("a"))
            os.fdatasync(fd)
            self.assertEqual(["write", "fdatasync"], mount.words("a")[-2:])
            os.close(fd)

    def test_each_file_has_its_lines(self):
        self.mount.write("a", "one\n")
        self.mount.write("b", "two\n")
        self.assertEqual({"a"}, {line[2] for line in self.mount.journal("a")})
        self.assertEqual({"a", "b"}, {line[2] for line in self.mount.journal()})

    def test_clear_begins_anew(self):
        self.mount.write("a", "one\n")
        self.mount.wait_for("release", "a")
        self.mount.control("clear")
        self.assertEqual([], self.mount.journal())


mounted.main()
