#!/usr/bin/env python3
"""Checks that a comment gives the reason of every memory order of the engine's protocol.

    check_orders.py [ROOT]     prints one line per order without one; exit code 1 when there is one

The comment names the order, or what it pairs with. It is either at the access, in its line or the lines above in its
paragraph (at most ten), or at the declaration of the word, for all accesses to it.
"""
import pathlib
import re
import sys

FOLDERS = ("engine/heap", "engine/sched", "engine/gc")
NAMES = r"relaxed|acquire|release|acq_rel|seq_cst"
ORDER = re.compile(rf"memory_order_({NAMES})\b")
ACCESS = re.compile(r"(\w+)(?:\.|->)(?:load|store|peek|exchange|compare_exchange\w*|fetch_\w+|add|sub)\(")
DECLARATION = re.compile(r"(?:Shared|std::atomic)<[\w:]+>&?\s+(\w+)\s*(?:;|\{)")
PAIRS = re.compile(r"pairs with", re.I)
REACH = 10


def named(comment):
    """Orders that a comment gives a reason for; acq_rel stands for acquire and release."""
    found = set(re.findall(NAMES, comment))
    return found | ({"acquire", "release"} if "acq_rel" in found else set())


def split(line):
    code, _, comment = line.partition("//")
    return code, comment


def declared(texts):
    """word -> orders named by a comment in the line of its declaration or above it."""
    words = {}
    for text in texts:
        lines = text.splitlines()
        for at, line in enumerate(lines):
            match = DECLARATION.search(split(line)[0])
            if not match:
                continue
            orders = named(split(line)[1])
            for above in range(at - 1, -1, -1):
                code, comment = split(lines[above])
                if comment and not code.strip():
                    orders |= named(comment)
                elif orders or not code.strip() or not DECLARATION.search(code):
                    break
            words.setdefault(match.group(1), set()).update(orders)
    return words


def has_reason(lines, at, words):
    orders = set(ORDER.findall(split(lines[at])[0]))
    access = ACCESS.search(split(lines[at])[0])
    if access and orders <= words.get(access.group(1), set()):
        return True
    for above in range(at, max(-1, at - REACH), -1):
        comment = split(lines[above])[1]
        if above != at and (not lines[above].strip() or lines[above].startswith("}")):
            return False
        if orders & named(comment) or PAIRS.search(comment):
            return True
    return False


def violations(root):
    texts = {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
             for folder in FOLDERS for file in sorted((root / folder).rglob("*")) if file.suffix in (".h", ".cc")}
    words = declared(texts.values())
    found, orders = [], 0
    for path, text in texts.items():
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if not ORDER.search(split(line)[0]):
                continue
            orders += 1
            if not has_reason(lines, at, words):
                found.append(f"{path}:{at + 1}: no reason: {line.strip()}")
    return found, orders


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    found, orders = violations(root)
    for line in found:
        print(line)
    print(f"{orders} memory orders, {len(found)} without a reason")
    return 1 if found or orders == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
