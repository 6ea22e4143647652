# SPDX-License-Identifier: MIT
"""A flush that fails is told of or not, as the rule says, and the lock is let go either way. One that
hangs keeps the lock until it ends."""
import signal
import unittest

import mounted
from mounted import Actor, Mount

FAMILIES = ("flock", "posix", "ofd")
# How a holder lets go, by what it is told.
WAYS = [(f"{family} ex", f"{family} un") for family in FAMILIES]
WAYS += [(f"{family} ex", way) for family in FAMILIES for way in ("close", "dup2", "_exit")]
DOWNGRADES = [(f"{family} ex", f"{family} sh") for family in FAMILIES]


class FlushError(unittest.TestCase):
    def setUp(self):
        self.mount = Mount()
        self.addCleanup(self.mount.__exit__)

    def actor(self, preload_set=None):
        actor = Actor(preload_set)
        self.addCleanup(actor.__exit__)
        return actor

    def hold(self, holder, lock):
        """It holds the lock of a new file, which it has written to."""
        self.mount.control("clear")
        self.mount.write("a", "", sync=False)
        self.assertEqual(["ok"] * 3, holder.ask(f"open {self.mount.path('a')}", lock, "write one"))

    def is_free(self, outsider, lock):
        """Another gets the lock, at least shared, and leaves it."""
        self.assertEqual(["ok"] * 3, outsider.ask(f"open {self.mount.path('a')}", lock.replace("ex", "sh nb"),
                                                  "close"))

    def answers(self, preload_set, ways):
        """What letting go answers after each error, when nobody must be kept out any more."""
        given, outsider, holder = set(), self.actor(), self.actor(preload_set)
        for lock, way in ways:
            for error in ("EIO", "ENOSPC"):
                with self.subTest(lock=lock, way=way, error=error):
                    self.hold(holder, lock)
                    self.mount.control(f"on sync a 1 answer {error}")
                    given.add(holder.ask(way))
                    self.assertIn("answered", self.mount.words("a"))
                    self.mount.wait_for("let-go", "a")
                    self.is_free(outsider, lock)
                    if way == "_exit":
                        holder = self.actor(preload_set)
                    elif way != "close":
                        holder.ask("close")
        return given

    def test_report(self):
        self.assertEqual({"EIO"}, self.answers("on-unlock=flush-data; flush-error=report",
                                               [way for way in WAYS if way[1] not in ("_exit", "dup2")]))

    def test_report_a_replacement(self):
        """dup2 has no EIO; what has replaced the descriptor is there."""
        self.assertEqual({"ok"}, self.answers("on-unlock=flush-data; flush-error=report",
                                              [way for way in WAYS if way[1] == "dup2"]))

    def test_report_a_downgrade(self):
        self.assertEqual({"EIO"}, self.answers("on-unlock=flush-data; flush-error=report", DOWNGRADES))

    def test_ignore_a_close(self):
        """A close on FUSE would have told what could not be written, had the flush not been told."""
        self.assertEqual({"EIO", "ENOSPC"}, self.answers("on-unlock=flush-data",
                                                         [way for way in WAYS if way[1] == "close"]))

    def test_own_sync(self):
        """The kernel tells once what it could not write back: the flush, and by it the program's own."""
        for way in ("fsync", "close"):
            with self.subTest(way=way), Mount("writeback") as mount:
                mount.write("a", "")
                mount.control("on write a * answer ENOSPC")
                holder = self.actor("on-unlock=flush-data")
                self.assertEqual(["ok"] * 4, holder.ask(f"open {mount.path('a')}", "flock ex", "write one",
                                                        "flock un"))
                self.assertEqual("ENOSPC", holder.ask(way))

    def test_ignore(self):
        ways = [way for way in WAYS if way[1] not in ("_exit", "close")] + DOWNGRADES
        self.assertEqual({"ok"}, self.answers("on-unlock=flush-data", ways))
        self.assertEqual({"ok"}, self.answers("on-unlock=flush; flush-error=ignore", ways))

    def test_an_end_cannot_tell(self):
        self.assertEqual({""}, self.answers("on-unlock=flush-data; flush-error=report",
                                            [way for way in WAYS if way[1] == "_exit"]))

    def test_no_error_no_report(self):
        holder = self.actor("on-unlock=flush-data; flush-error=report")
        for lock, way in WAYS[:3]:
            self.hold(holder, lock)
            self.assertEqual(["ok", "ok"], holder.ask(way, "close"))

    def test_each_asks_for_its_sync(self):
        for value, word, other in (("flush-data", "fdatasync", "fsync"), ("flush", "fsync", "fdatasync")):
            holder = self.actor(f"on-unlock={value}")
            self.hold(holder, "flock ex")
            holder.ask("flock un")
            words = self.mount.words("a")
            self.assertEqual(["write", word, "unflock", "let-go"], words[words.index("write"):])
            self.assertNotIn(other, words)

    def test_nobody_gets_in_during_a_hang(self):
        outsider, waiter, holder = self.actor(), self.actor(), self.actor("on-unlock=flush-data")
        for lock, way in WAYS:
            with self.subTest(lock=lock, way=way):
                self.hang(holder, lock, way, outsider, waiter)
            if way == "_exit":
                holder = self.actor("on-unlock=flush-data")
            elif way != "close":
                holder.ask("close")

    def hang(self, holder, lock, way, outsider, waiter):
        self.hold(holder, lock)
        for other in (outsider, waiter):
            self.assertEqual("ok", other.ask(f"open {self.mount.path('a')}"))
        waiter.tell(lock)
        self.mount.wait_for("waits", "a")
        self.mount.control("on sync a 1 hang")
        holder.tell(way)
        self.mount.wait_for("held", "a")
        self.assertEqual("EAGAIN", outsider.ask(f"{lock} nb"))
        self.assertEqual([None, None], [waiter.hear(0), holder.hear(0)])
        self.mount.control("go")
        self.assertEqual(["ok", "" if way == "_exit" else "ok"], [waiter.hear(), holder.hear()])
        words = self.mount.words("a")
        self.assertLess(words.index("goes-on"), words.index("let-go"))
        self.assertEqual(["ok", "ok"], [waiter.ask("close"), outsider.ask("close")])

    def test_a_kill_during_a_hang(self):
        """The kernel keeps the process, and so the lock, until the server answers."""
        holder, outsider = self.actor("on-unlock=flush-data"), self.actor()
        self.hold(holder, "flock ex")
        outsider.ask(f"open {self.mount.path('a')}")
        self.mount.control("on sync a 1 hang")
        holder.tell("flock un")
        self.mount.wait_for("held", "a")
        holder.process.kill()
        self.assertEqual("EAGAIN", outsider.ask("flock ex nb"))
        self.mount.control("go")
        self.assertEqual(-signal.SIGKILL, holder.process.wait(mounted.BOUND))
        self.assertEqual("ok", outsider.ask("flock ex"))


mounted.main()
