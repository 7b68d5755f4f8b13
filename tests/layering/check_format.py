#!/usr/bin/env python3
"""Every source file is as clang-format leaves it.

    check_format.py [ROOT]     clang-format names each place that is not, and this the command that mends
                               them; exit code 1 then

Only version 14 judges: others lay out the same code differently. Without it nothing is checked: exit code 77,
which ctest takes for a test that was skipped. A folder may opt out with a .clang-format of its own
(DisableFormat).
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
    """The program that judges, or None."""
    for program in filter(None, map(shutil.which, NAMES)):
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        if re.search(rf"version {VERSION}\.", said):
            return program
    return None


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    program = find()
    if program is None:
        print(f"skipped: no clang-format of version {VERSION} here")
        return SKIPPED
    sources = [str(file.relative_to(root)) for folder in FOLDERS for file in sorted((root / folder).rglob("*"))
               if file.suffix in SUFFIXES and "node_modules" not in file.parts]
    if not sources:
        print(f"no source in {root}")
        return 1
    judged = subprocess.run([program, "--dry-run", "-Werror", "--style=file", *sources], cwd=root)
    if judged.returncode != 0:
        print(f"mend with: {program} -i FILE, in {root}")
        return 1
    print(f"{len(sources)} files as clang-format leaves them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
