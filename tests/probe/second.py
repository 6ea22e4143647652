#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# second.py DIR FAMILY,...: what `lockshim probe` finds out, found out again by Python's own calls.
# Prints one JSON object: what was asked -> answer.
import contextlib, errno, json, os, signal, sys, tempfile

sys.dont_write_bytecode = True
from persons import CALLS, Case, first_answered

MODES = {"flock": ("SH", "EX"), "fcntl": ("SH", "EX"), "lockf": ("EX",), "ofd": ("SH", "EX")}
LAST = 2**63 - 1


def word(answer, granted, refused):
    return {"granted": granted, "refused": refused}.get(answer, answer)


def whose(said, holder):
    if not said.startswith("["):
        return said
    mode, pid, _, _ = json.loads(said)
    names = {holder.pid: "holder's pid", 0: "pid 0", -1: "pid -1"}
    return f"{mode}, {names.get(pid, 'another number')}"


def by_flags(flags, mode):
    return lambda case, family: case.person(flags).lock(family, mode)


def after(first, second):
    """Ranges: FIRST is held by one person, SECOND asked for by another."""

    def run(case, family):
        held = case.person().lock(family, "EX", *first)
        return held if held != "granted" else case.person().lock(family, "EX", *second)

    return run


def unlock(case, family):
    a, b = case.person(), case.person()
    a.lock(family, "EX")
    a.lock(family, "UN")
    return b.lock(family, "EX")


def split(start, length):
    def run(case, family):
        a, b = case.person(), case.person()
        a.lock(family, "EX")
        a.lock(family, "UN", 100, 50)
        return b.lock(family, "EX", start, length)

    return run


def forked(then, close, granted):
    def run(case, family):
        a, b = case.person(), case.person()
        a.lock(family, "EX")
        a.ask("fork", [family if w == "FAMILY" else w for w in then] if then else None)
        if close:
            a.ask("close", 0)
        return word(b.lock(family, "EX"), granted, "held")

    return run


def fork_asks(case, family):
    a = case.person()
    a.lock(family, "EX")
    return a.ask("fork", ["lock", family, "EX"])


def closed(opener, fd, granted):
    def run(case, family):
        a, b = case.person(), case.person()
        a.lock(family, "EX")
        if opener:
            a.ask(opener)
        a.ask("close", fd)
        return word(b.lock(family, "EX"), granted, "held")

    return run


def converted(first, second):
    def run(case, family):
        a, b = case.person(), case.person()
        a.lock(family, first)
        said = a.lock(family, second)
        return said if said != "granted" else b.lock(family, "SH")

    return run


def upgrade_refused(case, family):
    a, b = case.person(), case.person()
    a.lock(family, "SH")
    b.lock(family, "SH")
    said = a.lock(family, "EX")
    if said != "refused":
        return said
    b.lock(family, "UN")
    return word(b.lock(family, "EX"), "SH lost", "SH kept")


def upgrade_two(case, family):
    both = [case.person(), case.person()]
    for person in both:
        person.lock(family, "SH")
    for person in both:
        person.start_waiting(family, "EX")
    first = first_answered(both, PATIENCE)
    if not first:
        return "both wait"
    said = first.answer()
    if said != "granted":
        return said
    first.lock(family, "UN")
    second = both[first is both[0]]
    return {"granted": "in turn"}.get(*[second.answer()] * 2)


def signalled(restart):
    def run(case, family):
        a, b = case.person(), case.person()
        a.lock(family, "EX")
        b.ask("handle", restart)
        b.start_waiting(family, "EX")
        os.kill(b.pid, signal.SIGUSR1)
        if restart:
            b.until_in_call()
            return "goes on" if not b.answered() else b.answer()
        return b.answer()

    return run


def handed_on(how):
    def run(case, family):
        a, b = case.person(), case.person()
        a.lock(family, "EX")
        b.start_waiting(family, "EX")
        how(a, family)
        return b.answer()

    return run


def getlk(mode, own):
    def run(case, family):
        a = case.person()
        a.lock(family, mode)
        return whose((a if own else case.person()).ask("getlk", family), a)

    return run


def getlk_range(case, family):
    a, b = case.person(), case.person()
    a.lock(family, "EX", 100, 50)
    said = b.ask("getlk", family)
    return "{2}+{3}".format(*json.loads(said)) if said.startswith("[") else said


