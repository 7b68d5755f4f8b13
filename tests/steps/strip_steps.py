#!/usr/bin/env python3
"""Copies the engine without its steps: removes the text from every call and the parameter from every function.

    strip_steps.py ROOT COPY        writes COPY/engine/..., and COPY/steps.txt with the texts that were removed

In the copy a Step cannot be constructed from a text, so a remaining one does not compile; Shared<T> is a std::atomic
(plain_shared.h). Files whose content did not change are not written again.
"""
import pathlib
import re
import sys

# Functions of the seam that take a step: as the last argument; the waits and choose as the first.
SEAM = {"load", "store", "compare_exchange", "exchange", "fetch_add", "fetch_sub", "fetch_or", "fetch_and", "add",
        "sub", "lock", "try_lock", "unlock", "wait_until", "wait_for", "spin_until", "choose"}
LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"')
CHARACTER = re.compile(r"'(?:[^'\\\n]|\\.)+'")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
NUMBER = re.compile(r"\b[0-9](?:'?[0-9A-Za-z_.])*")
CALLED = re.compile(r"(?:\bGuard\s+)?(\w+)\s*$")


def tokens(text):
    """(kind, begin, end) of the tokens that matter to the structure of calls."""
    at = 0
    while at < len(text):
        for kind, pattern in (("comment", COMMENT), ("literal", LITERAL), ("number", NUMBER),
                              ("character", CHARACTER)):
            match = pattern.match(text, at)
            if match:
                yield kind, at, match.end()
                at = match.end()
                break
        else:
            if text[at] in "([{}]),;":
                yield text[at], at, at + 1
            at += 1


def step_arguments(text):
    """(begin, end, literal) to delete: string literals that are the whole step argument of a call of the seam."""
    found, stack = [], []
    for kind, begin, end in tokens(text):
        if kind in "([{":
            head = CALLED.search(text, max(0, begin - 80), begin) if kind == "(" else None
            takes_step = head is not None and (head.group(1) in SEAM or head.group(0).startswith("Guard"))
            stack.append({"step": takes_step, "first": end, "comma": None, "literal": None, "at": end})
        elif kind in ")]}":
            if stack:
                call = stack.pop()
                if call["literal"] and call["step"] and call["comma"] is not None:
                    found.append((call["comma"], call["literal"][1], text[slice(*call["literal"])]))
        elif stack and kind == ",":
            call = stack[-1]
            if call["literal"] and call["step"] and call["comma"] is None:  # the first of several
                found.append((call["first"], end, text[slice(*call["literal"])]))
            call.update(comma=begin, literal=None, at=end)
        elif stack and kind == "literal" and text[stack[-1]["at"]:begin].strip() == "":
            stack[-1]["literal"] = (begin, end)
            stack[-1]["at"] = end
    return found


def without_arguments(text):
    texts = []
    for begin, end, literal in sorted(step_arguments(text), reverse=True):
        texts.append(literal[1:-1])
        text = text[:begin] + "\n" * text.count("\n", begin, end) + text[end:]
    return text, texts


def without_parameters(text):
    """engine/base: removes the parameters themselves, and Guard's member."""
    text = re.sub(r"[ \t]*\[\[no_unique_address\]\] Step step_;[^\n]*", "", text)
    text = re.sub(r", step_(\(step\))?(?=[,) ])", "", text)
    text = re.sub(r"(\[\[maybe_unused\]\] )?\bStep(\s+\w+)?,\s*(?=[\w\[])", "", text)
    return re.sub(r",\s*Step(\s+\w+)?(?=\s*[,)])", "", text)


def stripped(path, text, plain_shared):
    """The file's text in the copy, and the steps that were removed."""
    if path == "engine/base/shared.h":
        return plain_shared, []
    if path == "engine/base/step.h":
        return re.sub(r"^\s*consteval Step\(const char\*\) \{\}[^\n]*", "", text, flags=re.M), []
    if path == "engine/base/driver.h":  # the laboratory's; production includes it for end_run()
        return text, []
    text, texts = without_arguments(text)
    return (without_parameters(text) if path.startswith("engine/base/") else text), texts


def main():
    root, copy = map(pathlib.Path, sys.argv[1:3])
    plain_shared = (pathlib.Path(__file__).parent / "plain_shared.h").read_text(encoding="utf-8")
    steps = set()
    for source in sorted((root / "engine").rglob("*")):
        path = source.relative_to(root).as_posix()
        if source.suffix not in (".h", ".cc") or path.startswith("engine/laboratory/"):
            continue
        text, texts = stripped(path, source.read_text(encoding="utf-8"), plain_shared)
        steps.update(texts)
        write(copy / path, text)
    write(copy / "steps.txt", "".join(f"{step}\n" for step in sorted(steps)))


def write(file, text):
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
