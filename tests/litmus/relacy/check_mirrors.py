#!/usr/bin/env python3
"""Checks that the engine still has the code that the Relacy kernels model.

    check_mirrors.py ROOT      for each line `// mirrors FILE: CODE` of a kernel, FILE must contain CODE

Ignores spaces and line breaks. Exit code 1 if some code is missing.
"""
import pathlib
import re
import sys

MIRRORS = re.compile(r"// mirrors ([\w./]+): (.+)")


def squeezed(text):
    return re.sub(r"\s+", "", text)


def missing(root, kernels):
    """(kernel, file, code) of the missing code, and the number of lines checked."""
    found, lines = [], 0
    for kernel in kernels:
        for file, code in MIRRORS.findall(kernel.read_text(encoding="utf-8")):
            lines += 1
            source = root / file
            if not source.is_file() or squeezed(code) not in squeezed(source.read_text(encoding="utf-8")):
                found.append((kernel.name, file, code))
    return found, lines


def main():
    root = pathlib.Path(sys.argv[1])
    found, lines = missing(root, sorted(pathlib.Path(__file__).resolve().parent.glob("*_test.cc")))
    for kernel, file, code in found:
        print(f"{kernel}: {file} does not contain: {code}")
    print(f"{lines} lines of kernels checked, {len(found)} without their code")
    return 1 if found or lines == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
