# SPDX-License-Identifier: MIT
"""outcomes.py JUNIT-FILE: one line a test of Python's own suite, its name and what became of it."""
import sys
import xml.etree.ElementTree as ElementTree

WORDS = {"skipped": "skipped", "failure": "failed", "error": "failed"}

for test in ElementTree.parse(sys.argv[1]).iter("testcase"):
    outcome = {WORDS[child.tag] for child in test if child.tag in WORDS} or {"passed"}
    print(test.get("name"), min(outcome))
