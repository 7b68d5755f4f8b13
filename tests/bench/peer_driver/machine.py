"""The machine and its state, for the line above each table."""
import datetime
import os
import pathlib
import platform
import re
import resource
import subprocess
import time


def busy_seconds():
    """CPU time of all processes since the machine started; 0 where /proc is missing."""
    try:
        user, nice, system, _, _, irq, softirq = map(int, pathlib.Path("/proc/stat").read_text().split()[1:8])
    except (OSError, ValueError):
        return 0.0
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class OtherProcesses:
    """What processes other than this one and its ended children did since the construction, in cores."""

    def __init__(self):
        self.begin, self.busy, self.own = time.monotonic(), busy_seconds(), self.own_seconds()

    @staticmethod
    def own_seconds():
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    def cores(self):
        others = busy_seconds() - self.busy - (self.own_seconds() - self.own)
        return max(0.0, others) / max(time.monotonic() - self.begin, 1e-9)


def first_match(path, pattern, otherwise):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group(1).strip() if found else otherwise


def commit(root):
    def git(*words):
        return subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True).stdout.strip()
    try:
        # The table itself changes in every run.
        changed = git("status", "--porcelain", "--", ":/", ":!tests/bench/README.md")
        return git("rev-parse", "--short=12", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def describe(root):
    cpu = first_match("/proc/cpuinfo", r"^model name\s*: (.*)$", platform.machine())
    pages = first_match("/sys/kernel/mm/transparent_hugepage/enabled", r"\[(\w+)\]", "unknown")
    return f"commit {commit(root)}; {os.cpu_count()} x {cpu}, Linux {platform.release()}, huge pages {pages}"


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def load():
    return os.getloadavg()[0]
