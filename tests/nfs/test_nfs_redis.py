#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""redis-server on the NFS server locks its nodes.conf by flock; so does somebody on a client."""

import sys

from machine_side import Locker, Program, have_shim

DIRECTORY = "/export"
REDIS = ["redis-server", "--port", "7000", "--bind", "127.0.0.1", "--save", "",
         "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--dir", DIRECTORY]
RUNS, REFUSES = "runs", "refuses"

# client's mount, redis as; what a client that holds the lock does to redis; what redis to a client
ROWS = [
    ("v3", "S", RUNS, "ok"),
    ("v42", "S", RUNS, "ok"),
    ("v3", "S+shim", REFUSES, "EAGAIN"),
    ("v42", "S+shim", REFUSES, "EAGAIN"),
]


class Redis(Program):
    """Started, and heard until it runs or refuses; its port serves one at a time."""

    def __init__(self, place):
        super().__init__(place, REDIS)
        self.state = self.first_of({"Ready to accept connections": RUNS,
                                    "already used by a different Redis Cluster node": REFUSES})

    def first_of(self, phrases):
        for line in self.process.stdout:
            for phrase, state in phrases.items():
                if phrase in line:
                    return state
        return "died"

    def end(self):
        self.process.terminate()
        self.process.stdout.read()
        return super().end()


def client_holds(mount, place):
    client = Locker(f"c1:{mount}", "nodes.conf")
    client.ask("flock ex")
    redis = Redis(place)
    redis.end()
    client.end()
    return redis.state


def redis_holds(mount, place):
    """The client opens first: redis may put a new file in place of the one it has locked."""
    client = Locker(f"c1:{mount}", "nodes.conf")
    redis = Redis(place)
    told = client.ask("flock ex")
    redis.end()
    client.end()
    return told if redis.state == RUNS else redis.state


def main():
    failed = 0
    Redis("S").end()
    for mount, place, redis_expected, client_expected in ROWS:
        if place == "S+shim" and not have_shim():
            continue
        state, told = client_holds(mount, place), redis_holds(mount, place)
        good = (state, told) == (redis_expected, client_expected)
        failed += not good
        print(f"redis as {place:<6} against {mount:<3}: client holds, redis {state}; "
              f"redis holds, client {told}: {'as expected' if good else 'FAILED'}", flush=True)
    if not have_shim():
        print("without the shim: its rows were left out")
    return 1 if failed else 0


sys.exit(main())
