# SPDX-License-Identifier: MIT
"""A mounted lockfs, and processes that lock on it. Every wait is for a line, and bounded."""
import errno
import os
import select
import subprocess
import sys
import tempfile
import unittest

BOUND = 120  # seconds before something that should happen counts as not happening
HERE = os.path.dirname(os.path.abspath(__file__))


def refuse_reason():
    """Why nothing can be mounted here, and whether a package would help; None where it can."""
    if not os.environ.get("LOCKFS"):
        return "lockfs was not built: package libfuse3-dev", True
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"/dev/fuse: {error.strerror}", False
    try:
        with Mount():
            return None
    except RuntimeError as error:
        return f"{error} (package fuse3, or the right to mount)", False


def skip_where_nothing_mounts():
    reason = refuse_reason()
    if reason:
        print(f"skipped: {reason[0]}")
        sys.exit(1 if reason[1] and os.environ.get("TESTS_MUST_RUN") else 77)


def main():
    """Runs the tests of the script that calls this; 77 where nothing can be mounted."""
    skip_where_nothing_mounts()
    unittest.main()


class Mount:
    """What was synced is in `backing`, and outlives the server; `at` is where it is mounted."""

    def __init__(self, *options):
        self.options = options
        self.place = tempfile.TemporaryDirectory(prefix="lockshim-fuse-")
        self.backing, self.at = os.path.join(self.place.name, "backing"), os.path.join(self.place.name, "mnt")
        os.mkdir(self.backing)
        os.mkdir(self.at)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.place.cleanup()

    def start(self):
        command = [os.environ["LOCKFS"], self.backing, self.at]
        command += [f"-o{','.join(self.options)}"] if self.options else []
        # It ends with us however we end.
        self.server = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.server.stdout.readline() != "ready\n":
            raise RuntimeError(self.server.communicate()[1].strip() or "lockfs did not start")

    def stop(self):
        if self.server.poll() is None:
            self.server.terminate()
        self.server.communicate()

    def die(self):
        """The server is killed; the mount point is free again."""
        self.server.kill()
        self.server.communicate()
        unmount = ["umount", "-l"] if os.geteuid() == 0 else ["fusermount3", "-uz"]
        subprocess.run([*unmount, self.at], check=True)

    def path(self, name):
        return os.path.join(self.at, name)

    def control(self, line):
        self._say(".control", line)

    def wait_for(self, word, name, count=1):
        """Until the journal has COUNT lines with WORD about the file."""
        done = subprocess.run(["sh", "-c", 'printf "%s\\n" "$1" >"$2"', "-", f"{word} {name} {count}",
                               self.path(".await")], timeout=BOUND, check=False, stderr=subprocess.PIPE)
        if done.returncode:
            raise RuntimeError(f"await {word} {name}: {done.stderr.decode()}")

    def journal(self, name=None):
        with open(self.path(f".log.{name}" if name else ".log"), encoding="ascii") as file:
            return [line.split() for line in file]

    def words(self, name):
        """What happened to a file, in order, without the numbers. `release` has no fixed place."""
        return [line[1] for line in self.journal(name) if line[1] != "release"]

    def write(self, name, text, sync=True):
        fd = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.write(fd, text.encode())
        if sync:
            os.fsync(fd)
        os.close(fd)

    def read(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def survivor(self, name):
        with open(os.path.join(self.backing, name), encoding="ascii") as file:
            return file.read()

    def _say(self, name, line):
        fd = os.open(self.path(name), os.O_WRONLY)
        try:
            os.write(fd, f"{line}\n".encode())
        finally:
            os.close(fd)


class Actor:
    """A process that does as it is told (actor.py), by itself or preloaded with SET."""

    def __init__(self, preload_set=None):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCKSHIM_")}
        if preload_set is not None:
            environment.update(LD_PRELOAD=os.environ["LOCKSHIM_SO"], LOCKSHIM_SET=preload_set,
                               LOCKSHIM_POLICY=os.path.join(HERE, "empty.conf"))
        self.process = subprocess.Popen([sys.executable, "-B", os.path.join(HERE, "actor.py")], bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def tell(self, line):
        self.process.stdin.write(f"{line}\n")

    def hear(self, seconds=BOUND):
        """Its answer, or None where there is none in time."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return None
        return self.process.stdout.readline().strip()

    def ask(self, *lines):
        """The answers to the lines, one after the other."""
        answers = []
        for line in lines:
            self.tell(line)
            answers.append(self.hear())
        return answers if len(lines) > 1 else answers[0]

    def end(self):
        """It exits at the end of its input."""
        self.process.stdin.close()
        self.process.stdin = None
        self.process.wait(BOUND)


def error_of(function, *arguments):
    """The name of the errno that it fails with, or what it returns."""
    try:
        return function(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
