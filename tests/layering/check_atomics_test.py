#!/usr/bin/env python3
"""Plants shared words that do not use engine/base and expects check_atomics.py to find each."""
import pathlib
import tempfile
import unittest

import check_atomics


class CheckAtomics(unittest.TestCase):
    def violations(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True)
            file.write_text(text)
            return check_atomics.violations(pathlib.Path(folder))[0]

    def test_a_shared_word_outside_base_is_found(self):
        for text in ("std::atomic<uint32_t> sweepers{0};", "__atomic_fetch_add(&x, 1, __ATOMIC_RELAXED);", "std::mutex m;",
                     "thread_local int p;", "std::atomic_ref<uint32_t>(gen).store(4);", "volatile bool stop;",
                     "std::atomic_thread_fence(std::memory_order_seq_cst);"):
            self.assertEqual(len(self.violations("engine/heap/mheap.h", text + "\n")), 1, text)

    def test_base_listed_words_and_comments_are_accepted(self):
        self.assertEqual(self.violations("engine/base/shared.h", "std::atomic<T> value_{};\n"), [])
        self.assertEqual(self.violations("engine/gc/pacing.h", "  std::atomic<uint32_t> gogc_;\n"), [])
        self.assertEqual(self.violations("engine/gc/m.h", "// never thread_local\n"), [])

    def test_a_listed_word_is_accepted_only_in_its_file(self):
        self.assertEqual(len(self.violations("engine/heap/mheap.h", "std::atomic<uint32_t> gogc_;\n")), 1)

    def test_init_of_a_live_word_is_found(self):
        self.assertEqual(len(self.violations("engine/sched/sched.cc", "  size_.init(size_.peek() + 1);\n")), 1)
        self.assertEqual(len(self.violations("engine/sched/sched.cc", "  granted_.init(1);\n")), 1)
        self.assertEqual(self.violations("engine/sched/permits.cc", "  granted_.init(count);\n"), [])
        self.assertEqual(self.violations("engine/sched/sched.cc", "  size_.put(1);\n"), [])
        self.assertEqual(self.violations("engine/sched/stop.cc", "    p.mcache.init(heap_, p.id, h);\n"), [])


if __name__ == "__main__":
    unittest.main()
