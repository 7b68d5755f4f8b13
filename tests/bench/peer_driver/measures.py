"""The measures of tests/bench/peers: what each runs, and the goals of issue 9."""
import json

from model import Case, Command, Goal, Row, Section

# Bytes: goal in ns, and mimalloc's malloc and free on the machine of the goals.
HOT_SIZES = {16: (2.2, 3.4), 32: (2.2, 3.4), 64: (2.2, 3.5), 128: (3.5, 3.6), 256: (5.5, 3.7), 1024: (18.0, 4.4)}
NO_MARK = "mimalloc does not collect"


def words(subcommand, **options):
    return [subcommand] + [word for name, value in options.items() for word in (f"--{name}", str(value))]


def sized(quick, goal):
    """A goal that holds for the full size only."""
    return None if quick else goal


def everywhere(contenders, subcommand, **options):
    """The same line for several contenders."""
    programs = {"ours": "peer_bench", "go": "go", "boehm": "boehm", "mimalloc": "mimalloc", "control": "glibc"}
    return {contender: Command(programs[contender], words(subcommand, **options)) for contender in contenders}


ALL = ("ours", "go", "boehm", "mimalloc")


def times_of(limit, contender, case, figure, what):
    """A goal relative to a contender in the same run."""
    def value(results):
        base = results.median(case, contender, figure)
        return None if base is None else limit * base
    return Goal(value, f"<= {limit:g} x {what}")


def alloc(quick):
    cases, rows = [], []
    for refs, words_for in ((0, "no pointers"), (1, "one pointer")):
        for size, (goal, mimalloc) in HOT_SIZES.items():
            name = f"alloc_{size}_{refs}"
            cases.append(Case(name, everywhere(ALL, "alloc", size=size, refs=refs, mib=1, passes=15 if quick else 63)))
            rows.append(Row(f"{size} B, {words_for}", name, "wall_ns", "cpu_ns",
                            Goal(goal, anchors={"mimalloc": mimalloc})))
    return Section("alloc", "Hot allocation, no collection, one thread: ns an object, wall / CPU",
                   "Each pass allocates 1 MiB; then all objects die and are swept, outside the time. mimalloc's figure "
                   "is malloc and free, memory not zeroed; Boehm GC's pointer-free memory is not zeroed either.",
                   5, cases, rows)


def alloc_gc(quick):
    cases, rows = [], []
    for size in (16, 64, 256):
        for refs, words_for in ((0, "no pointers"), (1, "one pointer")):
            if quick and (size, refs) != (64, 1):
                continue
            name = f"alloc_gc_{size}_{refs}"
            cases.append(Case(name, everywhere(("ours", "go"), "alloc", size=size, refs=refs, live=64,
                                               mib=128 if quick else 256, passes=1 if quick else 3)))
            rows.append(Row(f"{size} B, {words_for}", name, "wall_ns", "cpu_ns", times_of(0.4, "go", name, "wall_ns", "Go")))
    return Section("alloc_gc", "Allocation while collecting, one thread: ns an object, wall / CPU",
                   "64 MiB of live tree, GOGC 100, as many Ps as cores.", 5, cases, rows)


def threads(quick):
    counts = (1, 2, 8) if quick else (1, 2, 4, 8, 16, 32, 64)
    mib = 4  # two threads' memory stays in the last cache: else its bandwidth is measured
    cases = [Case(f"threads_{n}", everywhere(ALL, "alloc", size=64, refs=1, threads=n, mib=mib, passes=3 if quick else 15))
             for n in counts]
    rows = [Row(f"{n} thread{'s' * (n > 1)}", f"threads_{n}", "wall_ns", "cpu_ns") for n in counts]

    def scaling(results, contender):
        one, two = (results.median(f"threads_{n}", contender, "wall_ns") for n in (1, 2))
        return two / one if one and two else None
    rows.append(Row("2 threads over 1", "threads_2", scaling, None, Goal(1.05), digits=2))
    return Section("threads", "Allocation by 1 to 64 threads, no collection: ns an object and core, wall / CPU",
                   f"64 B with one pointer, {mib} MiB a thread and pass. Wall time is multiplied by the cores in use.",
                   5, cases, rows)


def from_sweepctl(text):
    run = json.loads(text)
    if run["outcome"] != "ok":
        raise ValueError(run["outcome"])
    nodes = run["figures"]["nodes"]
    return {"wall_ns": run["wall_s"] * 1e9 / nodes, "cpu_ns": run["cpu_s"] * 1e9 / nodes, "nodes": nodes}


