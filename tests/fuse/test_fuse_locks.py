# SPDX-License-Identifier: MIT
"""Locks are the server's: who gets one, who waits, and when it ends; or the kernel's alone."""
import fcntl
import os
import unittest

import mounted
from mounted import Actor, Mount

FAMILIES = ("flock", "posix", "ofd")


class Locks(unittest.TestCase):
    def setUp(self):
        self.mount = Mount()
        self.addCleanup(self.mount.__exit__)

    def actors(self, count, mount=None):
        """So many processes that have the file open."""
        actors = []
        for _ in range(count):
            actors.append(Actor())
            self.addCleanup(actors[-1].__exit__)
            self.assertEqual("ok", actors[-1].ask(f"open {(mount or self.mount).path('a')}"))
        return actors

    def test_who_meets_whom(self):
        holder, other = self.actors(2)
        meet = {("posix", "ofd"), ("ofd", "posix")} | {(family, family) for family in FAMILIES}
        for held in FAMILIES:
            self.assertEqual("ok", holder.ask(f"{held} ex"))
            for asked in FAMILIES:
                answer = "EAGAIN" if (held, asked) in meet else "ok"
                self.assertEqual(answer, other.ask(f"{asked} ex nb"), (held, asked))
                other.ask(f"{asked} un")
            self.assertEqual("ok", holder.ask(f"{held} un"))

    def test_shared_with_shared(self):
        first, second, third = self.actors(3)
        for family in FAMILIES:
            self.assertEqual(["ok", "ok"], [first.ask(f"{family} sh"), second.ask(f"{family} sh nb")])
            self.assertEqual("EAGAIN", third.ask(f"{family} ex nb"))
            self.assertEqual(["ok", "ok"], [first.ask(f"{family} un"), second.ask(f"{family} un")])

    def test_ranges(self):
        holder, other = self.actors(2)
        self.assertEqual(["ok", "ok"], holder.ask("posix ex 0 100", "posix un 40 20"))
        self.assertEqual(["ok", "EAGAIN", "EAGAIN", "ok"], other.ask(
            "ofd ex nb 40 20", "ofd ex nb 39 1", "ofd ex nb 60 1", "ofd ex nb 100 5"))

    def test_waiters_in_turn(self):
        holder, *waiters = self.actors(4)
        for family in FAMILIES:
            self.mount.control("clear")
            self.assertEqual("ok", holder.ask(f"{family} ex"))
            for count, waiter in enumerate(waiters, 1):
                waiter.tell(f"{family} ex")
                self.mount.wait_for("waits", "a", count)
            holder.ask(f"{family} un")
            for number, waiter in enumerate(waiters):
                self.assertEqual("ok", waiter.hear())
                self.assertEqual([None] * (2 - number), [other.hear(0) for other in waiters[number + 1:]])
                self.assertEqual("ok", waiter.ask(f"{family} un"))

    def test_two_upgraders_both_get_it(self):
        first, second = self.actors(2)
        self.assertEqual(["ok", "ok"], [first.ask("flock sh"), second.ask("flock sh")])
        first.tell("flock ex")
        self.mount.wait_for("waits", "a")
        self.assertEqual("ok", second.ask("flock ex nb"))
        self.assertIsNone(first.hear(0))
        self.assertEqual("ok", second.ask("flock un"))
        self.assertEqual("ok", first.hear())

    def test_a_close_lets_go(self):
        for family in FAMILIES:
            holder, other = self.actors(2)
            self.assertEqual("ok", holder.ask(f"{family} ex"))
            other.tell(f"{family} ex")
            self.mount.wait_for("waits", "a")
            self.assertEqual("ok", holder.ask("close"))
            self.assertEqual("ok", other.hear())
            other.ask("close")
            self.mount.control("clear")

    def test_a_close_of_another_descriptor(self):
        """Of the process's own POSIX locks, and of no other kind."""
        other, = self.actors(1)
        for lock, answer in ((fcntl.lockf, "ok"), (fcntl.flock, "EAGAIN")):
            first, second = (os.open(self.mount.path("a"), os.O_RDWR) for _ in range(2))
            lock(first, fcntl.LOCK_EX)
            os.close(second)
            self.assertEqual(answer, other.ask(f"{'posix' if answer == 'ok' else 'flock'} ex nb"))
            os.close(first)
            other.ask("posix un", "flock un")

    def test_a_killed_holder_lets_go(self):
        for family in FAMILIES:
            holder, other = self.actors(2)
            self.assertEqual("ok", holder.ask(f"{family} ex"))
            holder.tell("kill")
            self.assertEqual("ok", other.ask(f"{family} ex"))
            other.ask("close")

    def test_a_signal_ends_waiting(self):
        holder, other = self.actors(2)
        self.assertEqual("ok", holder.ask("flock ex"))
        other.tell("flock ex")
        self.mount.wait_for("waits", "a")
        other.process.kill()
        other.process.wait(mounted.BOUND)
        self.mount.wait_for("interrupted", "a")

    def test_descriptor_locks_that_nobody_ends(self):
        with Mount("keep_descriptor_locks") as mount:
            holder, other = self.actors(2, mount)
            self.assertEqual(["ok", "ok"], holder.ask("ofd ex", "close"))
            mount.wait_for("release", "a")
            self.assertEqual("EAGAIN", other.ask("ofd ex nb"))
            other.ask("close")

    def test_local_locks_reach_no_server(self):
        with Mount("local_locks") as mount:
            holder, other = self.actors(2, mount)
            for family in FAMILIES:
                self.assertEqual("ok", holder.ask(f"{family} ex"))
                self.assertEqual("EAGAIN", other.ask(f"{family} ex nb"))
                holder.ask(f"{family} un")
            self.assertEqual(["create", "open"], mount.words("a"))
            holder.ask("close")
            other.ask("close")


mounted.main()
