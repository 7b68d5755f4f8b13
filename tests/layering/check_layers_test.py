#!/usr/bin/env python3
"""Plants violations of the layering in a small tree and expects check_layers.py to find each one, and nothing else."""
import pathlib
import tempfile
import unittest

import check_layers


class CheckLayers(unittest.TestCase):
    # What the planted types are found in.
    HEADERS = {"engine/sched/p.h": "class alignas(64) P {\n", "engine/gc/m.h": "struct M : MarkThread {\n",
               "engine/mutator.h": "class Engine;\nclass Mutator {\n"}

    def violations(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, content in {**self.HEADERS, path: text}.items():
                file = root / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
            return check_layers.violations(root)[0]

    def assert_found(self, path, text):
        self.assertEqual(len(self.violations(path, text)), 1, f"{path}: {text}")

    def assert_clean(self, path, text):
        self.assertEqual(self.violations(path, text), [], f"{path}: {text}")

    def test_a_lower_layer_does_not_include_a_higher_one(self):
        self.assert_found("engine/base/lock.h", '#include "engine/heap/mspan.h"\n')
        self.assert_found("engine/memory/pages.cc", '#include "engine/observe/event.h"\n')
        self.assert_found("engine/heap/mheap.cc", '  #  include "engine/sched/world.h"\n')
        self.assert_found("engine/sched/world.cc", '#include "engine/gc/collector.h"\n')
        self.assert_found("engine/sched/world.cc", '#include "engine/mutator.h"\n')
        self.assert_clean("engine/gc/allocator.cc", '#include "engine/engine.h"\n')
        self.assert_clean("engine/gc/collector.cc", '#include "engine/sched/world.h"\n#include <atomic>\n')
        self.assert_clean("engine/engine.cc", '#include "engine/gc/runtime.h"\n')

    def test_a_lower_layer_does_not_name_a_type_of_a_higher_one(self):
        self.assert_found("engine/heap/mheap.h", "class P;\n")
        self.assert_found("engine/heap/mheap.cc", "void f(Mutator& m);\n")
        self.assert_found("engine/sched/sched.cc", "static_cast<M&>(thread);\n")
        self.assert_clean("engine/heap/mheap.cc", '// the P of Runtime\nfail("P", kNoP, m.p);\n')
        self.assert_clean("engine/sched/sched.cc", "P* p = nullptr;\n")
        self.assert_clean("engine/heap/mheap.cc", "Engine* e = nullptr;\n")  # no header above defines it here

    def test_the_rooms_of_the_laboratory_build_on_one_another(self):
        self.assert_found("engine/laboratory/seam/fiber.cc", '#include "engine/laboratory/oracle/oracle.h"\n')
        self.assert_found("engine/laboratory/scenarios/a.cc", '#include "engine/laboratory/search/explorer.h"\n')
        self.assert_clean("engine/laboratory/search/a.cc", '#include "engine/laboratory/seam/fiber.h"\n')
        self.assert_clean("engine/laboratory/oracle/a.cc", '#include "engine/gc/runtime.h"\n')

    def test_the_engine_includes_no_library(self):
        for header in ("google/protobuf/message.h", "iostream", "QString", "QtCore/QObject", "fmt/format.h",
                       "spdlog/spdlog.h"):
            self.assert_found("engine/gc/collector.cc", f"#include <{header}>\n")
        self.assert_found("engine/gc/collector.cc", '#include "telemetry/model/event.h"\n')

    def test_telemetry_includes_no_qt_and_only_the_probe_includes_the_engine(self):
        self.assert_found("telemetry/store/recorder.cc", "#include <QFile>\n")
        self.assert_found("telemetry/store/recorder.cc", '#include "engine/observe/event.h"\n')
        self.assert_found("telemetry/probe/collector.cc", '#include "engine/options.h"\n')
        self.assert_clean("telemetry/probe/collector.cc", '#include "engine/observe/event.h"\n')
        self.assert_found("telemetry/replica/replica.cc", '#include "telemetry/store/event_log.h"\n')

    def test_the_gui_includes_no_engine(self):
        self.assert_found("gui/views/heap.cc", '#include "engine/observe/event.h"\n')
        self.assert_found("gui/views/heap.cc", '#include "telemetry/server/server.h"\n')
        self.assert_clean("gui/views/heap.cc", '#include "telemetry/replica/replica.h"\n#include <QWidget>\n')

    def test_workloads_include_the_facade_only(self):
        self.assert_found("workloads/lru_cache.cc", '#include "engine/gc/collector.h"\n')
        self.assert_found("workloads/lru_cache.cc", '#include "workloads/runner/run.h"\n')
        self.assert_found("workloads/lru_cache.cc", '#include "telemetry/model/result.h"\n')
        self.assert_clean("workloads/lru_cache.cc", '#include "engine/engine.h"\n#include "workloads/workload.h"\n')
        self.assert_clean("workloads/runner/run.cc", '#include "telemetry/probe/collector.h"\n')

    def test_include_paths_start_at_the_root(self):
        self.assert_found("engine/heap/mspan.cc", '#include "mspan.h"\n')

    def test_the_two_builds_differ_in_base_alone(self):
        self.assert_found("engine/heap/mspan.cc", "#ifdef SWEEPSCOPE_LABORATORY\n")
        self.assert_clean("engine/base/lock.cc", "#ifdef SWEEPSCOPE_LABORATORY\n")
        self.assert_clean("engine/heap/mspan.cc", "// SWEEPSCOPE_LABORATORY is for base/\n")


if __name__ == "__main__":
    unittest.main()