def binary_trees(quick):
    depth = 14 if quick else 18
    commands = everywhere(("go", "boehm", "mimalloc"), "binary_trees", depth=depth)
    commands["ours"] = Command("sweepctl", ["run", "binary_trees", "--threads", "1", "--set", f"depth={depth}", "--quiet",
                                            "--json", "-"], parse=from_sweepctl)
    return Section("binary_trees", f"Binary trees {depth}: ns an object", "", 5,
                   [Case("binary_trees", {contender: commands[contender] for contender in ALL})],
                   [Row("wall", "binary_trees", "wall_ns", goal=Goal(12, anchors={"go": 29, "boehm": 23, "mimalloc": 5.8})),
                    Row("CPU", "binary_trees", "cpu_ns", goal=Goal(20, anchors={"go": 36, "boehm": 31, "mimalloc": 5.8})),
                    Row("RSS, MiB", "binary_trees", "rss_mib", goal=sized(quick, Goal(36)), digits=0)])


def gcbench(quick):
    return Section("gcbench", "GCBench" + (", trees less deep by 2" if quick else ""), "", 5,
                   [Case("gcbench", everywhere(ALL, "gcbench", less=2 if quick else 0))],
                   [Row("wall, ms", "gcbench", "wall_ms", digits=0,
                        goal=sized(quick, Goal(180, anchors={"go": 392, "boehm": 240, "mimalloc": 137}))),
                    Row("CPU, ms", "gcbench", "cpu_ms", digits=0),
                    Row("RSS, MiB", "gcbench", "rss_mib", goal=sized(quick, Goal(40)), digits=0)])


def ring(quick):
    return Section("ring", "A ring of 100,000 objects of 16 to 64 B: ns an operation", "Collections included.", 5,
                   [Case("ring", everywhere(ALL, "ring", operations=3_000_000 if quick else 20_000_000))],
                   [Row("wall", "ring", "wall_ns", goal=Goal(4.5, anchors={"mimalloc": 3.5})),
                    Row("CPU", "ring", "cpu_ns", goal=Goal(12, anchors={"mimalloc": 3.5})),
                    Row("RSS, MiB", "ring", "rss_mib", digits=0)])


def mark_commands(mib, order, workers, cycles):
    """Each collector's own way to mark with that many threads."""
    commands = everywhere(("ours", "go"), "mark", mib=mib, order=order, workers=workers, cycles=cycles)
    commands.update(everywhere(("boehm",), "mark", mib=mib, order=order, cycles=cycles))
    commands["boehm"].environment = {"GC_MARKERS": str(workers)}
    return commands


def mark(quick):
    mib, cycles = (64, 1) if quick else (1024, 2)
    cases, rows = [], []

    def add(name, label, commands, goal, judged):
        cases.append(Case(name, commands))
        rows.append(Row(label, name, "mark_ns", "cpu_ns", goal, judged))
    for workers, huge, small, anchors in ((1, 23, 32, {"go": 245, "boehm": 172}), (2, 12.5, 17, {"go": 119, "boehm": 84})):
        judged = "cpu" if workers == 1 else "value"
        text = f"{workers} worker{'s' * (workers > 1)}"
        add(f"random_{workers}", f"random order, {text}", mark_commands(mib, "random", workers, cycles),
            Goal(huge, anchors=anchors), judged)
        add(f"random_{workers}_small", f"random order, {text}, 4 KiB pages", {"ours": Command("peer_bench", words(
            "mark", mib=mib, order="random", workers=workers, cycles=cycles, pages="small"))}, Goal(small), judged)
    in_order = "order of allocation"
    add("order_1", f"{in_order}, 1 worker", mark_commands(mib, "allocation", 1, cycles),
        Goal(10, anchors={"go": 17, "boehm": 22}), "cpu")
    add("order_2", f"{in_order}, 2 workers", mark_commands(mib, "allocation", 2, cycles), None, "value")
    rows.append(Row("RSS, random order, MiB", "random_1", "rss_mib", digits=0))
    return Section("mark", f"Marking {mib} MiB of 64 B nodes: ns an object, wall / CPU",
                   "Forced collections of a graph that stays alive. Ours marks in the stopped world (`--stw-mark`), by one "
                   "thread or two: `CycleRecord::mark_ns` over `marked_objects`, huge pages unless the row names 4 KiB, for which "
                   "the peers have no switch. "
                   "Go: GOMAXPROCS 1 or 2 and no other work, so idle workers mark; from the call of runtime.GC to the end "
                   "of mark termination; its CPU time includes the sweep. Boehm GC: its events, 1 or 2 markers.",
                   3, cases, rows, {"mimalloc": NO_MARK})


def graph(quick):
    mib = 64 if quick else 1024

    def gap_limit(results):
        control = results.median("graph", "control", "gap_ms")
        return None if control is None else control + 2
    return Section("graph", f"A mutator of a live graph of {mib} MiB",
                   "Lists of two 64 B nodes in a table; an operation replaces the head of a random list, so that its last "
                   "node dies, 4 operations a list. The control is the same program with glibc's malloc and free. The "
                   "gaps are between ticks every 64 operations.",
                   3, [Case("graph", everywhere((*ALL, "control"), "graph", mib=mib))],
                   [Row("wall, ns an operation", "graph", "wall_ns",
                        goal=Goal(215, anchors={"go": 322, "boehm": 295, "mimalloc": 165, "control": 142})),
                    Row("CPU, s", "graph", "cpu_s", goal=sized(quick, Goal(12)), digits=2),
                    Row("longest gap, ms", "graph", "gap_ms", goal=Goal(gap_limit, "<= control + 2"), digits=2),
                    Row("RSS, MiB", "graph", "rss_mib", goal=sized(quick, Goal(2355)), digits=0)])


