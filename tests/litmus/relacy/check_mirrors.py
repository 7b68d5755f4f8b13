#!/usr/bin/env python3
"""A kernel proves something about the engine only while the engine has the order that the kernel tries.

    check_mirrors.py ROOT      each line `// mirrors FILE: CODE` of a kernel must find CODE in FILE

Blanks and line breaks do not count. Exit code 1 when some code is not there.
"""
import pathlib
import re
import sys

MIRRORS = re.compile(r"// mirrors ([\w./]+): (.+)")


def squeezed(text):
    return re.sub(r"\s+", "", text)


def missing(root, kernels):
    """(kernel, file, code) of what is not there any more, and the number of lines that were looked at."""
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
        print(f"{kernel}: {file} has no such code: {code}")
    print(f"{lines} lines of kernels, {len(found)} without their code")
    return 1 if found or lines == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
