#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Inside the machine of tests/nfs: on each mount `lockshim probe` and second.py agree cell by cell;
of two hosts that probe together, its pairs and tests/nfs/locker's."""

import concurrent.futures
import json
import os
import subprocess
import sys

from machine_side import Locker, command, create, path

LOCKSHIM = "/room/bin/lockshim"
NAMES = {"flock": "flock", "fcntl": "posix"}  # the locker's words
WORDS = {"ok": "granted", "EAGAIN": "refused"}

# Few families, since the machine is slow where it is emulated.
ALONE = [
    ("c1:v3", "flock,fcntl"),
    ("c1:v42", "flock,ofd"),
]

# Who holds, who asks, and some of what the one that asks is told.
# Not v4.2, then v3: the server recalls what it delegated to the one, and the other waits for each.
FLOCKS = ("flock EX", "flock EX")
TOGETHER = [
    ("S", "c1:v42", "flock,fcntl", {FLOCKS: "granted", ("fcntl EX", "flock EX"): "refused"}),
    ("c1:v3", "c2:v42", "flock", {FLOCKS: "refused"}),
]


def agree(place, families):
    name = f"alone-{place.replace(':', '-')}"
    os.mkdir(path("S", name))
    environment = ["env", f"LOCKSHIM={LOCKSHIM}", "PATIENCE=5"]
    compare = ["python3", os.path.abspath("compare.py"), path(place, name), families]
    return not subprocess.run(command(place, environment + compare), check=False).returncode


def probe_together(first, second, families, name):
    """The pairs of two processes, by the families and modes of both."""
    os.mkdir(path("S", name))
    line = [LOCKSHIM, "probe", "--json", "--families", families, "--peer", "here"]
    leader = subprocess.Popen(command(first, [*line, path(first, name)]), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    leader.stderr.readline()  # the directory is there
    other = subprocess.run(command(second, [*line, path(second, name)]), check=False)
    said, complaint = leader.communicate()
    if leader.returncode or other.returncode:
        print(f"probe exited with {leader.returncode} and {other.returncode}: {complaint}")
        return {}
    pairs = [pair for pair in json.loads(said)["pairs"] if pair["process"] == "other"]
    return {tuple(f"{pair[side]['family']} {pair[side]['mode']}" for side in ("held", "asked")):
            pair["answer"] for pair in pairs}


def lock_together(lockers, pair):
    sides = [side.split() for side in pair]
    for locker, (family, mode) in zip(lockers, sides):
        told = locker.ask(f"{NAMES[family]} {mode.lower()}")
        if told != "ok":
            break
    for locker, (family, _) in zip(lockers, sides):
        locker.ask(f"{NAMES[family]} un")
    return WORDS.get(told, told)


def agree_together(first, second, families, known):
    name = f"{first}-{second}".replace(":", "_")
    probed = probe_together(first, second, families, name)
    create(f"{name}-locked")
    lockers = [Locker(place, f"{name}-locked") for place in (first, second)]
    differ = 0
    for pair, answer in probed.items():
        locked = lock_together(lockers, pair)
        if not answer == locked == known.get(pair, answer):
            print(f"FAILED: {first} {pair[0]}, {second} {pair[1]}: probe {answer}, "
                  f"locker {locked}, known {known.get(pair)}")
            differ += 1
    for locker in lockers:
        locker.end()
    print(f"{first} holds, {second} asks: {len(probed)} pairs, {differ} differ", flush=True)
    return known.keys() <= probed.keys() and not differ


def main():
    with concurrent.futures.ThreadPoolExecutor() as pool:  # mostly they wait for the server
        rows = [pool.submit(agree, *row) for row in ALONE]
        rows += [pool.submit(agree_together, *row) for row in TOGETHER]
    return 0 if all([row.result() for row in rows]) else 1


sys.exit(main())
