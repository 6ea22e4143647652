# SPDX-License-Identifier: MIT
"""Inside the machine: programs on the server and on the clients, driven by lines."""

import os
import subprocess

SHIM = "/room/shim/liblockshim.so"
POLICIES = {"S+shim": "/room/work/export.conf", "c1+shim": "/room/work/client.conf"}


def host(place):
    """Of PLACE ("S", "S+shim", "c1:v3", "c1+shim:v42", ...): the part before the mount."""
    return place.split(":")[0]


def path(place, name):
    """Where PLACE sees the exported file NAME."""
    if place.startswith("S"):
        return f"/export/{name}"
    return f"/mnt/{place[:2]}/{place.split(':')[1]}/{name}"


def command(place, argv):
    """ARGV as it is started at PLACE: a client's in its namespaces, preloaded only at +shim."""
    program = os.path.abspath(argv[0]) if argv[0].startswith(".") else argv[0]
    line = [program, *argv[1:]]
    policy = POLICIES.get(host(place))
    if policy:
        line = ["env", f"LD_PRELOAD={SHIM}", f"LOCKSHIM_POLICY={policy}", *line]
    return line if place.startswith("S") else ["nfs-client", place[1], *line]


def have_shim():
    return os.path.exists(SHIM)


class Program:
    """A program at a place; what it says is read line by line."""

    def __init__(self, place, argv):
        self.process = subprocess.Popen(
            command(place, argv), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

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


def lock_kind(file):
    """FLOCK, OFDLCK or POSIX: what /proc/locks shows on FILE, or none."""
    info = os.stat(file)
    device = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}:{info.st_ino}"
    with open("/proc/locks", encoding="ascii") as locks:
        for words in map(str.split, locks):
            if words[5] == device:
                return words[1]
    return "none"


def client_mount(client, name, options, directory):
    """Mounts an exported DIRECTORY on a client, under /mnt as its other mounts."""
    at = f"/mnt/c{client}/{name}"
    os.mkdir(at)
    subprocess.run(["nfs-client", client, "mount", "-t", "nfs", "-o",
                    f"sec=sys,proto=tcp,{options}", f"10.77.{client}.1:{directory}", at],
                   check=True)
