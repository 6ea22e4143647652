# SPDX-License-Identifier: MIT
"""run.py ACTOR [OPTION]...: scripts of lock calls by dice, against the model. 0: every answer, and
every byte as an outsider sees it, was as the model has it; 1; 77: could not be tried."""

import argparse
import os
import sys
import tempfile
import time

import script
import stage
from model import FILE_SIZE, Rule


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("actor")
    parser.add_argument("--preload", default="")
    parser.add_argument("--set", default="bare", help="LOCKSHIM_SET; bare: no preload")
    parser.add_argument("--seed", type=int, default=1, help="of the first script")
    parser.add_argument("--scripts", type=int, default=0, help="how many; else by --seconds")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--kind", default="one,two,fork,all")
    parser.add_argument("--read-write", action="store_true", help="every open is O_RDWR")
    parser.add_argument("--tries", type=int, default=2, help="of each shorter script")
    parser.add_argument("--faults", type=int, default=1, help="ends after so many")
    return parser.parse_args()


def tell(asked, made, seed, kind, failure):
    print(f"FAILED: {asked.set}: seed {seed}, kind {kind}")
    for step in made.steps:
        print(f"  {step}")
    print(f"  -> {failure[1]}", flush=True)


def paths_in(directory):
    paths = [os.path.join(directory, name) for name in ("first", "second")]
    for path in paths:
        with open(path, "wb") as file:
            file.truncate(FILE_SIZE)
    return paths


def empty_policy_in(directory):
    path = os.path.join(directory, "policy.conf")
    with open(path, "wb"):
        return path


def try_one(asked, rule, seed, kind, paths, policy):
    """Whether it went well. What fails once has to fail again, shortened."""
    made = script.make(seed, kind, paths, asked.steps, rule.ofd != "pass",
                       asked.read_write)

    def failure(candidate):
        return stage.run(asked.actor, asked.preload, rule, candidate, policy)

    def where(candidate):
        for _ in range(asked.tries):
            failed = failure(candidate)
            if failed:
                return failed[0]
        return None

    failed = failure(made)
    if not failed:
        return True
    if where(made) is None:
        failed = failed[0], failed[1] + " (once)"
    else:
        made = script.shorten(made, where)
        failed = failure(made) or (0, failed[1] + " (at times)")
    tell(asked, made, seed, kind, failed)
    return False


def main():
    asked = options()
    if asked.set != "bare" and not os.path.exists(asked.preload):
        print("no library to preload")
        return 77
    rule = Rule("" if asked.set == "bare" else asked.set)
    rule.text = asked.set
    kinds = asked.kind.split(",")
    end, seed, failed = time.monotonic() + asked.seconds, asked.seed, 0
    with tempfile.TemporaryDirectory() as directory:
        paths, policy = paths_in(directory), empty_policy_in(directory)
        while failed < asked.faults and (
                seed < asked.seed + asked.scripts if asked.scripts else time.monotonic() < end):
            failed += not try_one(asked, rule, seed, kinds[seed % len(kinds)], paths,
                                  policy)
            seed += 1
    print(f"{asked.set}: {seed - asked.seed} scripts, {failed} failed")
    return bool(failed)


sys.exit(main())
