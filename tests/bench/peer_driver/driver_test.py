#!/usr/bin/env python3
"""The driver of tests/bench/peers on fake programs: medians, interleaving, missing peers, tables, interrupts."""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import machine  # noqa: E402
import measures  # noqa: E402
import programs  # noqa: E402
import runner  # noqa: E402
import table  # noqa: E402
from model import Case, Command, Goal, Row, Section  # noqa: E402
from results import Results  # noqa: E402

loader = importlib.machinery.SourceFileLoader("peers", str(HERE.parent / "peers"))
peers = importlib.util.module_from_spec(importlib.util.spec_from_loader("peers", loader))
loader.exec_module(peers)

NAMES = programs.Programs({}, {"go": "Go 1.19"}).names


def section(cases, rows, absent=None, rounds=1):
    return Section("fake", "A title", "A note.", rounds, cases, rows, absent or {})


def two(rows, absent=None):
    return section([Case("c", {"ours": Command("ours", []), "go": Command("go", [])})], rows, absent)


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # A fake program that ends with the test at the latest, should the driver forget it.
        self.forever = f"while test -e {self.folder}; do :; done"

    def program(self, name, text):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return str(path)


class Medians(unittest.TestCase):
    def test_a_goal_is_scaled_by_what_the_peers_need_here(self):
        results = Results()
        results.add("c", "ours", {"ns": 5})
        results.add("c", "go", {"ns": 60})
        row = Row("r", "c", "ns", goal=Goal(4, anchors={"go": 40, "boehm": 10}))
        self.assertEqual(results.scale(row), 1.5)  # Boehm GC is not there
        self.assertEqual(table.verdict(results, row), ("<= 4; here 6.0", "yes"))
        row.goal.limit = 3
        self.assertEqual(table.verdict(results, row), ("<= 3; here 4.5", "no, 1.1 x"))
        self.assertIsNone(results.scale(Row("r", "c", "ns", goal=Goal(4, anchors={"boehm": 10}))))

    def test_the_median_of_the_rounds_is_taken(self):
        results = Results()
        for value in (9, 1, 4):
            results.add("c", "ours", {"ns": value})
        self.assertEqual(results.median("c", "ours", "ns"), 4)
        results.add("c", "ours", {"ns": 6})
        self.assertEqual(results.median("c", "ours", "ns"), 5)
        self.assertEqual(results.rounds(), 4)

    def test_an_unmeasured_figure_is_none_and_not_zero(self):
        results = Results()
        results.add("c", "ours", {"ns": None})
        self.assertIsNone(results.median("c", "ours", "ns"))
        self.assertIsNone(results.median("c", "go", "ns"))

    def test_a_case_that_failed_has_no_value_though_a_round_ended_well(self):
        results = Results()
        results.add("c", "ours", {"ns": 1})
        results.lack("c", "ours", "exit code 1")
        self.assertIsNone(results.value(Row("r", "c", "ns"), "ours"))

    def test_cpu_time_is_never_compared_with_wall_time(self):
        results = Results()
        results.add("c", "ours", {"ns": 30, "cpu_ns": 10})
        results.add("c", "go", {"ns": 60})
        row = Row("r", "c", "ns", "cpu_ns", judged="cpu")
        self.assertEqual(results.judged(row, "ours"), 10)
        self.assertEqual(results.ratio(row, "go"), 0.5)
        results.add("c", "boehm", {"ns": 1, "cpu_ns": 40})
        self.assertEqual(results.ratio(row, "boehm"), 0.25)


