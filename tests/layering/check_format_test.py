#!/usr/bin/env python3
"""Plants unformatted files and expects check_format.py to refuse them, and nothing else."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import check_format

CHECKER = pathlib.Path(check_format.__file__)


class CheckFormat(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "tree")
        self.programs = pathlib.Path(folder.name, "bin")
        self.programs.mkdir()
        self.plant(".clang-format", "BasedOnStyle: Google\nFixNamespaceComments: false\n")

    def plant(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self, path=os.environ["PATH"]):
        return subprocess.run([sys.executable, "-B", CHECKER, self.root], capture_output=True, text=True,
                              env={**os.environ, "PATH": path})

    def check_or_skip(self):
        done = self.check()
        if done.returncode == check_format.SKIPPED:
            self.skipTest(done.stdout)
        return done

    def test_an_unformatted_file_is_named_and_not_changed(self):
        self.plant("engine/a.h", "int a;\n")
        self.plant("engine/heap/b.h", "int a;\nint   b;\n")
        done = self.check_or_skip()
        self.assertEqual(done.returncode, 1)
        self.assertIn("engine/heap/b.h:2", done.stderr)
        self.assertNotIn("engine/a.h", done.stderr)
        self.assertEqual((self.root / "engine/heap/b.h").read_text(), "int a;\nint   b;\n")

    def test_a_formatted_tree_passes(self):
        self.plant("workloads/a.cc", "namespace a::inline B {\nint a;\n}  // namespace a::inline B\n")
        self.assertEqual(self.check_or_skip().returncode, 0)

    def test_files_outside_the_sources_are_not_checked(self):
        self.plant("telemetry/a.cc", "int a;\n")
        self.plant("tests/litmus/relacy/.clang-format", "DisableFormat: true\n")
        for path in ("telemetry/README.md", "build/x.cc", "tests/node_modules/x.h", "tests/litmus/relacy/x.cc"):
            self.plant(path, "int   x;\n")
        self.assertEqual(self.check_or_skip().returncode, 0)

    def test_a_tree_without_sources_fails(self):
        self.assertEqual(self.check_or_skip().returncode, 1)

    def test_without_the_required_version_it_is_skipped(self):
        self.plant("engine/b.h", "int   b;\n")
        self.assertEqual(self.check(str(self.programs)).returncode, check_format.SKIPPED)
        other = self.programs / "clang-format"
        other.write_text("#!/bin/sh\necho 'Debian clang-format version 19.1.7'\n")
        other.chmod(0o755)
        self.assertEqual(self.check(f"{self.programs}:/nowhere").returncode, check_format.SKIPPED)


if __name__ == "__main__":
    unittest.main()
