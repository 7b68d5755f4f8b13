#!/usr/bin/env python3
"""Which functions of the engine's library call the C heap: no path of a cycle may (engine/gc/README.md, "No malloc").

    check_allocations.py libengine.a

Reads the disassembly, so it needs an optimised build: in it the names of templates of the standard library stand for
those that the compiler did not inline. Calls inside the libraries, as of std::string, are found by no_malloc_test.cc.
Exit code 1: a function that is not in ALLOWED calls operator new or a function of malloc's family.
"""
import re
import subprocess
import sys

# A part of the demangled name without namespaces, and why it may.
ALLOWED = [
    (r"^(Runtime|Engine|MHeap|HeapMemory|PageRuns)::create\b", "an engine is made"),
    (r"^(MHeap::MHeap|Sched::Sched|Permits::Permits|MarkWorkers::MarkWorkers|StoppedCrew::StoppedCrew)\b", "the same"),
    (r"\bmake_policy<", "the same"),
    (r"^EngineOptions::EngineOptions\b", "the same"),
    (r"^Thread::Thread\b|^Runtime::start_mutator\b|^(void )?std::_Function_handler<void \(\).*::_M_manager\b", "a thread is made"),
    (r"^Threads::(add_locked|keep_mutator)\b|^(void )?std::_Deque_base<M\b", "an M is made"),
    (r"^Threads::(give_back|join_mutators)\b", "never: add_locked made room"),
    (r"^Sched::create_ps\b", "never: the constructor made room"),
    (r"^(small_sizes|flush_policy_names|flush_policy_summary)\b", "lists for the caller"),
    (r"\bstop_and_recount\b|^(void )?std::vector<CycleRecord\b", "the list of statistics, in a running world"),
    (r"\bcheck_marks\b|\bFindings::note\b|^walk\b|^(void )?std::(vector<Verification::|_Hashtable<unsigned long)", "the verifier"),
    (r"^(void )?std::(vector<std::)?(__cxx11::)?(basic_string|to_string)\b", "texts of errors and of the catalogue"),
]
HEAP = re.compile(r"R_\S+\s+(_Znwm|_Znam|_ZnwmSt11align_val_t|_ZnamSt11align_val_t|_Zn[wa]m\S*nothrow\S*|malloc|calloc|"
                  r"realloc|reallocarray|memalign|aligned_alloc|posix_memalign|strdup)\b")
NAMESPACES = re.compile(r"\b(sweepscope|engine|production)::|\(anonymous namespace\)::")


def callers(library):
    listing = subprocess.run(["objdump", "--disassemble", "--reloc", "--no-show-raw-insn", library], check=True,
                             capture_output=True, text=True).stdout
    found, function = set(), ""
    for line in listing.splitlines():
        if (begin := re.match(r"[0-9a-f]+ <(.*)>:$", line)) is not None:
            function = begin.group(1)
        elif HEAP.search(line):
            found.add(function)
    names = subprocess.run(["c++filt"], input="\n".join(sorted(found)), check=True, capture_output=True, text=True)
    return [NAMESPACES.sub("", name) for name in names.stdout.splitlines()]


def main():
    names = callers(sys.argv[1])
    if not any(name.startswith("Runtime::create") for name in names):
        print("the disassembly does not even show that Runtime::create allocates")
        return 1
    wrong = [name for name in names if not any(re.search(pattern, name) for pattern, _ in ALLOWED)]
    for name in wrong:
        print("calls the C heap:", name)
    print(f"{len(names)} functions call the C heap, {len(wrong)} of them may not")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
