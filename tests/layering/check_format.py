#!/usr/bin/env python3
"""Every source file is as clang-format leaves it.

    check_format.py [ROOT]     names each file that is not, and the command that mends them; exit code 1 then

Only version 14 judges: others lay out the same code differently. Without it nothing is checked: exit code 77,
which ctest takes for a test that was skipped. A folder may opt out with a .clang-format of its own
(DisableFormat).
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOLDERS = ("engine", "gui", "telemetry", "workloads", "tests")
SUFFIXES = (".h", ".cc")
VERSION = 14
NAMES = (f"clang-format-{VERSION}", "clang-format")
PROCESSES = 2
SKIPPED = 77


def find():
    """The program that judges, or None; and why there is none."""
    others = []
    for name in NAMES:
        program = shutil.which(name)
        if not program:
            continue
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        match = re.search(r"version (\d+)", said)
        if match and int(match.group(1)) == VERSION:
            return program, ""
        others.append(said.strip() or program)
    if others:
        return None, f"only clang-format {VERSION} judges, and this is {others[0]}"
    return None, f"clang-format {VERSION} is not installed"


def copy(root, to):
    """Copies the sources and the files that say how they are laid out; returns the paths of the sources."""
    sources = []
    found = [root / ".clang-format"]
    for folder in FOLDERS:
        found += sorted((root / folder).rglob("*"))
    for file in found:
        if "node_modules" in file.parts or (file.suffix not in SUFFIXES and file.name != ".clang-format"):
            continue
        path = file.relative_to(root)
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, to / path)
        if file.suffix in SUFFIXES:
            sources.append(path.as_posix())
    return sources


def lay_out(program, sources, folder):
    """Runs the program, many files to a process. Its --dry-run complains of what it would leave as it is."""
    parts = [part for part in (sources[at::PROCESSES] for at in range(PROCESSES)) if part]
    runs = [subprocess.Popen([program, "-i", "--style=file", *part], cwd=folder) for part in parts]
    if any([run.wait() != 0 for run in runs]):
        sys.exit(f"{program} failed")


def first_difference(before, after):
    lines = zip(before.splitlines(), after.splitlines())
    in_both = 1 + min(before.count(b"\n"), after.count(b"\n"))
    return next((at for at, (a, b) in enumerate(lines, 1) if a != b), in_both)


def violations(root, program):
    """(path, line) of each file that the program would change, and the number of files."""
    with tempfile.TemporaryDirectory() as folder:
        copied = pathlib.Path(folder)
        sources = copy(root, copied)
        lay_out(program, sources, copied)
        found = []
        for path in sources:
            before, after = (root / path).read_bytes(), (copied / path).read_bytes()
            if before != after:
                found.append((path, first_difference(before, after)))
        return found, len(sources)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    program, why_not = find()
    if program is None:
        print(f"skipped: {why_not}")
        return SKIPPED
    found, files = violations(root, program)
    for path, line in found:
        print(f"{path}:{line}: not as clang-format leaves it")
    if found:
        print(f"mend with: cd {root} && {program} -i {' '.join(path for path, _ in found)}")
    print(f"{files} files, {len(found)} not as clang-format leaves them")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
