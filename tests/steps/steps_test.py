#!/usr/bin/env python3
"""The two tools of this folder on small texts: only steps are removed; a difference is found."""
import unittest

import compare_code
import strip_steps


class StripSteps(unittest.TestCase):
    def assert_stripped(self, text, expected, steps):
        self.assertEqual(strip_steps.without_arguments(text), (expected, steps), text)

    def test_the_last_argument_of_an_access_goes(self):
        self.assert_stripped('s.store(h, kRelease, "a (b), c := h");', "s.store(h, kRelease);", ["a (b), c := h"])
        self.assert_stripped('if (w.compare_exchange(x, f(x, 1), kA,\n   kB, "one more")) {',
                             "if (w.compare_exchange(x, f(x, 1), kA,\n   kB)) {", ["one more"])
        self.assert_stripped('p.load(kAcquire,\n "look")', "p.load(kAcquire\n)", ["look"])

    def test_the_step_of_a_lock_and_of_a_guard_goes(self):
        self.assert_stripped('const Guard guard(m, heap.lock(), "lock");', "const Guard guard(m, heap.lock());", ["lock"])
        self.assert_stripped('if (!lock_.try_lock(m, "try")) return;', "if (!lock_.try_lock(m)) return;", ["try"])

    def test_the_first_argument_of_a_wait_goes(self):
        self.assert_stripped('w.wait_until("wait", [this, n] { return a.load(k, "x") == n; });',
                             "w.wait_until( [this, n] { return a.load(k) == n; });", ["x", "wait"])

    def test_other_texts_stay(self):
        for text in ('say("a", "b");', 'Operand{"span", id}', 'fail(m, "x");', '// s.store(h, k, "a")', "f(1'000, \"x\")",
                     'x.store(h, k, name("y"));'):
            self.assert_stripped(text, text, [])

    def test_parameters_go(self):
        self.assertEqual(strip_steps.without_parameters("void lock(Context& c, Step step);\nvoid f(P, Step) {"),
                         "void lock(Context& c);\nvoid f(P) {")
        self.assertEqual(strip_steps.without_parameters("void wait_until(Step, Predicate ready) {"),
                         "void wait_until(Predicate ready) {")


LISTING = """
0000000000000000 <f(int, sweepscope::engine::production::Step)>:
   0:\tmov    (%rdi),%eax
   2:\tcall   7 <f(int, sweepscope::engine::production::Step)+0x7>
\t\t\t3: R_X86_64_PLT32\tg(sweepscope::engine::production::Step)-0x4
   7:\tlea    -0x16f7(%rip),%rsi        # 10 <h>
   e:\tret
   f:\tnop
0000000000000010 <h>:
  10:\tjmp    12 <h+0x2>
"""


class CompareCode(unittest.TestCase):
    def differences(self, other):
        return list(compare_code.differences(compare_code.functions(LISTING), compare_code.functions(other)))

    def test_what_follows_a_call_and_numbers_of_constants_do_not_count(self):
        self.assertEqual(self.differences(LISTING.replace("call   7 <f(int, sweepscope::engine::production::Step)+0x7>",
                                                          "call   7 <other.part.0+0x2>")), [])
        constants = "0000000000000000 <f>:\n   0:\tlea    0x0(%rip),%rax\n\t\t\t3: R_X86_64_PC32\t.LC5-0x4\n" \
                    "   7:\tlea    0x0(%rip),%rdx\n\t\t\t3: R_X86_64_PC32\t.LC{}-0x4\n"
        listing = [compare_code.functions(constants.format(n)) for n in (7, 6, 5)]
        self.assertEqual(list(compare_code.differences(listing[0], listing[1])), [])
        self.assertNotEqual(list(compare_code.differences(listing[0], listing[2])), [])

    def test_step_parameters_addresses_and_padding_do_not_count(self):
        other = LISTING.replace(", sweepscope::engine::production::Step", "")
        other = other.replace("sweepscope::engine::production::Step", "").replace("-0x16f7", "-0x1111")
        other = other.replace("   f:\tnop\n", "").replace("0000000000000010", "0000000000000020")
        self.assertEqual(self.differences(other), [])

    def test_an_instruction_a_target_and_a_function_count(self):
        for one, other in (("   e:\tret", "   d:\tincl   (%rcx)\n   e:\tret"), ("(%rdi)", "(%rsi)"), ("# 10 <h>", "# 10 <f>"),
                           ("PLT32\tg", "PLT32\tk"), ("<h+0x2>", "<h+0x4>")):
            self.assertIn(one, LISTING)
            self.assertNotEqual(self.differences(LISTING.replace(one, other)), [], other)
        self.assertEqual(self.differences(LISTING[:LISTING.index("0000000000000010 <h>")]), ["only with steps: h"])


if __name__ == "__main__":
    unittest.main()
