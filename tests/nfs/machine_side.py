# SPDX-License-Identifier: MIT
"""Inside the machine: programs on the server and on the clients, driven by lines."""

import os
import subprocess

SHIM = "/room/shim/liblockshim.so"
POLICY = "/room/work/export.conf"


def is_server(place):
    return place.startswith("S")


def path(place, name):
    """Where PLACE ("S", "S+shim", "c1:v3", "c2:v42", ...) sees the exported file NAME."""
    if is_server(place):
        return f"/export/{name}"
    client, mount = place.split(":")
    return f"/mnt/{client}/{mount}/{name}"


def command(place, argv):
    """ARGV as it is started at PLACE: a client's runs in its namespaces, and has no cwd of ours."""
    argv = [os.path.abspath(argv[0]) if argv[0].startswith(".") else argv[0], *argv[1:]]
    return argv if is_server(place) else ["nfs-client", place[1], *argv]


def environment(place):
    """Only S+shim is preloaded; the clients and plain S are never touched."""
    if place != "S+shim":
        return dict(os.environ)
    return dict(os.environ, LD_PRELOAD=SHIM, LOCKSHIM_POLICY=POLICY)


def have_shim():
    return os.path.exists(SHIM)


class Program:
    """A program at a place; what it says is read line by line."""

    def __init__(self, place, argv):
        self.process = subprocess.Popen(
            command(place, argv), env=environment(place), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def hear(self):
        return self.process.stdout.readline().strip()

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.tell(line)
        return self.hear()

    def end(self):
        self.process.stdin.close()
        return self.process.wait()


class Locker(Program):
    """tests/nfs/locker on the exported file NAME, opened as HOW: rw, ro or wo."""

    def __init__(self, place, name, how="rw"):
        super().__init__(place, ["./locker", path(place, name), how])
        self.opened = self.hear()


def create(name, text=""):
    with open(f"/export/{name}", "w", encoding="ascii") as file:
        file.write(text)