ALL, RECORDS = ("flock", "fcntl", "lockf", "ofd"), ("fcntl", "lockf", "ofd")
SHARING, ABSOLUTE = ("flock", "fcntl", "ofd"), ("fcntl", "ofd")
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY
CASES = {
    "shared": (SHARING, by_flags(os.O_RDWR, "SH")),
    "exclusive": (ALL, by_flags(os.O_RDWR, "EX")),
    "exclusive-read-only": (ALL, by_flags(os.O_RDONLY, "EX")),
    "shared-write-only": (SHARING, by_flags(os.O_WRONLY, "SH")),
    "unlock": (ALL, unlock),
    "shared-directory": (SHARING, by_flags(DIRECTORY, "SH")),
    "exclusive-directory": (ALL, by_flags(DIRECTORY, "EX")),
    "range-adjacent": (RECORDS, after((0, 100), (100, 100))),
    "range-overlap": (RECORDS, after((0, 100), (99, 1))),
    "range-to-end": (RECORDS, after((100, 0), (2**33, 1))),
    "range-below-end": (RECORDS, after((100, 0), (0, 100))),
    "range-2g": (RECORDS, after((2**31 - 1, 2), (2**31, 1))),
    "range-4g-apart": (RECORDS, after((2**32, 1), (0, 1))),
    "range-last-byte": (ABSOLUTE, after((LAST, 1), (LAST, 1))),
    "range-last-to-end": (ABSOLUTE, after((LAST, 1), (0, 0))),
    "range-beyond-last": (ABSOLUTE, after((LAST, 2), (0, 0))),
    "range-negative": (RECORDS, after((100, -10), (90, 1))),
    "range-negative-above": (RECORDS, after((100, -10), (100, 1))),
    "range-before-start": (RECORDS, after((5, -10), (0, 0))),
    "range-split": (RECORDS, split(100, 50)),
    "range-split-rest": (RECORDS, split(150, 1)),
    "fork-parent-closes": (ALL, forked(None, True, "lost")),
    "fork-child-unlocks": (ALL, forked(["lock", "FAMILY", "UN"], False, "let go")),
    "fork-child-closes": (ALL, forked(["close", 0], False, "lost")),
    "fork-child-asks": (ALL, fork_asks),
    "close-other": (ALL, closed("another", 1, "lost")),
    "close-duplicate": (ALL, closed("dup", 1, "lost")),
    "close-last": (ALL, closed(None, 0, "let go")),
    "upgrade": (SHARING, converted("SH", "EX")),
    "downgrade": (SHARING, converted("EX", "SH")),
    "upgrade-refused": (SHARING, upgrade_refused),
    "upgrade-two": (SHARING, upgrade_two),
    "signal": (ALL, signalled(False)),
    "signal-restart": (ALL, signalled(True)),
    "handed-on-unlock": (ALL, handed_on(lambda a, family: a.lock(family, "UN"))),
    "handed-on-close": (ALL, handed_on(lambda a, family: a.ask("close", 0))),
    "handed-on-kill": (ALL, handed_on(lambda a, family: a.kill())),
    "getlk-holder": (ALL, getlk("EX", False)),
    "getlk-range": (RECORDS, getlk_range),
    "getlk-own": (ALL, getlk("EX", True)),
    "getlk-shared": (SHARING, getlk("SH", False)),
}


def pair(directory, same, held, asked):
    with Case(directory) as case:
        a = case.person()
        said = a.lock(*held)
        if said != "granted":
            return said
        if same:
            a.ask("another")
            return a.lock(*asked, 0, 0, 1)
        return case.person().lock(*asked)


def main(directory, families):
    answers = {}
    for name, (those, run) in CASES.items():
        for family in those:
            if family in families:
                with Case(directory) as case:
                    answers[f"{name} {family}"] = run(case, family)
    sides = [(family, mode) for family in families for mode in MODES[family]]
    for process in ("other", "same"):
        for held in sides:
            for asked in sides:
                key = f"{process} {' '.join(held)}, {' '.join(asked)}"
                answers[key] = pair(directory, process == "same", held, asked)
    return answers


PATIENCE = float(os.environ.get("PATIENCE", "0.05"))
if __name__ == "__main__":
    if not CALLS:
        sys.exit("no numbers of system calls for this machine")
    try:
        scratch = tempfile.TemporaryDirectory(dir=sys.argv[1])
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        scratch = contextlib.nullcontext(sys.argv[1])
    with scratch as at:
        print(json.dumps(main(at, sys.argv[2].split(",")), indent=1))
