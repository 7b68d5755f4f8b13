#!/usr/bin/env python3
"""Checks that each fatal code is used by a check of the engine and has a death test that expects its message.

    check_death_tests.py ROOT      prints one line per gap; exit code 1 when there is one
"""
import pathlib
import re
import sys

ENTRY = re.compile(r'^\s*X\((k\w+),\s*"((?:[^"\\]|\\.)*)"', re.M)
DEATH = re.compile(r'"((?:[^"\\]|\\.)*)"')


def codes(root):
    return ENTRY.findall((root / "engine/base/fatal_codes.h").read_text(encoding="utf-8"))


def plain(pattern):
    """The text that a regular expression in a C++ string literal matches."""
    return pattern.replace("\\\\", "")


def gaps(root):
    engine = "".join(file.read_text(encoding="utf-8") for file in (root / "engine").rglob("*")
                     if file.suffix in (".h", ".cc") and file.name != "fatal_codes.h" and "laboratory" not in file.parts)
    texts = set()
    for file in (root / "tests/engine").rglob("*death_test.cc"):
        code = re.sub(r"//[^\n]*", "", file.read_text(encoding="utf-8"))
        texts.update(plain(text) for text in DEATH.findall(code))
    for code, words in codes(root):
        if not re.search(rf"FatalCode::{code}\b", engine):
            yield f"{code}: no check of the engine uses it"
        if not any(text == words or text.startswith(f"fatal: {words}:") for text in texts):
            yield f"{code}: no death test expects \"{words}\""


def main():
    root = pathlib.Path(sys.argv[1])
    found = list(gaps(root))
    for line in found:
        print(line)
    print(f"{len(codes(root))} fatal codes, {len(found)} gaps")
    return 1 if found or not codes(root) else 0


if __name__ == "__main__":
    sys.exit(main())
