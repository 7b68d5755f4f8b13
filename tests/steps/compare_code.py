#!/usr/bin/env python3
"""Compares the machine code of two builds of the engine, function by function.

    compare_code.py WITH WITHOUT STEPS

WITH and WITHOUT list the object files of the shipped library and of the copy without steps, one a line and in the same
order; STEPS lists the texts of the steps. Prints the differences, function by function. Also fails if a shipped object
file contains the text of a step.
"""
import difflib
import pathlib
import re
import subprocess
import sys

HEAD = re.compile(r"^[0-9a-f]+ <(.+)>:$")
RELOCATION = re.compile(r"^\s*[0-9a-f]+: (R_\w+)\s+(.*)$")
INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\s*(.*)$")
STEP_PARAMETER = re.compile(r"(, )?sweepscope::engine::production::Step\b(?=[,)])")


def name(symbol):
    """A symbol without its Step parameters."""
    return STEP_PARAMETER.sub("", symbol).replace("(, ", "(")


def operand(text):
    # An offset in a section depends on the code before it, an offset in a function does not.
    text = re.sub(r"-?0x[1-9a-f][0-9a-f]*\(%rip\)(.*?)\s*# [0-9a-f]+ (<.*>)$", r"\2(%rip)\1", text)
    text = re.sub(r"\b[0-9a-f]+ <", "<", name(text))
    text = re.sub(r"(\.(?:text|rodata|data|bss|data\.rel\.ro)[\w.]*)[+-]0x[0-9a-f]+", r"\1", text)
    return re.sub(r"\s*#.*$", "", text).rstrip()


def functions(listing):
    """name -> its instructions and relocations, without addresses."""
    found, lines = {}, None
    for line in listing.splitlines():
        head = HEAD.match(line)
        if head:
            key = name(head.group(1))
            while key in found:  # local functions of one name, for example lambdas
                key += "'"
            lines = found[key] = []
            continue
        relocation = RELOCATION.match(line)
        instruction = INSTRUCTION.match(line)
        if lines is None or not (relocation or instruction):
            continue
        if relocation:
            lines.append(f"    {relocation.group(1)} {operand(relocation.group(2))}")
        else:
            lines.append(operand(instruction.group(1)))
    for lines in found.values():
        # Padding between functions is no code.
        while lines and re.match(r"(data16 |cs )*(nop|xchg +%ax,%ax)", lines[-1]):
            lines.pop()
        # The relocation has the target of a call; the symbol shown at the call is arbitrary.
        for i in range(len(lines) - 1):
            if lines[i + 1].startswith("    R_"):
                lines[i] = re.sub(r"<.*$", "<>", lines[i])  # to the end: `#` in a symbol (lambda()#1) cut it
        # The compiler numbers constants over the whole file: renumber them by their order in the function.
        order = {}
        for i, line in enumerate(lines):
            lines[i] = re.sub(r"\.LC\d+", lambda label: f".LC{order.setdefault(label.group(), len(order))}", line)
    return found


def differences(one, other):
    for key in sorted(one.keys() | other.keys()):
        if key not in one or key not in other:
            yield f"only {'without' if key in other else 'with'} steps: {key}"
        elif one[key] != other[key]:
            yield f"differs: {key}"
            yield from list(difflib.unified_diff(other[key], one[key], "without steps", "with steps", "", "", 1, ""))[:20]


def disassembly(file):
    return subprocess.run(["objdump", "-d", "-r", "-C", "--no-show-raw-insn", file], check=True, capture_output=True,
                          text=True).stdout


def main():
    with_steps, without = (pathlib.Path(list_).read_text(encoding="utf-8").split() for list_ in sys.argv[1:3])
    steps = pathlib.Path(sys.argv[3]).read_text(encoding="utf-8").splitlines()
    found, compared = [], 0
    if len(with_steps) != len(without) or not steps:
        found.append(f"{len(with_steps)} object files with steps, {len(without)} without; {len(steps)} steps")
    for shipped, plain in zip(with_steps, without):
        if pathlib.Path(shipped).name != pathlib.Path(plain).name:
            found.append(f"not the same source: {shipped} and {plain}")
            continue
        one, other = functions(disassembly(shipped)), functions(disassembly(plain))
        compared += len(one)
        found += [f"{pathlib.Path(shipped).name}: {line}" for line in differences(one, other)]
        content = pathlib.Path(shipped).read_bytes()
        found += [f"{pathlib.Path(shipped).name} has the text of a step: {step}" for step in steps
                  if re.search(rb"(?<![ -~])" + re.escape(step.encode()) + rb"\0", content)]
    for line in found:
        print(line)
    if found:
        print("Were both built from the same sources? ninja engine engine_without_steps")
    print(f"{compared} functions in {len(with_steps)} object files, {len(steps)} steps, {len(found)} lines of difference")
    return 1 if found or compared == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