class Tables(unittest.TestCase):
    def lines(self, made, results):
        return table.markdown(made, results, NAMES, "stamp").splitlines()

    def test_a_row_has_figures_ratio_goal_and_verdict(self):
        results = Results()
        results.add("c", "ours", {"ns": 12, "cpu": 20})
        results.add("c", "go", {"ns": 24, "cpu": 10})
        rows = [Row("met", "c", "ns", "cpu", Goal(12)), Row("not met", "c", "ns", "cpu", Goal(10), judged="cpu"),
                Row("no goal", "c", "ns")]
        lines = self.lines(two(rows), results)
        self.assertIn("| | ours | goal | met | Go 1.19 |", lines)
        self.assertIn("| met | 12.0 / 20.0 | <= 12 | yes | 24.0 / 10.0 (0.50) |", lines)
        self.assertIn("| not met | 12.0 / 20.0 | <= 10 CPU | no, 2.0 x | 24.0 / 10.0 (2.00) |", lines)
        self.assertIn("| no goal | 12.0 |  |  | 24.0 (0.50) |", lines)
        self.assertEqual({line.count("|") for line in lines if line.startswith("|")}, {6})

    def test_a_goal_relative_to_another_contender(self):
        results = Results()
        goal = measures.times_of(0.4, "go", "c", "ns", "Go")
        made = two([Row("r", "c", "ns", None, goal)])
        results.add("c", "ours", {"ns": 5})
        self.assertIn("| r | 5.0 | <= 0.4 x Go | ? |  |", self.lines(made, results))
        results.add("c", "go", {"ns": 10})
        self.assertIn("| r | 5.0 | <= 0.4 x Go = 4.0 | no, 1.2 x | 10.0 (0.50) |", self.lines(made, results))

    def test_a_missing_peer_leaves_an_empty_cell_and_its_reason_once(self):
        results = Results()
        results.add("c", "ours", {"ns": 5})
        results.lack("c", "go", "go is not installed: apt-get install golang-go")
        lines = self.lines(two([Row("a", "c", "ns"), Row("b", "c", "ns")], {"mimalloc": "mimalloc does not collect"}), results)
        self.assertIn("| a | 5.0 |  |  | [1] | [2] |", lines)
        self.assertIn("| b | 5.0 |  |  | [1] | [2] |", lines)
        self.assertEqual(lines[-2:], ["- [1] go is not installed: apt-get install golang-go.", "- [2] mimalloc does not collect."])


class Readme(WithFolder):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "README.md"

    def test_text_around_the_tables_stays(self):
        self.file.write_text("# Title\nBefore.\n")
        self.assertEqual(table.write(self.file, {"a": "### A\n1\n", "b": "### B\n2\n"}), [])
        self.file.write_text(self.file.read_text() + "After.\n")
        table.write(self.file, {"a": "### A\n3\n"})
        text = self.file.read_text()
        self.assertTrue(text.startswith("# Title\nBefore.\n"))
        self.assertTrue(text.endswith("After.\n"))
        self.assertIn(f"{table.BEGIN.format('a')}\n### A\n3\n{table.END.format('a')}\n", text)
        self.assertIn("### B\n2\n", text)
        self.assertNotIn("### A\n1\n", text)

    def test_a_quick_run_does_not_replace_a_full_one(self):
        full, quick, newer = "### A\nfull\n", f"### A\n{table.QUICK} 1\n", f"### A\n{table.QUICK} 2\n"
        table.write(self.file, {"a": quick})
        self.assertEqual(table.write(self.file, {"a": newer}), [])
        self.assertIn(newer, self.file.read_text())
        self.assertEqual(table.write(self.file, {"a": full}), [])
        self.assertEqual(table.write(self.file, {"a": quick}), ["a"])
        self.assertIn(full, self.file.read_text())

    def test_damaged_markers_are_refused_before_the_run(self):
        begin, end = table.BEGIN.format("a"), table.END.format("a")
        for text in (begin, end, f"{end}\n{begin}\n", f"{begin}\n{begin}\n{end}\n"):
            self.file.write_text(text)
            with self.assertRaises(table.Unwritable):
                table.check_file(self.file, ["a"])
        self.file.write_text(f"{begin}\n{end}\n")
        table.check_file(self.file, ["a"])

    def test_the_readme_of_the_tree_can_take_every_table(self):
        table.check_file(HERE.parent / "README.md", [made.name for made in measures.sections(False)])


class MissingPeers(WithFolder):
    def test_go_is_not_installed(self):
        with mock.patch.dict(os.environ, PATH=str(self.folder)):
            self.assertEqual(programs.go_peer(self.folder, self.folder).reason,
                             "go is not installed: apt-get install golang-go")

    def test_a_library_is_not_installed(self):
        self.program("c++", 'case "$*" in *-fsyntax-only*) exit 1;; esac')
        with mock.patch.dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}", CXX="c++"):
            missing = programs.heap_peer(self.folder, self.folder, "boehm", "gc/gc.h", "gc", "libgc-dev")
        self.assertEqual(missing.reason, "libgc-dev is not installed: apt-get install libgc-dev")

    def test_a_peer_that_does_not_compile_gives_the_compilers_last_words(self):
        self.program("c++", 'case "$*" in *-fsyntax-only*) exit 0;; esac; echo first >&2; echo why >&2; exit 1')
        with mock.patch.dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}", CXX="c++"):
            missing = programs.heap_peer(self.folder, self.folder, "boehm", "gc/gc.h", "gc", "libgc-dev")
        self.assertEqual(missing.reason, "boehm: the compiler failed: why")

    def test_other_contenders_are_measured(self):
        results = Results()
        made = two([])
        fakes = programs.Programs({"ours": self.program("ours", "echo '{\"ns\": 5}'"), "go": programs.Missing("no Go")})
        runner.measure(made, fakes, 2, results)
        self.assertEqual(results.median("c", "ours", "ns"), 5)
        self.assertGreater(results.median("c", "ours", "rss_mib"), 0)
        self.assertEqual(results.reasons, {("c", "go"): "no Go"})


