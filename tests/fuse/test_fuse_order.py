# SPDX-License-Identifier: MIT
"""What was written under a lock is there before the lock is let go: 1,000 schedules of writers,
holders and crash points by seed, each without a flush and with one. The next holder must find all
that was written under locks let go before the crash."""
import os
import subprocess
import tempfile
import unittest

import mounted
from mounted import Mount

SCHEDULES = int(os.environ.get("SCHEDULES_COUNT", "1000"))
FEW = SCHEDULES // 10
OF_THE_UNCOVERED = 3 * FEW
PATIENCE = 1200  # seconds

# What else the lock may become, on a file system that a rule names.
CONVERSIONS = ["flock=ofd", "flock=posix", "flock=both", "fcntl=ofd", "ofd=posix", "flock=ofd; fcntl=ofd"]


def run(first, count, *options, actions=None, mount=()):
    """{way: (holds, records, lost)} of the seeds from FIRST on; ACTIONS are the rule's."""
    with Mount(*mount) as place, tempfile.NamedTemporaryFile("w", suffix=".conf") as policy:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCKSHIM_")}
        if actions is not None:
            keys = "\n".join(item.strip() for item in actions.split(";"))
            policy.write(f"[rule lockfs]\nfilesystem = {place.at}\n{keys}\n")
            policy.flush()
            environment.update(LD_PRELOAD=os.environ["LOCKSHIM_SO"], LOCKSHIM_POLICY=policy.name)
        output = subprocess.run([os.environ["SCHEDULES"], place.at, str(first), str(count), *options],
                                env=environment, stdout=subprocess.PIPE, text=True, check=True,
                                timeout=PATIENCE).stdout
    return {way: tuple(map(int, numbers)) for way, *numbers in map(str.split, output.splitlines())}


def lost(rows):
    return sum(row[2] for row in rows.values())


def records(rows):
    return sum(row[1] for row in rows.values())


def print_table(title, off, flushed):
    print(f"\n{title:<22} {'without a flush':>24}   {'on-unlock = flush-data':>24}")
    print(f"{'':<22} {'holds':>8} {'records':>7} {'lost':>7}   {'holds':>8} {'records':>7} {'lost':>7}")
    for way in off:
        cells = [f"{row[0]:>8} {row[1]:>7} {row[2]:>7}" for row in (off[way], flushed[way])]
        print(f"{way:<22} {'   '.join(cells)}")
    cells = [f"{'':>8} {records(rows):>7} {lost(rows):>7}" for rows in (off, flushed)]
    print(f"{'in all':<22} {'   '.join(cells)}", flush=True)


class Order(unittest.TestCase):
    def test_each_way_to_let_go(self):
        off = run(1, SCHEDULES)
        flushed = run(1, SCHEDULES, actions="on-unlock=flush-data")
        print_table("let go by", off, flushed)
        self.assertEqual(off.keys(), flushed.keys())
        self.assertEqual(0, lost(flushed))
        self.assertGreater(records(flushed), SCHEDULES)
        for way, row in off.items():
            self.assertGreater(row[2], 0, f"{way} loses nothing: the schedules prove nothing")

    def test_what_no_preload_covers(self):
        off = run(1, OF_THE_UNCOVERED, "--uncovered")
        flushed = run(1, OF_THE_UNCOVERED, "--uncovered", actions="on-unlock=flush-data")
        print_table("let go unseen by", off, flushed)
        for way, row in flushed.items():
            self.assertGreater(row[2], 0, f"{way} is covered: the manual says that it is not")

    def variant(self, title, *options, actions, mount=()):
        rows = run(1, FEW, *options, actions=actions, mount=mount)
        print(f"{title:<46} {records(rows):>7} {lost(rows):>7}", flush=True)
        self.assertEqual(0, lost(rows), title)
        self.assertGreater(records(rows), 0, title)

    def test_in_every_family(self):
        print(f"\n{'':<46} {'records':>7} {'lost':>7}")
        self.variant("on-unlock = flush", actions="on-unlock=flush")
        self.variant("writeback cache", actions="on-unlock=flush-data", mount=["writeback"])
        for conversion in CONVERSIONS:
            self.variant(conversion, "--converted", actions=f"{conversion}; on-unlock=flush-data")

    def test_shadow_changes_nothing(self):
        self.assertGreater(lost(run(1, FEW, actions="shadow=yes; on-unlock=flush-data")), 0)


mounted.main()
