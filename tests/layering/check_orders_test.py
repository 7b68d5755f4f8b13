#!/usr/bin/env python3
"""Plants memory orders without a reason and expects check_orders.py to find each, and nothing else."""
import pathlib
import tempfile
import unittest

import check_orders


class CheckOrders(unittest.TestCase):
    def count(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "engine/heap/x.h"
            file.parent.mkdir(parents=True)
            file.write_text(text)
            return len(check_orders.violations(pathlib.Path(folder))[0])

    def test_an_order_needs_a_reason(self):
        self.assertEqual(self.count('  gen.store(4, std::memory_order_release, "turn");\n'), 1)
        self.assertEqual(self.count('  // The turn.\n  gen.store(4, std::memory_order_release, "turn");\n'), 1)

    def test_the_reason_names_the_order_or_the_partner(self):
        access = '  gen.store(4, std::memory_order_release, "turn");\n'
        self.assertEqual(self.count("  // release: for the readers of h.\n" + access), 0)
        self.assertEqual(self.count("  // Pairs with the load in find().\n" + access), 0)
        self.assertEqual(self.count("  // relaxed: ours.\n" + access), 1)

    def test_the_reason_is_near(self):
        access = '  gen.store(4, std::memory_order_release, "turn");\n'
        self.assertEqual(self.count("  // release: for the readers of h.\n\n" + access), 1)
        self.assertEqual(self.count("  // release: for the readers of h.\n" + "  f();\n" * 12 + access), 1)

    def test_a_declaration_gives_the_reason_of_the_orders_it_names(self):
        uses = '\n  live.fetch_add(1, std::memory_order_relaxed, "a");\n\n  live.load(std::memory_order_acquire, "b");\n'
        self.assertEqual(self.count("Shared<int> live;\n" + uses), 2)
        self.assertEqual(self.count("Shared<int> live;  // relaxed: a counter\n" + uses), 1)
        self.assertEqual(self.count("// relaxed counters\nShared<int> other;\nShared<int> live;\n" + uses), 1)


if __name__ == "__main__":
    unittest.main()
