#!/usr/bin/env python3
"""Checks that words shared by the engine's threads use engine/base (Shared, Lock, WaitPoint), where each access is a
step of the laboratory. ALLOWED lists the other atomics, each with the reason why it needs no step.

    check_atomics.py [ROOT]     prints one line per violation; exit code 1 when there is one
"""
import pathlib
import re
import sys

#   file, pattern of the line, why it is no protocol word
ALLOWED = [
    ("engine/mutator.h", r"__atomic_(load|store)_n\(&bits_",
     "Ref and Global fields: the program's data; markers read them with acquire, to see the object they refer to"),
    ("engine/heap/mspan.h", r"std::atomic_ref<uint64_t> marks\(",
     "mark bits: set while marking, read by sweeps after a stop; Word::kBitsSwap is the step that publishes"),
    ("engine/memory/page_runs.cc", r"std::atomic_ref\(bits\[word\]\)\.(load|store)\(",
     "dirty bits: changed under mheap.lock; the owner of pages in use reads theirs, which do not change meanwhile"),
    ("engine/memory/heap_memory.(h|cc)", r"std::atomic<MSpan\*>",
     "span map: an entry is stored once its span is complete and cleared before its pages are free; conservative readers only"),
    ("engine/memory/heap_memory.(h|cc)", r"page_infos?_?.*std::atomic<uint32_t>|std::atomic<uint32_t>.*page_infos?_?",
     "page infos: read by who has a reference to an object there; a layout that changes is published with release"),
    ("engine/heap/mheap.h", r"std::atomic<uint32_t> used_end_", "hints for the prefaulter, which is not in the laboratory"),
    ("engine/sched/sched.h", r"std::atomic<uint64_t> first_restart_ns", "a statistic: when the first mutator ran again"),
    ("engine/sched/sched.h", r"std::atomic<uint32_t> procs_", "changes in a stopped world only; others see it as a hint"),
    ("engine/gc/collector.h", r"std::atomic<uint32_t> cycles_|std::atomic<uint64_t> last_start_ns_",
     "a count and a time, read at any time"),
    ("engine/gc/mark/mark_phase.h", r"std::atomic<uint64_t> marked_bytes_|std::atomic<uint32_t> stacks_left_",
     "sums over threads, read in a stopped world only"),
    ("engine/gc/mark/mark_costs.h", r"std::atomic<uint64_t> (ns|stolen_)\{0\}", "sums over threads, read in a stopped world only"),
    ("engine/gc/pacing.h", r"std::atomic<uint32_t> gogc_", "a setting, read at any time"),
    ("engine/gc/crash.h", r"std::atomic<const Context\*> failing_", "selects the thread that dumps; the run ends"),
    ("engine/gc/m.h", r"std::atomic<uint64_t> runs_on", "a thread compares it with its own id only"),
    ("engine/gc/runtime.h", r"std::atomic<bool> stopping_", "a hint to mutators to finish"),
    ("engine/gc/runtime.h", r"std::atomic<uint32_t> attached_", "a count that only the end of the engine reads"),
    ("engine/observe/observer.h", r"std::atomic<uint32_t> seal_requests", "telemetry's, not the engine's"),
]
# Shared::init is for words that no other thread sees yet. Each call, with the reason why. A word that is written later
# without a step, under its lock or in a stopped world, uses Shared::put.
INITS = [
    ("engine/sched/permits.cc", "granted_", "in the constructor"),
    ("engine/sched/p.h", "status", "in the constructor"),
    ("engine/heap/mheap.cc", "gen_", "in the constructor"),
    ("engine/heap/mheap.cc", "sweep_done", "in the constructor"),
    ("engine/gc/pacing.cc", "trigger_", "in the constructor"),
    ("engine/gc/pacing.cc", "goal_", "in the constructor"),
    ("engine/gc/pacing.cc", "bound_", "in the constructor"),
    ("engine/gc/pacing.cc", "highest_goal_", "in the constructor"),
]
INIT = re.compile(r"(\w+)\.init\((?!heap_)")  # MCache::init(heap_, ...) is another function
SEAM = ("engine/base/", "engine/laboratory/")
ATOMIC = re.compile(r"std::atomic|__atomic_|__sync_|\bvolatile\b|\bthread_local\b|std::(recursive_|shared_|timed_)*mutex"
                    r"|std::condition_variable|std::(counting|binary)_semaphore|std::(latch|barrier|call_once|once_flag)")


def violations(root):
    found, used, files = [], set(), 0
    for file in sorted((root / "engine").rglob("*")):
        path = file.relative_to(root).as_posix()
        if file.suffix not in (".h", ".cc") or path.startswith(SEAM):
            continue
        files += 1
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            code = line.split("//")[0]
            for word in INIT.findall(code):
                fitting = [entry for entry in INITS if entry[:2] == (path, word)]
                used.update(fitting)
                if not fitting:
                    found.append(f"{path}:{number}: init of a word that other threads may see: {code.strip()}")
            if not ATOMIC.search(code):
                continue
            fitting = [entry for entry in ALLOWED if re.fullmatch(entry[0], path) and re.search(entry[1], code)]
            used.update(fitting)
            if not fitting:
                found.append(f"{path}:{number}: shared outside engine/base: {code.strip()}")
    return found, [entry for entry in ALLOWED + INITS if entry not in used], files


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2])
    found, unused, files = violations(root)
    found += [f"{path}: in ALLOWED but not in the file: {code}" for path, code, _ in unused]
    for line in found:
        print(line)
    print(f"{files} files, {len(found)} violations")
    return 1 if found or files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
