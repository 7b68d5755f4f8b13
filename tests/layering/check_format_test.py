#!/usr/bin/env python3
"""Plants files that are not laid out and expects check_format.py to name each, and nothing else.

The clang-format of these tests is a script that takes blanks off the ends of lines: what the real one does is
its own affair, and the test beside this one asks it about the whole tree.
"""
import contextlib
import io
import os
import pathlib
import tempfile
import unittest
from unittest import mock

import check_format

SCRIPT = """#!/bin/sh
if [ "$1" = --version ]; then echo "Debian clang-format version {version}"; exit; fi
[ "$1" = -i ] && [ "$2" = --style=file ] && [ -f .clang-format ] || exit 1
shift 2
sed -i 's/ *$//' "$@"
"""


class CheckFormat(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "tree")
        self.programs = pathlib.Path(folder.name, "bin")
        self.programs.mkdir()
        self.plant(".clang-format", "BasedOnStyle: Google\n")

    def plant(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def install(self, name, version):
        program = self.programs / name
        program.write_text(SCRIPT.replace("{version}", version))
        program.chmod(0o755)

    def check(self):
        """The exit code and what it said, when only the programs installed here are to be had."""
        said = io.StringIO()
        path = {"PATH": f"{self.programs}{os.pathsep}{os.defpath}"}
        real = check_format.shutil.which
        here = lambda name: real(name, path=str(self.programs))
        which = mock.patch.object(check_format.shutil, "which", here)
        arguments = mock.patch.object(check_format.sys, "argv", ["check_format.py", str(self.root)])
        with mock.patch.dict(os.environ, path), which, arguments, contextlib.redirect_stdout(said):
            return check_format.main(), said.getvalue()

    def test_each_file_that_is_not_laid_out_is_named_with_its_first_such_line(self):
        self.install("clang-format", "14.0.6")
        self.plant("engine/heap/a.h", "int a;\n")
        self.plant("engine/heap/b.h", "int a;\nint b; \nint c; \n")
        self.plant("gui/c.cc", "int c;   \n")
        code, said = self.check()
        self.assertEqual(code, 1)
        self.assertIn("engine/heap/b.h:2: not as clang-format leaves it\n", said)
        self.assertIn("gui/c.cc:1: not as clang-format leaves it\n", said)
        self.assertIn("3 files, 2 not as clang-format leaves them\n", said)

    def test_the_command_that_mends_them_is_told_and_nothing_is_mended_unasked(self):
        self.install("clang-format", "14.0.6")
        self.plant("tests/b.cc", "int b; \n")
        said = self.check()[1]
        program = self.programs / "clang-format"
        self.assertIn(f"mend with: cd {self.root.resolve()} && {program} -i tests/b.cc\n", said)
        self.assertEqual((self.root / "tests/b.cc").read_text(), "int b; \n")

    def test_a_tree_that_is_laid_out_passes(self):
        self.install("clang-format", "14.0.6")
        self.plant("workloads/a.cc", "int a;\n")
        self.assertEqual(self.check(), (0, "1 files, 0 not as clang-format leaves them\n"))

    def test_what_is_no_source_of_ours_is_left_alone(self):
        self.install("clang-format", "14.0.6")
        self.plant("telemetry/a.cc", "int a;\n")
        for path in ("telemetry/README.md", "build/x.cc", "tests/interop/node_modules/x.h", "tests/x.py"):
            self.plant(path, "text \n")
        self.assertEqual(self.check()[0], 0)

    def test_a_folder_keeps_its_own_configuration(self):
        self.plant("tests/litmus/relacy/.clang-format", "DisableFormat: true\n")
        self.plant("tests/litmus/relacy/a.cc", "int a;\n")
        with tempfile.TemporaryDirectory() as folder:
            sources = check_format.copy(self.root, pathlib.Path(folder))
            self.assertEqual(sources, ["tests/litmus/relacy/a.cc"])
            self.assertTrue(pathlib.Path(folder, "tests/litmus/relacy/.clang-format").is_file())

    def test_a_tree_without_sources_does_not_pass(self):
        self.install("clang-format", "14.0.6")
        self.assertEqual(self.check()[0], 1)

    def test_without_clang_format_it_is_skipped(self):
        self.plant("engine/b.h", "int b; \n")
        self.assertEqual(self.check(), (check_format.SKIPPED, "skipped: clang-format 14 is not installed\n"))

    def test_another_version_does_not_judge(self):
        self.install("clang-format", "19.1.7")
        self.plant("engine/b.h", "int b; \n")
        code, said = self.check()
        self.assertEqual(code, check_format.SKIPPED)
        self.assertIn("only clang-format 14 judges, and this is Debian clang-format version 19.1.7", said)

    def test_the_right_version_beside_another_is_found(self):
        self.install("clang-format", "19.1.7")
        self.install("clang-format-14", "14.0.6")
        self.plant("engine/b.h", "int b; \n")
        self.assertEqual(self.check()[0], 1)

    def test_a_clang_format_that_fails_is_no_pass(self):
        self.install("clang-format", "14.0.6")
        self.plant("engine/b.h", "int b;\n")
        (self.programs / "clang-format").write_text(SCRIPT.replace("{version}", "14.0.6") + "exit 1\n")
        with self.assertRaises(SystemExit) as left:
            self.check()
        self.assertIn("failed", str(left.exception))


if __name__ == "__main__":
    unittest.main()
