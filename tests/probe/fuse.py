#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""On the test file system: both programs agree, and a server that refuses, hangs or never lets go is
an answer."""
import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "fuse"))
import mounted
import second


def probe(directory, *options):
    done = subprocess.run([os.environ["LOCKSHIM"], "probe", "--json", *options, directory],
                          stdout=subprocess.PIPE, check=True)
    return {(case["case"], case["family"]): case["answer"] for case in json.loads(done.stdout)["cases"]}


class Probe(unittest.TestCase):
    def agree(self, families, *options):
        with mounted.Mount(*options) as mount:
            compare = [sys.executable, "-B", os.path.join(HERE, "compare.py"), mount.at, families]
            subprocess.run(compare, check=True, env=os.environ | {"PATIENCE": "1", "TIMEOUT": "10s"})

    def test_agrees_where_the_server_locks(self):
        self.agree("flock,fcntl,lockf,ofd")

    def test_agrees_where_the_kernel_locks(self):
        self.agree("flock,fcntl", "local_locks")

    def test_an_error_is_an_answer(self):
        with mounted.Mount() as mount:
            mount.control("on lock * * answer ENOLCK")
            cells = probe(mount.at, "--families", "flock,ofd")
        self.assertEqual(cells["exclusive", "flock"], "ENOLCK")
        self.assertEqual(cells["exclusive", "ofd"], "ENOLCK")
        self.assertEqual(cells["close-other", "flock"], "ENOLCK")

    def test_a_hang_is_an_answer_and_is_not_met_twice(self):
        with mounted.Mount() as mount:
            mount.control("on setlk * * hang")
            cells = probe(mount.at, "--families", "fcntl,flock", "--timeout", "6s")
            mount.control("go")
        self.assertEqual(cells["shared", "fcntl"], "hangs")
        self.assertEqual(cells["close-other", "fcntl"], "not asked")
        self.assertEqual(cells["close-other", "flock"], "held")

    def test_a_lock_that_is_never_let_go_is_seen(self):
        with mounted.Mount("keep_descriptor_locks") as mount:
            cells = probe(mount.at, "--families", "ofd", "--timeout", "6s")
        self.assertEqual(cells["close-last", "ofd"], "held")
        self.assertEqual(cells["handed-on-close", "ofd"], "still waits")
        self.assertEqual(cells["handed-on-kill", "ofd"], "still waits")
        self.assertEqual(cells["handed-on-unlock", "ofd"], "granted")


if __name__ == "__main__":
    if not second.CALLS:
        print("skipped: no numbers of system calls for this machine")
        sys.exit(77)
    mounted.main()
