"""Builds the programs that are compared, or finds out why one cannot be had."""
import os
import pathlib
import shutil
import subprocess
from dataclasses import dataclass

HEAPS = "tests/bench/peer_programs/heaps"


@dataclass
class Missing:
    reason: str  # one line, with what to do


class Programs:
    """program -> path or Missing; contender -> name with version, for the head of its column."""

    def __init__(self, paths, names=None):
        self.paths = paths
        self.names = {"ours": "ours", "go": "Go", "boehm": "Boehm GC", "mimalloc": "mimalloc", "control": "control",
                      **(names or {})}

    def get(self, program):
        return self.paths[program]


def run(words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)


def ours(root, build, rebuild):
    """The release build's programs. Configures and builds it first, unless told not to."""
    if rebuild:
        steps = []
        if not (build / "CMakeCache.txt").exists():
            steps.append(["cmake", "--preset", "release", "-B", build])
        steps.append(["cmake", "--build", build, "--target", "peer_bench", "sweepctl"])
        for step in steps:
            done = run(step, cwd=root)
            if done.returncode != 0:
                raise SystemExit(f"peers: {' '.join(map(str, step))} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    for name in ("peer_bench", "sweepctl"):
        if not (build / "bin" / name).exists():
            raise SystemExit(f"peers: {build / 'bin' / name} is missing: run without --no-build")
    return {name: str(build / "bin" / name) for name in ("peer_bench", "sweepctl")}


def go_peer(root, out):
    if shutil.which("go") is None:
        return Missing("go is not installed: apt-get install golang-go")
    done = run(["go", "build", "-o", out / "go_peer", "."], cwd=root / "tests/bench/peer_programs/go",
               env={**os.environ, "CGO_ENABLED": "0"})
    if done.returncode != 0:
        return Missing(f"go build failed: {last_line(done.stderr)}")
    return str(out / "go_peer")


def heap_peer(root, out, heap, header, library, package):
    """A C++ peer, by the compiler that builds the engine, at its level of optimisation."""
    compiler = os.environ.get("CXX") or "c++"
    if shutil.which(compiler) is None:
        return Missing(f"{compiler} is not installed: apt-get install g++")
    if header:
        found = run([compiler, "-fsyntax-only", "-x", "c++", "-"], input=f"#include <{header}>\n")
        if found.returncode != 0:
            return Missing(f"{package} is not installed: apt-get install {package}")
    sources = sorted((root / HEAPS).glob("*.cc"))
    program = out / f"{heap}_peer"
    if newer(program, [*sources, *(root / HEAPS).parent.rglob("*.h")]):
        return str(program)
    done = run([compiler, "-std=c++20", "-O2", f"-DHEAP_{heap.upper()}", "-I", root, *sources, "-o", program, "-pthread",
                *([f"-l{library}"] if library else [])])
    if done.returncode != 0:
        return Missing(f"{heap}: the compiler failed: {last_line(done.stderr)}")
    return str(program)


def newer(program, sources):
    return program.exists() and all(program.stat().st_mtime > source.stat().st_mtime for source in sources)


def last_line(text):
    return (text.strip().splitlines() or ["no message"])[-1]


def prepare(root, build, rebuild, out=None):
    """All programs of a run; the peers land in build/peers."""
    out = pathlib.Path(out or root / "build" / "peers")
    out.mkdir(parents=True, exist_ok=True)
    paths = ours(root, build, rebuild)
    paths["go"] = go_peer(root, out)
    paths["boehm"] = heap_peer(root, out, "boehm", "gc/gc.h", "gc", "libgc-dev")
    paths["mimalloc"] = heap_peer(root, out, "mimalloc", "mimalloc.h", "mimalloc", "libmimalloc-dev")
    paths["glibc"] = heap_peer(root, out, "glibc", None, None, None)
    names = {}
    for contender, name in (("go", "Go"), ("boehm", "Boehm GC"), ("mimalloc", "mimalloc")):
        if not isinstance(paths[contender], Missing):
            version = run([paths[contender], "version"])
            names[contender] = f"{name} {version.stdout.strip()}" if version.returncode == 0 else name
    return Programs(paths, names)