class Runs(WithFolder):
    def failure(self, text, seconds=60, **options):
        with self.assertRaises(runner.Failed) as caught:
            runner.run_command(Command("p", [], **options), self.program("p", text), seconds)
        return str(caught.exception)

    def test_contenders_take_turns_and_the_order_moves_on(self):
        log = self.folder / "log"
        paths = {name: self.program(name, f"echo {name} $1 >> {log}; echo '{{\"ns\": 1}}'") for name in ("a", "b", "c")}
        cases = [Case(case, dict(zip(("ours", "go", "boehm"), (Command(name, [case]) for name in paths)))) for case in "xy"]
        runner.measure(section(cases, []), programs.Programs(paths), 2, Results())
        self.assertEqual(log.read_text().split("\n")[:-1],
                         ["a x", "b x", "c x", "a y", "b y", "c y", "b x", "c x", "a x", "b y", "c y", "a y"])

    def test_arguments_environment_and_parser_are_applied(self):
        command = Command("p", ["--size", "64"], {"FAKE": "7"}, lambda text: {"ns": len(text.split())})
        figures = runner.run_command(command, self.program("p", 'echo "$@" "$FAKE"'), 60)
        self.assertEqual(figures["ns"], 3)

    def test_a_program_without_a_result_is_a_failure_with_a_reason(self):
        self.assertEqual(self.failure("echo one >&2; echo two >&2; exit 3"), "exit code 3: two")
        self.assertEqual(self.failure("kill -SEGV $$"), "signal 11")
        self.assertIn("could not be read", self.failure("echo nonsense"))
        self.assertIn("KeyError('absent')", self.failure("echo", parse=lambda text: {}["absent"]))
        with self.assertRaisesRegex(runner.Failed, "could not be started"):
            runner.run_command(Command("p", []), str(self.folder / "absent"), 60)
        self.assertEqual(self.failure(self.forever, seconds=0.1), "no result after 0.1 s")

    def test_a_failed_case_is_not_run_again(self):
        log = self.folder / "log"
        results = Results()
        fakes = programs.Programs({"ours": self.program("ours", f"echo run >> {log}; exit 1"), "go": programs.Missing("-")})
        runner.measure(two([]), fakes, 3, results)
        self.assertEqual(log.read_text(), "run\n")
        self.assertEqual(results.reasons[("c", "ours")], "c: exit code 1")


class Driver(WithFolder):
    """main() on fake programs: three sections, of which the second runs the program of the test."""

    def main(self, second, *words):
        paths = {"ours": self.program("ours", "echo '{\"ns\": 5}'"), "second": self.program("second", second)}
        made = [Section("first", "First", "", 2, [Case("f", {"ours": Command("ours", [])})], [Row("r", "f", "ns")]),
                Section("second", "Second", "", 2, [Case("s", {"ours": Command("second", [])})], [Row("r", "s", "ns")]),
                Section("third", "Third", "", 2, [Case("t", {"ours": Command("ours", [])})], [Row("r", "t", "ns")])]
        self.output = self.folder / "OUT.md"
        with mock.patch.object(measures, "sections", lambda quick: made), \
                mock.patch.object(programs, "prepare", lambda *_: programs.Programs(paths)), \
                contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return peers.main(["--output", str(self.output), *words])

    def test_an_interrupt_ends_the_child_and_keeps_what_was_measured(self):
        pid = self.folder / "pid"
        self.assertEqual(self.main(f"echo $$ > {pid}; kill -INT $PPID; {self.forever}"), 130)
        text = self.output.read_text()
        self.assertIn("| r | 5.0 |", text)
        self.assertNotIn("Second", text)
        self.assertNotIn("Third", text)
        with self.assertRaises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)

    def test_an_interrupted_section_keeps_its_rounds(self):
        first_run = self.folder / "ran"
        text = f"if test -e {first_run}; then kill -INT $PPID; {self.forever}; fi; touch {first_run}; echo '{{\"ns\": 7}}'"
        self.assertEqual(self.main(text), 130)
        self.assertIn("| r | 7.0 |", self.output.read_text())

    def test_a_full_run_and_its_samples(self):
        samples = self.folder / "samples.json"
        self.assertEqual(self.main("echo '{\"ns\": 7}'", "--rounds", "3", "--json", str(samples)), 0)
        sections = json.loads(samples.read_text())["sections"]
        self.assertEqual([sample["ns"] for sample in sections["second"][0]["rounds"]], [7, 7, 7])
        self.assertIn("3 rounds", self.output.read_text())

    def test_only_the_named_sections_run(self):
        self.assertEqual(self.main("exit 1", "--only", "first"), 0)
        self.assertNotIn("Second", self.output.read_text())

    def test_a_failure_of_ours_is_exit_code_1(self):
        self.assertEqual(self.main("exit 1"), 1)

    def test_no_write_writes_nothing(self):
        self.assertEqual(self.main("echo '{\"ns\": 7}'", "--no-write"), 0)
        self.assertFalse(self.output.exists())

    def test_bad_usage_is_exit_code_2(self):
        for words in (["--only", "nothing"], ["--rounds", "0"], ["--rounds", "many"]):
            with self.assertRaises(SystemExit) as caught:
                self.main("exit 1", *words)
            self.assertEqual(caught.exception.code, 2)


