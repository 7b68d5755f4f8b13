#!/usr/bin/env python3
"""Reports the #include lines of the tree that violate the layering (the README.md of each folder).

    check_layers.py [ROOT]      prints one line per violation; exit code 1 when there is one

A rule belongs to a folder and lists the project's headers that its files may include, and the foreign headers that they
may not. The rule with the longest matching path applies.
"""
import pathlib
import re
import sys
from dataclasses import dataclass, field

OURS = ("engine", "telemetry", "workloads", "gui", "tests")

QT = r"^(Q[A-Z]\w*|Qt\w*/.*|q[a-z]\w*\.h)$"
PROTOBUF = r"^google/protobuf/|\.pb\.h$"
IOSTREAM = r"^(iostream|fstream|sstream|ostream|istream|iomanip)$"
LIBRARIES = r"^(spdlog|fmt|nlohmann|CLI|tl|absl)/|^zstd\.h$|^zlib\.h$"


@dataclass
class Rule:
    path: str                                   # a folder, or the beginning of a file's path
    may: list = field(default_factory=list)     # prefixes of the project's headers
    never: list = field(default_factory=list)   # patterns of foreign headers
    above: tuple = ()                           # folders and headers whose types its code does not name


ENGINE_NEVER = [QT, PROTOBUF, IOSTREAM, LIBRARIES]
# Plain data that every layer of the engine may include; itself includes only the events.
PLAIN = ["engine/options.h"]


# The facade's declarations, for the layer just below, which implements them (allocate(), handles, globals).
FACADE = ["engine/mutator.h", "engine/engine.h", "engine/verification.h"]


def engine(folder, *lower, also=(), above=()):
    return Rule(f"engine/{folder}", PLAIN + [f"engine/{name}/" for name in (folder, *lower)] + list(also), ENGINE_NEVER,
                tuple(above))


# A forward declaration violates the layering like an include.
ABOVE_SCHED = ["engine/gc", "engine/mutator.h", "engine/engine.h"]
ABOVE_HEAP = ["engine/sched"] + ABOVE_SCHED


# The laboratory drives the whole engine; its rooms build on one another.
LABORATORY = [f"engine/{name}/" for name in ("base", "observe", "memory", "heap", "sched", "gc")] + ["engine/engine.h"]


def laboratory(room, *lower):
    rooms = [f"engine/laboratory/{name}/" for name in (room, *lower)]
    return Rule(f"engine/laboratory/{room}", PLAIN + FACADE + LABORATORY + rooms, ENGINE_NEVER)


RULES = [
    Rule("engine/base", ["engine/base/"], ENGINE_NEVER),
    Rule("engine/observe", ["engine/base/", "engine/observe/"], ENGINE_NEVER),
    engine("memory", "base", above=ABOVE_HEAP),
    engine("heap", "base", "observe", "memory", above=ABOVE_HEAP),
    engine("sched", "base", "observe", "memory", "heap", above=ABOVE_SCHED),
    engine("gc", "base", "observe", "memory", "heap", "sched", also=FACADE),
    laboratory("seam"),
    laboratory("oracle", "seam"),
    laboratory("scenarios", "seam", "oracle"),
    laboratory("search", "seam", "oracle", "scenarios"),
    laboratory("bench", "seam", "oracle", "scenarios", "search"),
    Rule("engine/", ["engine/"], ENGINE_NEVER),  # the facade
    Rule("engine/options.h", ["engine/observe/event.h"], ENGINE_NEVER),
    Rule("telemetry/", ["telemetry/"], [QT]),
    Rule("telemetry/model", ["telemetry/model/"], [QT, PROTOBUF]),
    Rule("telemetry/replica", ["telemetry/model/", "telemetry/replica/"], [QT, PROTOBUF]),
    Rule("telemetry/lessons", ["telemetry/model/", "telemetry/lessons/"], [QT, PROTOBUF, LIBRARIES]),
    Rule("telemetry/probe", ["telemetry/", "engine/observe/"], [QT]),
    Rule("gui/", ["gui/", "telemetry/model/", "telemetry/client/", "telemetry/store/", "telemetry/replica/",
                  "telemetry/lessons/"], [PROTOBUF]),
    Rule("workloads/", ["workloads/"] + FACADE + PLAIN, [QT, PROTOBUF]),
    Rule("workloads/runner", ["workloads/", "engine/", "telemetry/"], [QT, PROTOBUF]),
    Rule("workloads/cli", ["workloads/", "engine/", "telemetry/"], [QT, PROTOBUF]),
    Rule("workloads/laboratory", ["workloads/", "engine/", "telemetry/"], [QT, PROTOBUF]),
]
# A workload includes the interfaces of workloads/, not the composition root.
COMPOSITION = ("workloads/runner/", "workloads/cli/", "workloads/laboratory/")
# The two builds of the engine differ in base/ only.
LABORATORY_MACRO = "SWEEPSCOPE_LABORATORY"
LABORATORY_HOME = "engine/base/"

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
TYPE = re.compile(r"(?:class|struct|enum class)\s+(?:alignas\(\w+\)\s+)?(\w+)\b(?!\s*;)")
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def rule_for(path):
    fitting = [rule for rule in RULES if path == rule.path or path.startswith(rule.path.rstrip("/") + "/")]
    return max(fitting, key=lambda rule: len(rule.path), default=None)


def violations_of_include(path, rule, header):
    if header.split("/")[0] in OURS:
        if not any(header == prefix or (prefix.endswith("/") and header.startswith(prefix)) for prefix in rule.may):
            yield f"includes {header}: {rule.path} may include only {', '.join(rule.may)}"
        if rule.path == "workloads/" and header.startswith(COMPOSITION):
            yield f"includes {header}: workloads must not include the composition root"
        return
    for pattern in rule.never:
        if re.search(pattern, header):
            yield f"includes {header}: forbidden in {rule.path}"


def types_of(root, places):
    """name -> header, of the types that the headers in these places define."""
    types = {}
    for place in places:
        for header in sorted((root / place).rglob("*.h")) if (root / place).is_dir() else [root / place]:
            if header.is_file():
                for line in header.read_text(encoding="utf-8").splitlines():
                    if definition := TYPE.match(line):
                        types[definition.group(1)] = header.relative_to(root).as_posix()
    return types


def violations(root):
    """One line per violation, and the number of files read."""
    found, files = [], 0
    forbidden = {rule.path: types_of(root, rule.above) for rule in RULES}
    for top in ("engine", "telemetry", "workloads", "gui"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cc") or not file.is_file():
                continue
            files += 1
            path = file.relative_to(root).as_posix()
            rule = rule_for(path)
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                include = INCLUDE.match(line)
                if include:
                    kind, header = include.groups()
                    if kind == '"' and "/" not in header:
                        found.append(f"{path}:{number}: includes {header}: include paths start at the root")
                    for text in violations_of_include(path, rule, header):
                        found.append(f"{path}:{number}: {text}")
                code = STRING.sub('""', line).split("//")[0]
                for word in IDENTIFIER.findall(code):
                    if rule and word in forbidden[rule.path]:
                        found.append(f"{path}:{number}: names {word} of {forbidden[rule.path][word]}, a layer above")
                if LABORATORY_MACRO in code and not path.startswith(LABORATORY_HOME):
                    found.append(f"{path}:{number}: {LABORATORY_MACRO} is allowed in {LABORATORY_HOME} only")
    return found, files


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    found, files = violations(root)
    for line in found:
        print(line)
    print(f"{files} files, {len(found)} violations of the layering")
    if files == 0:
        print("no files: is this the root of the tree?")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
