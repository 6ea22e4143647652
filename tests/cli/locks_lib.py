# SPDX-License-Identifier: MIT
"""Actors with locks, and what `lockshim locks` says of them."""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LOCKSHIM, LIBRARY = os.environ["LOCKSHIM"], os.environ["LIBRARY"]
BOUND = 200  # seconds before something that should happen counts as not happening
actors = []


class Actor:
    """A process of its own; under a policy's actions where POLICY is given."""

    def __init__(self, policy=None, streams=None):
        command = [sys.executable, os.path.join(HERE, "locks_actor.py")]
        if policy is not None:
            command = [LOCKSHIM, "run", "--library", LIBRARY, "-o", policy, "--", *command]
        if streams:
            self.orders, self.answers = streams
        else:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True)
            self.orders, self.answers = self.process.stdin, self.process.stdout
        actors.append(self)
        self.pid = self.ask("pid")

    def tell(self, *order):
        self.orders.write(json.dumps(order) + "\n")
        self.orders.flush()

    def ask(self, *order):
        self.tell(*order)
        return json.loads(self.answers.readline())

    def do(self, *order):
        said = self.ask(*order)
        assert said == "done", (order, said)

    def open(self, path, mode="rw"):
        return self.ask("open", path, mode)

    def fork(self):
        names = [os.path.abspath(f"actor-{len(actors)}-{way}") for way in ("in", "out")]
        for name in names:
            os.mkfifo(name)
        self.tell("fork", names)
        orders = open(names[0], "w")
        answers = open(names[1])
        for each in (self.answers, answers):
            each.readline()
        return Actor(streams=(orders, answers))

    def end(self):
        """Ends with all its children, once they are told to."""
        self.orders.close()
        if hasattr(self, "process"):
            self.process.wait()
        else:
            self.answers.read()


def end_all():
    for actor in reversed(actors):
        if not actor.orders.closed:
            actor.end()
    actors.clear()


def ask(*arguments, **more):
    return subprocess.run([LOCKSHIM, "locks", *arguments], capture_output=True, text=True, **more)


def document(*arguments):
    """What --json says, once its rows are of one moment: others lock and unlock meanwhile."""
    def of_one_moment():
        said = ask("--json", *arguments)
        assert said.returncode == 0, (said.returncode, said.stderr)
        found = json.loads(said.stdout)
        return None if found["torn"] else found
    return until(of_one_moment)


def locks(*arguments):
    return document(*arguments)["locks"]


def brief(row):
    end = "EOF" if row["end"] is None else row["end"]
    return (row["family"], row["asked"], row["mode"] + "*" * row["waits"], row["start"], end)


def pids(parties):
    return {party["pid"] for party in parties}


def same(got, wanted):
    assert got == wanted, f"\n  got:    {got}\n  wanted: {wanted}"


def until(condition):
    """For what others do in their own time: a request that is told, and begins to wait."""
    ends = time.monotonic() + BOUND
    while True:
        got = condition()
        if got:
            return got
        assert time.monotonic() < ends, "what should happen did not"
        time.sleep(0.02)


def until_rows(count, *arguments):
    def there():
        rows = locks(*arguments)
        return rows if len(rows) == count else None
    return until(there)


def make(*names):
    for name in names:
        with open(name, "w") as file:
            file.write("x" * 100)
