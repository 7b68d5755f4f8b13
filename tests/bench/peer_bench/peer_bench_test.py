#!/usr/bin/env python3
"""Runs each program of peer_bench at a tiny size: peer_bench_test.py PEER_BENCH"""
import json
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop(1)


def run(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True)


class PeerBench(unittest.TestCase):
    def assert_prints(self, names, *words):
        done = run(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        figures = json.loads(done.stdout)
        self.assertEqual(set(figures), set(names))
        for name, value in figures.items():
            self.assertGreater(value, 0, name)
        return figures

    def test_each_size_is_allocated_with_and_without_a_reference(self):
        for size in (16, 32, 64, 128, 256, 1024):
            for refs in (0, 1):
                self.assert_prints(["wall_ns", "cpu_ns"], "alloc", "--size", str(size), "--refs", str(refs), "--passes", "1")

    def test_threads_allocate_and_a_live_heap_is_collected(self):
        self.assert_prints(["wall_ns", "cpu_ns"], "alloc", "--threads", "5", "--passes", "2")
        self.assert_prints(["wall_ns", "cpu_ns"], "alloc", "--live", "2", "--mib", "8", "--passes", "1")

    def test_programs(self):
        self.assert_prints(["wall_ms", "cpu_ms"], "gcbench", "--less", "10")
        self.assert_prints(["wall_ns", "cpu_ns", "cpu_s", "gap_ms"], "graph", "--mib", "1")
        self.assert_prints(["wall_ns", "cpu_ns"], "ring", "--operations", "200000")

    def test_every_node_of_the_graph_is_marked(self):
        for words in (["--order", "random"], ["--order", "allocation"], ["--workers", "2"], ["--pages", "small"]):
            figures = self.assert_prints(["mark_ns", "cpu_ns", "objects"], "mark", "--mib", "1", "--cycles", "1", *words)
            self.assertGreaterEqual(figures["objects"], (1 << 20) / 64)

    def test_every_span_is_swept_whatever_died_in_it(self):
        for dead in ("none", "half", "all"):
            figures = self.assert_prints(["sweep_ns", "cpu_ns", "spans"], "sweep", "--mib", "1", "--cycles", "1", "--dead", dead)
            self.assertGreaterEqual(figures["spans"], (1 << 20) / 8192)

    def test_the_control_reads_memory(self):
        self.assert_prints(["mark_ns", "cpu_ns"], "random_access", "--mib", "1")

    def test_a_misspelt_word_does_not_measure_the_default(self):
        for words in ([], ["allocate"], ["alloc", "--sise", "64"], ["alloc", "--size"], ["alloc", "--size", "65"],
                      ["alloc", "--size", "-1"], ["mark", "--order", "sorted"], ["sweep", "--dead", "some"]):
            done = run(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertNotEqual(done.stderr, "", words)


if __name__ == "__main__":
    unittest.main()