def sweep(quick):
    mib = 16 if quick else 256
    kinds = {"none": ("nothing freed", 144), "half": ("every other object freed", 170), "all": ("all freed", 199)}  # Go
    return Section("sweep", "Sweeping: ns a span of 8 KiB, wall / CPU",
                   f"{mib} MiB of 64 B objects, in order of address, one thread, from the end of mark termination until the "
                   "sweep is complete.", 5,
                   [Case(f"sweep_{dead}", everywhere(("ours", "go"), "sweep", mib=mib, dead=dead, cycles=5)) for dead in kinds],
                   [Row(label, f"sweep_{dead}", "sweep_ns", "cpu_ns", Goal(20, anchors={"go": go}), judged="cpu")
                    for dead, (label, go) in kinds.items()],
                   {"boehm": "Boehm GC sweeps inside allocation; the time cannot be separated", "mimalloc": NO_MARK})


def from_compare(text):
    """Figures of both policies: the pause on Go's clock without the machine's share, ns a span of flush and barrier."""
    rows = {row["flush_policy"]: row for row in json.loads(text)["rows"]}
    eager, lazy = rows["eager"], rows["lazy"]
    return {"eager_ns": eager["pause_ns_per_span"], "barrier_ns": lazy["barrier_ns_per_span"],
            "lazy_us": max(0.0, lazy["pause_go_p50_us"] - lazy["control_go_p50_us"])}


def flush(quick):
    cases, rows = [], []
    for procs in (1, 64) if quick else (1, 64, 1024):
        name, text = f"flush_{procs}", f"{procs} P{'s' * (procs > 1)}"

        def barrier_limit(results, case=name):
            eager = results.median(case, "ours", "eager_ns")
            return None if eager is None else eager + 60
        cases.append(Case(name, {"ours": Command(
            "sweepctl", ["compare", "idle_ps", "--flush", "eager,lazy", "--procs", str(procs), "--repeat", "1", "--cycles",
                         "5" if quick else "20", "--quiet", "--json", "-"], parse=from_compare)}))
        rows += [Row(f"{text}: pause of `lazy` less control, us", name, "lazy_us", goal=Goal(3), digits=2),
                 Row(f"{text}: `eager`, ns a span", name, "eager_ns", goal=Goal(60))]
        if procs > 1:
            rows.append(Row(f"{text}: flush barrier of `lazy`, CPU ns a span", name, "barrier_ns",
                            goal=Goal(40) if procs <= 64 else Goal(barrier_limit, "<= eager + 60")))
    return Section("flush", "Flushing the mcaches of idle Ps",
                   "`sweepctl compare idle_ps`. With one P the barrier finds nothing to flush.",
                   5, cases, rows)


def growth(quick):
    sizes = (64, 256) if quick else (64, 256, 1024, 4096)
    name = {size: f"{size} MiB" if size < 1024 else f"{size // 1024} GiB" for size in sizes}
    cases = []
    for size in sizes:
        commands = everywhere(("ours", "go"), "mark", mib=size, order="random", workers=1, cycles=1 if quick else 2)
        commands["control"] = Command("peer_bench", words("random_access", mib=size))
        cases.append(Case(f"growth_{size}", commands))
    rows = [Row(name[size], f"growth_{size}", "mark_ns", "cpu_ns", judged="cpu") for size in sizes]

    def growth_of(results, contender):
        least, most = (results.median(f"growth_{size}", contender, "cpu_ns") for size in (sizes[0], sizes[-1]))
        return most / least if least and most else None

    def limit(results):
        control = growth_of(results, "control")
        return None if control is None else 1.5 * control
    rows.append(Row(f"{name[sizes[-1]]} over {name[sizes[0]]}, CPU", f"growth_{sizes[-1]}", growth_of, None,
                    Goal(limit, "<= 1.5 x control"), digits=2))
    return Section("growth", "Growth: ns an object of marking in random order, one worker, wall / CPU",
                   "As in the table of marking; the growth is of CPU time. The control reads random nodes of "
                   "as much memory, with huge pages.",
                   1, cases, rows)


BUILDERS = (alloc, alloc_gc, threads, binary_trees, gcbench, ring, mark, graph, sweep, flush, growth)


def sections(quick):
    made = [build(quick) for build in BUILDERS]
    if quick:
        for section in made:
            section.rounds = min(section.rounds, 2)
    return made
