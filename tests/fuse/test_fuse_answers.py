# SPDX-License-Identifier: MIT
"""A script decides what becomes of which request: an errno, a delay, a hang."""
import errno
import fcntl
import os
import signal
import subprocess
import unittest

import mounted
from mounted import Actor, Mount, error_of


class Answers(unittest.TestCase):
    def setUp(self):
        self.mount = Mount()
        self.addCleanup(self.mount.__exit__)
        self.fd = os.open(self.mount.path("a"), os.O_RDWR | os.O_CREAT)
        self.addCleanup(os.close, self.fd)

    def lock(self, times, call=fcntl.flock):
        return [error_of(call, self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB) for _ in range(times)]

    def test_the_nth(self):
        self.mount.control("on flock a 2 answer ENOLCK")
        self.assertEqual([None, "ENOLCK", None], self.lock(3))

    def test_from_the_nth_on(self):
        self.mount.control("on lock * 2+ answer EIO")
        self.assertEqual([None, "EIO", "EIO"], self.lock(3))
        self.mount.control("clear")
        self.assertEqual([None], self.lock(1))

    def test_another_file_is_another_matter(self):
        self.mount.control("on lock b * answer EIO")
        self.assertEqual([None], self.lock(1))

    def test_errors_that_file_systems_give_to_locks(self):
        for name in ("ENOLCK", "ENOSYS", "EOPNOTSUPP", "ESTALE"):
            self.mount.control(f"on lock a 1 answer {name}")
            self.assertEqual([{"EOPNOTSUPP": "ENOTSUP"}.get(name, name)], self.lock(1, fcntl.lockf), name)

    def test_the_kernel_has_no_524_from_a_server(self):
        self.assertEqual("EINVAL", error_of(self.mount.control, "on lock a 1 answer 524"))

    def test_the_kernel_remembers_that_there_is_no_fsync(self):
        self.mount.control("on sync a 1 answer ENOSYS")
        self.assertEqual([None, None], [error_of(os.fsync, self.fd) for _ in range(2)])
        self.assertEqual(["create", "fsync", "answered"], self.mount.words("a"))

    def test_an_unlock_that_fails_holds(self):
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        self.mount.control("on unlock a 1 answer EIO")
        self.assertEqual("EIO", error_of(fcntl.flock, self.fd, fcntl.LOCK_UN))
        self.assertNotIn("let-go", self.mount.words("a"))

    def test_wait(self):
        self.mount.control("on fsync a 1 wait 10\non fsync a 2 wait 3600000")
        os.fsync(self.fd)
        with Actor() as actor:
            actor.ask(f"open {self.mount.path('a')}")
            actor.tell("fsync")
            self.mount.wait_for("held", "a", 2)
            self.assertIsNone(actor.hear(0))
            self.mount.control("go fsync a")
            self.assertEqual("ok", actor.hear())
        self.assertEqual(["fsync", "held", "goes-on"] * 2,
                         [word for word in self.mount.words("a") if word in ("fsync", "held", "goes-on")])

    def test_held_until_told(self):
        self.mount.control("on sync a 1 hold")
        with Actor() as actor:
            actor.ask(f"open {self.mount.path('a')}")
            actor.tell("sync")
            self.mount.wait_for("held", "a")
            self.assertIsNone(actor.hear(0))
            self.mount.control("go sync a")
            self.assertEqual("ok", actor.hear())

    def sleeper(self, action):
        """A process in fdatasync that a signal was sent to."""
        self.mount.control(f"on sync a 1 {action}")
        child = subprocess.Popen(["dd", "if=/dev/null", f"of={self.mount.path('a')}", "conv=fdatasync",
                                  "status=none"], stderr=subprocess.DEVNULL)
        self.mount.wait_for("held", "a")
        child.kill()
        return child

    def test_a_signal_ends_what_is_held(self):
        self.assertEqual(-signal.SIGKILL, self.sleeper("hold").wait(mounted.BOUND))

    def test_a_signal_does_not_end_a_hang(self):
        child = self.sleeper("hang")
        self.assertNotIn("answered", self.mount.words("a"))
        self.assertIsNone(child.poll())
        self.mount.control("go")
        self.assertEqual(-signal.SIGKILL, child.wait(mounted.BOUND))

    def test_what_is_no_command(self):
        for line in ("on", "on lock", "on lock a", "on lock a 0 hold", "on lock a 1", "on lock a x hold",
                     "on lock a 1 answer", "on lock a 1 answer EWHAT", "on bed a 1 hold",
                     "on lock a 1 hold 3", "go bed", "put nowhere x", "restart nowhere", "nonsense"):
            self.assertIn(error_of(self.mount.control, line), ("EINVAL", "ENOENT"), line)

    def test_put_is_another_client(self):
        os.write(self.fd, b"mine\n")
        self.mount.control("put a theirs")
        self.assertEqual("theirs\n", self.mount.survivor("a"))
        self.assertEqual(errno.ENOENT, getattr(errno, str(error_of(self.mount.control, "put b x"))))


mounted.main()
