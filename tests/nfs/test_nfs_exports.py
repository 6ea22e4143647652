#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""On the server, exported = yes is what exportfs's list and the kernel's table say; and fstype."""

import os
import subprocess
import sys

from machine_side import SHIM, Program, client_mount, have_shim, lock_kind

# as /proc/locks names a converted lock and a native one; an NFS client shows OFD locks as POSIX
OFD, FLOCK, CLIENT_OFD = "OFDLCK", "FLOCK", "POSIX"
POLICIES = {
    "exported": "exported = yes", "ext4": "fstype = ext4",
    "nfs": "fstype = nfs", "nfs4": "fstype = nfs4", "nfs*": "fstype = nfs*",
}
HIDE_ETAB = ["unshare", "-m", "sh", "-c", "mount -t tmpfs hidden /var/lib/nfs && exec \"$@\"", "sh"]
CLIENT = ["nfs-client", "1"]
OPTIONS = "rw,no_root_squash,no_subtree_check"


def policy_file(name):
    path = f"/room/work/{name}.conf"  # a client has a /run of its own
    with open(path, "w", encoding="ascii") as file:
        file.write(f"[rule {name.replace('*', '-any')}]\n{POLICIES[name]}\nflock = ofd\n")
    return path


class Asker(Program):
    """A preloaded lock user on FILE, under a policy and a prefix: it opens, and locks when told."""

    def __init__(self, file, policy, prefix):
        self.file = file
        super().__init__("S", [*prefix, "env", f"LD_PRELOAD={SHIM}",
                               f"LOCKSHIM_POLICY={policy_file(policy)}",
                               os.path.abspath("locker"), file, "rw"])
        self.opened = self.hear()

    def kind(self, request="flock ex"):
        """What the kernel shows of its lock."""
        told = self.ask(request)
        kind = lock_kind(self.file) if told == "ok" else told
        self.end()
        return kind


class Rows:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def say(self, text, seen, expected):
        self.count += 1
        self.failed += seen != expected
        verdict = "as expected" if seen == expected else f"FAILED, expected {expected}"
        print(f"{text:<66} {seen:<8} {verdict}", flush=True)

    def locks(self, when, file, expected, policy="exported", prefix=()):
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o644))
        self.say(f"{when}: {file}", Asker(file, policy, prefix).kind(), expected)

    def table(self, when, *expected):
        """The kernel's table names these directories, and no other."""
        self.say(f"{when}: the kernel's table", " ".join(kernel_table()) or "empty",
                 " ".join(expected) or "empty")


def kernel_table():
    with open("/proc/fs/nfsd/exports", encoding="ascii") as table:
        return sorted(line.split("\t")[0] + (":v4root" if "v4root" in line else "")
                      for line in table if line.startswith("/"))


def exportfs(*arguments):
    subprocess.run(["exportfs", *arguments], check=True)


def export(directory, options=OPTIONS):
    exportfs("-o", options, f"10.77.0.0/16:{directory}")


def bind(directory, at):
    os.makedirs(at)
    subprocess.run(["mount", "--bind", directory, at], check=True)


def whole_file_system(rows, when):
    rows.locks(when, "/export/f", OFD)
    rows.locks(when, "/run/bound/f", OFD)
    rows.locks(when, "/room/work/f", FLOCK)
    rows.locks(when, "/root/f", FLOCK)


def exported_mount_point(rows):
    bind("/export", "/run/bound")
    rows.table("v4.2 has mounted", "/:v4root", "/export")
    whole_file_system(rows, "v4.2 has mounted")
    exportfs("-f")
    rows.table("nobody has asked")
    whole_file_system(rows, "nobody has asked")
    rows.locks("no etab, nobody has asked", "/export/f", FLOCK, prefix=HIDE_ETAB)
    rows.table("still")
    subprocess.run([*CLIENT, "ls", "/mnt/c1/v3"], check=True, stdout=subprocess.DEVNULL)
    rows.table("v3 has asked", "/export")
    whole_file_system(rows, "v3 has asked")
    rows.locks("no etab, v3 has asked", "/export/f", OFD, prefix=HIDE_ETAB)
    rows.locks("no etab, v3 has asked", "/run/bound/f", OFD, prefix=HIDE_ETAB)
    rows.locks("no etab, v3 has asked", "/room/work/f", FLOCK, prefix=HIDE_ETAB)


def mounted_below(rows):
    os.mkdir("/export/below")
    subprocess.run(["mount", "-t", "tmpfs", "below", "/export/below"], check=True)
    rows.locks("another file system below", "/export/below/f", FLOCK)
    export("/export", f"{OPTIONS},crossmnt")
    rows.locks("the same with crossmnt", "/export/below/f", OFD)


def exported_directory(rows):
    os.mkdir("/room/pub")
    with open("/room/pub/g", "w", encoding="ascii"):
        running = Asker("/room/pub/g", "exported", ())
    rows.locks("not exported yet", "/room/pub/f", FLOCK)
    exportfs("-ua")
    export("/room/pub")
    rows.say("exported while the program runs: /room/pub/g", running.kind(), OFD)
    rows.locks("a directory is exported", "/room/pub/f", OFD)
    rows.locks("a directory is exported", "/room/work/f", FLOCK)
    rows.locks("no longer exported", "/export/f", FLOCK)
    client_mount("1", "pub", "vers=4.2", "/room/pub")
    rows.table("v4.2 has mounted it", "/:v4root", "/room/pub", "/room:v4root")
    for prefix, when in ((), "v4.2 has mounted it"), (HIDE_ETAB, "no etab, v4.2 has mounted it"):
        rows.locks(when, "/room/pub/f", OFD, prefix=prefix)
        rows.locks(when, "/room/work/f", FLOCK, prefix=prefix)


def fstypes(rows):
    rows.locks("fstype = ext4", "/export/f", OFD, policy="ext4")
    rows.locks("fstype = ext4", "/run/f", FLOCK, policy="ext4")
    rows.say("a bare OFD lock: /mnt/c1/local_flock/f",
             Asker("/mnt/c1/local_flock/f", "nfs4", CLIENT).kind("ofd ex"), CLIENT_OFD)
    for policy, expected in (("nfs", CLIENT_OFD), ("nfs*", CLIENT_OFD), ("nfs4", FLOCK),
                             ("ext4", FLOCK)):
        rows.locks(f"fstype = {policy}", "/mnt/c1/local_flock/f", expected, policy, CLIENT)
    for policy, expected in ("nfs4", "nfs4"), ("nfs*", "nfs-any"), ("nfs", "no"):
        rows.say(f"fstype = {policy}: /mnt/c1/v42/f is decided by",
                 explained_rule("/mnt/c1/v42/f", policy), expected)


def explained_rule(file, policy):
    explained = subprocess.run([*CLIENT, "lockshim", "explain", "-p", policy_file(policy), file],
                               check=True, text=True, stdout=subprocess.PIPE).stdout
    for words in map(str.split, explained.splitlines()):
        if words[-1:] == ["yes"] and len(words) == 3:
            return words[0].strip("(")
    return "none"


def main():
    if not have_shim():
        print("without the shim there is nothing to see")
        return 1
    rows = Rows()
    for part in exported_mount_point, fstypes, mounted_below, exported_directory:
        part(rows)
    print(f"{rows.count} rows, {rows.failed} not as expected")
    return 1 if rows.failed else 0


sys.exit(main())
