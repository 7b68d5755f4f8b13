#!/usr/bin/env python3
"""Checks that clang-format would change no source file.

    check_format.py [ROOT]     prints the places that it would change and the command that formats them; exit
                               code 1 then

Requires version 14, because others format the same code differently. Without it the check is skipped with exit
code 77, which ctest reports as a skipped test. A folder may opt out with its own .clang-format (DisableFormat).
"""
import pathlib
import re
import shutil
import subprocess
import sys

FOLDERS = ("engine", "gui", "telemetry", "workloads", "tests")
SUFFIXES = (".h", ".cc")
VERSION = 14
NAMES = (f"clang-format-{VERSION}", "clang-format")
SKIPPED = 77


def find():
    """The clang-format of the required version, or None."""
    for program in filter(None, map(shutil.which, NAMES)):
        version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        if re.search(rf"version {VERSION}\.", version):
            return program
    return None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    program = find()
    if program is None:
        print(f"skipped: clang-format {VERSION} not found")
        return SKIPPED
    sources = [str(file.relative_to(root)) for folder in FOLDERS for file in sorted((root / folder).rglob("*"))
               if file.suffix in SUFFIXES and "node_modules" not in file.parts]
    if not sources:
        print(f"no source in {root}")
        return 1
    check = subprocess.run([program, "--dry-run", "-Werror", "--style=file", *sources], cwd=root)
    if check.returncode != 0:
        print(f"to format: {program} -i FILE, in {root}")
        return 1
    print(f"{len(sources)} files are formatted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
