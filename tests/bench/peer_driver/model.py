"""What is measured: sections of the table, their cases and rows. No figures here; see results.py."""
from dataclasses import dataclass, field
from typing import Callable

# Columns of the table, in order. A control is no rival: the same program without a collector, or bare memory.
CONTENDERS = ("ours", "go", "boehm", "mimalloc", "control")


@dataclass
class Command:
    """One process. `program` is a key of programs.Programs; `parse` reads its standard output."""
    program: str
    arguments: list
    environment: dict = field(default_factory=dict)
    parse: Callable = None  # text -> {figure: number}; None: the output is one JSON object


@dataclass
class Case:
    name: str
    commands: dict  # contender -> Command


@dataclass
class Goal:
    """At most `limit`, a number or a function of the results that returns None when something is missing.

    `anchors`: what peers needed on the machine for which the number was set. Where they are known, the limit on this
    machine is the number times what the same peers need here over that, the median of the peers."""
    limit: object
    text: str = ""  # for a limit that is a function
    anchors: dict = field(default_factory=dict)  # contender -> number


@dataclass
class Row:
    """A line of the table: a value and, where one was taken, the CPU time beside it. Each is a figure of `case`, or a
    function (results, contender) -> number or None."""
    label: str
    case: str
    value: object
    cpu: object = None
    goal: Goal = None
    judged: str = "value"  # what the goal and the ratios to the peers are of: "value" or "cpu"
    digits: int = 1


@dataclass
class Section:
    name: str
    title: str
    note: str
    rounds: int
    cases: list
    rows: list
    absent: dict = field(default_factory=dict)  # contender -> why a column that others fill is empty here

    def contenders(self):
        used = {contender for case in self.cases for contender in case.commands} | set(self.absent)
        return [contender for contender in CONTENDERS if contender in used]
