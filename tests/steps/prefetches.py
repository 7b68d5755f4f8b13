#!/usr/bin/env python3
"""Checks that the prefetches of the engine are in its machine code.

    prefetches.py OBJECTS

OBJECTS lists the object files of the shipped library, one a line. A compiler may take a loop that only prefetches for
empty and remove it (engine/base/prefetch.h); then everything works, and a sweep takes twice as long. x86-64 only.
"""
import pathlib
import platform
import re
import sys

from compare_code import disassembly, functions

# How many prefetches the function has at least, its inlined callees included.
LEAST = {
    r"::release_all\(": 5,  # two lines of the next spans, twice, and bits
    r"::sweep_batch\(": 3,  # two lines of a span, and bits
    r"::Sched::for_each_p\(": 3,  # tables of the next mcache
    r"::EagerPolicy::flush_some\(": 3,  # the same
    r"::Marker::fill_ring\(": 3,  # page info, mark, object
}


def main(objects):
    if platform.machine() != "x86_64":
        print("not x86-64: nothing to check")
        return 0
    found = {}
    for file in pathlib.Path(objects).read_text().split():
        for name, lines in functions(disassembly(file)).items():
            found[name] = sum(line.lstrip().startswith("prefetch") for line in lines)
    failed = 0
    for pattern, least in LEAST.items():
        counts = [count for name, count in found.items() if re.search(pattern, name)]
        if max(counts, default=0) < least:
            failed = 1
            print(f"{pattern}: {max(counts, default='no such function')} prefetches, expected {least} or more")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
