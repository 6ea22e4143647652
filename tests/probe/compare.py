#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# compare.py DIR [FAMILY,...]: `lockshim probe` against second.py, cell by cell. What hangs on who
# comes first has no cell here. Exit 1 where they differ, 77 where it cannot be tried.
import json, os, subprocess, sys

RACES = ("order", "relock")


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"FAILED: {' '.join(command)} exited with {done.returncode}")
    return json.loads(done.stdout)


def probed(command, directory, families):
    limit = os.environ.get("TIMEOUT", "30s")
    found = run(command, "probe", "--json", "--timeout", limit, "--families", families, directory)
    cells = {f"{c['case']} {c['family']}": c["answer"] for c in found["cases"]}
    for p in found["pairs"]:
        sides = [f"{side['family']} {side['mode']}" for side in (p["held"], p["asked"])]
        cells[f"{p['process']} {sides[0]}, {sides[1]}"] = p["answer"]
    return {key: cell for key, cell in cells.items() if key.split()[0] not in RACES}


def main():
    directory = sys.argv[1]
    families = sys.argv[2] if len(sys.argv) > 2 else "flock,fcntl,lockf,ofd"
    second = os.path.join(os.path.dirname(os.path.abspath(__file__)), "second.py")
    ours = probed(os.environ["LOCKSHIM"], directory, families)
    theirs = run(sys.executable, second, directory, families)
    differ = [key for key in sorted(ours | theirs) if ours.get(key) != theirs.get(key)]
    for key in differ:
        print(f"FAILED: {key}: probe {ours.get(key)}, second {theirs.get(key)}")
    left = os.listdir(directory)
    if left:
        print(f"FAILED: left behind: {left}")
    print(f"{directory}: {len(ours)} cells, {len(differ)} differ")
    sys.exit(1 if differ or left or len(ours) < 50 else 0)


if __name__ == "__main__":
    main()