class Machine(unittest.TestCase):
    def test_other_processes_are_what_is_left_of_the_busy_time(self):
        with mock.patch.object(machine, "busy_seconds", side_effect=[100.0, 109.0]), \
                mock.patch.object(machine.OtherProcesses, "own_seconds", side_effect=[2.0, 5.0]), \
                mock.patch.object(machine.time, "monotonic", side_effect=[50.0, 54.0]):
            self.assertEqual(machine.OtherProcesses().cores(), 1.5)


class Measures(unittest.TestCase):
    def test_rows_belong_to_cases_of_their_section(self):
        for quick in (False, True):
            made = measures.sections(quick)
            self.assertEqual(len({one.name for one in made}), len(made))
            for one in made:
                cases = {case.name for case in one.cases}
                self.assertEqual(len(cases), len(one.cases), one.name)
                self.assertLessEqual({row.case for row in one.rows}, cases, one.name)
                self.assertTrue(all("ours" in case.commands for case in one.cases), one.name)

    def test_goals_that_depend_on_other_figures(self):
        by_name = {one.name: one for one in measures.sections(False)}
        results = Results()
        results.add("graph", "control", {"gap_ms": 8})
        limits = {row.label: results.limit(row.goal) for row in by_name["graph"].rows if row.goal}
        self.assertEqual(limits["longest gap, ms"], 10)
        results.add("flush_1024", "ours", {"eager_ns": 100})
        barrier = by_name["flush"].rows[-1]
        self.assertEqual(results.limit(barrier.goal), 160)
        for size, ours, control in ((64, 100, 10), (4096, 150, 20)):
            results.add(f"growth_{size}", "ours", {"cpu_ns": ours})
            results.add(f"growth_{size}", "control", {"cpu_ns": control})
        last = by_name["growth"].rows[-1]
        self.assertEqual((results.value(last, "ours"), results.limit(last.goal)), (1.5, 3))
        results.add("threads_1", "ours", {"wall_ns": 4})
        results.add("threads_2", "ours", {"wall_ns": 5})
        self.assertEqual(results.value(by_name["threads"].rows[-1], "ours"), 1.25)

    def test_sweepctls_json_is_read(self):
        run = {"outcome": "ok", "wall_s": 2, "cpu_s": 3, "figures": {"nodes": 10**9}}
        self.assertEqual(measures.from_sweepctl(json.dumps(run)), {"wall_ns": 2, "cpu_ns": 3, "nodes": 10**9})
        with self.assertRaises(ValueError):
            measures.from_sweepctl(json.dumps({**run, "outcome": "interrupted"}))
        rows = [{"flush_policy": "eager", "pause_ns_per_span": 40.0},
                {"flush_policy": "lazy", "barrier_ns_per_span": None, "pause_go_p50_us": 1.5, "control_go_p50_us": 0.5}]
        self.assertEqual(measures.from_compare(json.dumps({"rows": rows})), {"eager_ns": 40, "barrier_ns": None, "lazy_us": 1})


if __name__ == "__main__":
    unittest.main()
