#!/usr/bin/env python3
"""Checks that the compiler refuses a misuse of the API, with the words that tell the author what to do.

    check_refused.py COMPILER ROOT FILE        FILE with -DREFUSED: an error that has the words of its first line
    check_refused.py COMPILER ROOT FILE...     all FILEs without REFUSED, in one translation unit: no error

A FILE holds one misuse in `#ifdef REFUSED` and the correct code in its #else, so that it cannot fail for another reason.
"""
import pathlib
import re
import subprocess
import sys


def compile_text(compiler, root, text, *flags):
    done = subprocess.run([compiler, "-std=c++20", f"-I{root}", "-fsyntax-only", "-fdiagnostics-color=never", *flags, "-x", "c++", "-"],
                          input=text, text=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, check=False)
    return done.returncode, done.stderr


def main():
    compiler, root, *files = sys.argv[1:]
    files = [pathlib.Path(file).resolve() for file in files]
    if len(files) > 1:
        code = '#include "engine/engine.h"\n' + "".join(
            f'namespace case_{file.stem} {{\n#include "{file}"\n}}\n' for file in files)
        status, errors = compile_text(compiler, root, code, "-Wall", "-Wextra", "-Wno-unused", "-Wno-unused-parameter")
        print(errors or f"{len(files)} corrected snippets compile")
        return 1 if status != 0 or errors else 0
    words = re.match(r"// refused: (.*)\n", files[0].read_text(encoding="utf-8")).group(1)
    status, errors = compile_text(compiler, root, f'#include "{files[0]}"\n', "-DREFUSED")
    print(errors)
    if status == 0:
        print("compiles, and should not")
    elif words not in errors:
        print(f"the errors do not have the words: {words}")
    return 0 if status != 0 and words in errors else 1


if __name__ == "__main__":
    sys.exit(main())
