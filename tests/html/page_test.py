#!/usr/bin/env python3
"""Exported pages in headless Chromium: they open from a file without a request, step, ask, restore links, show text as
text.

    page_test.py SWEEPCTL       exit code 77 (skipped) where there is no Chromium
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import chromium

SWEEPCTL = ""
BROWSER = None

HOSTILE_WORDS = "</script><script>hurt=1</script><img src=x onerror=\"hurt=2\"><!--' & </style>"
HOSTILE = f"""sweepscope-lesson 1
id: hostile
title: {HOSTILE_WORDS}
summary: {HOSTILE_WORDS}
minutes: 1
scenario: two-cycles
procs: 2
spans: 2

== {HOSTILE_WORDS[:40]}
text: {HOSTILE_WORDS}
word: {HOSTILE_WORDS[:20]}: {HOSTILE_WORDS}
setup: collector until T2 of span 3
predict: {HOSTILE_WORDS}
  ( ) {HOSTILE_WORDS}
  (x) {HOSTILE_WORDS} right
because: {HOSTILE_WORDS}
goal: collector until sg rises
hands-on: {HOSTILE_WORDS}
done: sg is 6
then: {HOSTILE_WORDS}
takeaway: {HOSTILE_WORDS}
"""

# What the tests ask of a page.
ROWS_OF_THE_TABLE = """[...document.querySelectorAll('#twin .span-table tbody tr')]
    .map((row) => [...row.children].map((cell) => cell.textContent))"""
ROWS_OF_OBJECTS = """[...document.querySelectorAll('#twin .object-table tbody tr')]
    .map((row) => [...row.children].map((cell) => cell.textContent))"""
LETTERS_OF_OBJECTS = """[...document.querySelectorAll('.graph .colour-letter')].map((text) => text.textContent).join('')"""
CARDS_OF_REGIONS = """[...document.querySelectorAll('.region')]
    .map((region) => [region.querySelector('h3').textContent,
                      [...region.querySelectorAll('h4')].map((title) => title.textContent)])"""
UNNAMED_CONTROLS = """[...document.querySelectorAll('button, input, summary')]
    .filter((control) => !control.getAttribute('aria-label') && !control.textContent.trim() &&
                         ![...(control.labels || [])].some((label) => label.innerText.trim()))
    .map((control) => control.outerHTML)"""
OVERLAPPING_CONTROLS = """[...document.querySelectorAll('.controls > *')].filter((node) => node.offsetWidth > 0)
    .filter((node, place, all) => node.scrollWidth > node.clientWidth ||
        (place > 0 && node.getBoundingClientRect().left < all[place - 1].getBoundingClientRect().right))
    .map((node) => node.id)"""
SMALL_TEXTS = """[...document.body.querySelectorAll('*')]
    .filter((node) => !node.closest('script, style, noscript, svg') &&
                      [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()) &&
                      parseFloat(getComputedStyle(node).fontSize) < 16)
    .map((node) => node.outerHTML)"""
UNLABELLED_PICTURES = """[...document.querySelectorAll('svg')]
    .filter((picture) => picture.getAttribute('aria-hidden') !== 'true' && !picture.getAttribute('aria-label'))
    .map((picture) => picture.outerHTML)"""


def recording_of(path):
    html = pathlib.Path(path).read_text(encoding="utf-8")
    return json.loads(re.search(r'id="recording">(.*?)</script>', html, re.S).group(1))


def makes_arc(text):
    return re.search(r"\(T[^(]*\)$", text) is not None


def stops_of(recording, beat):
    """Where "next" stops in a lesson, as gui/models/lesson_run.cc has it."""
    steps = [recording["nodes"][node]["step"] for node in beat["nodes"]]
    stops, quiet = [0], True
    for at in range(1, len(steps)):
        step, after = steps[at], steps[at + 1] if at + 1 < len(steps) else None
        quiet = quiet and step["quiet"]
        within = (after is not None and step["kind"] == after["kind"] == "access" and
                  step["thread"] == after["thread"] and not makes_arc(step["text"]) and step["outcome"] == "running")
        if after is None or not (quiet or within):
            stops.append(at)
            quiet = True
    return stops


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="pages.")
        cls.export("--out", cls.folder.name)
        cls.lessons = {path.name for path in pathlib.Path(cls.folder.name).iterdir()} - {"index.html"}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def export(cls, *arguments):
        subprocess.run([SWEEPCTL, "export", "--to", "html", *arguments], check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def path(cls, name):
        return f"{cls.folder.name}/{name}.html"

    def open(self, name, link="", **how):
        page = BROWSER.open(f"file://{self.path(name)}{link}", **how)
        self.addCleanup(page.close)
        return page

    def assert_quiet(self, page):
        self.assertEqual([url for url in page.requests() if not url.startswith(f"file://{self.folder.name}/")], [])
        self.assertEqual(page.complaints(), [])

    def at(self, page):
        return page.run("document.body.dataset.at")

    def test_opens_every_step_of_every_lesson_without_request_or_error(self):
        for path in sorted(pathlib.Path(self.folder.name).glob("lesson-*.html")):
            page = self.open(path.stem)
            beats = recording_of(path)["beats"]
            self.assertEqual(page.run("RECORDING.beats.length"), len(beats))
            for number, beat in enumerate(beats):
                for step in range(len(beat["nodes"])):
                    page.run(f"goTo({{beat: {number}, step: {step}}})")
            self.assert_quiet(page)
            self.assertEqual(len(page.requests()), 1)  # the page itself
            page.close()

    def test_the_index_links_every_page(self):
        page = self.open("index")
        links = page.run("[...document.querySelectorAll('a')].map((link) => link.href)")
        self.assertEqual({link.rsplit("/", 1)[1] for link in links}, self.lessons)
        self.assert_quiet(page)

    def test_keys_step_forward_and_back(self):
        page = self.open("lesson-2")
        page.run("ANSWERS.set(0, 'skipped'); draw(null)")
        opens = self.at(page)
        page.key("ArrowRight")
        self.assertNotEqual(self.at(page), opens)
        self.assertIn("sg 6", page.text(".sg"))
        # The turn changes each span but the stack, whose distance has no meaning.
        changed = page.run("[...document.querySelectorAll('.cards .changed h4')].map((title) => title.textContent)")
        self.assertEqual(changed, ["span 2", "span 3", "span 1"])
        page.key("ArrowLeft")
        self.assertEqual(self.at(page), opens)
        self.assertIn("sg 4", page.text(".sg"))
        page.key("PageDown")
        self.assertIn("beat=2", self.at(page))
        self.assertIn("Sweeping", page.text("#beat-title"))
        page.run("ANSWERS.set(1, 'skipped'); draw(null)")
        page.key("End")
        last = self.at(page)
        page.key("Home")
        self.assertNotEqual(self.at(page), last)
        page.key("PageUp")
        self.assertEqual(self.at(page), opens)
        self.assert_quiet(page)

    def test_next_stops_where_the_dashboard_does_and_counts_what_it_passed(self):
        folded = 0
        for path in sorted(pathlib.Path(self.folder.name).glob("lesson-*.html")):
            recording = recording_of(path)
            page = self.open(path.stem)
            for number, beat in enumerate(recording["beats"]):
                page.run(f"ANSWERS.set({number}, 'skipped'); goTo({{beat: {number}, step: 0}})")
                expected = stops_of(recording, beat)
                forward = [0]
                while forward[-1] < len(beat["nodes"]) - 1:
                    before = forward[-1]
                    page.key("ArrowRight")
                    forward.append(page.run("at.step"))
                    self.assertGreater(forward[-1], before)
                    quiet = sum(recording["nodes"][node]["step"]["quiet"]
                                for node in beat["nodes"][before + 1:forward[-1] + 1])
                    caption = page.text("#caption")
                    if "nothing on the board" in caption:
                        folded += 1
                        self.assertLessEqual(int(re.search(r"and (\d+) steps? that change", caption).group(1)), quiet)
                self.assertEqual(forward, expected, f"{path.stem}, beat {number + 1}")
                self.assertIn(f"{len(expected) - 1} of {len(expected) - 1}" if len(expected) > 1 else "no steps",
                              page.text("#position"))
                for stop in reversed(expected[:-1]):
                    page.key("ArrowLeft")
                    self.assertEqual(page.run("at.step"), stop)
            self.assert_quiet(page)
            page.close()
        self.assertGreater(folded, 10)

    def test_buttons_step_as_the_keys_do(self):
        page = self.open("lesson-B3")
        page.run("ANSWERS.set(0, 'skipped'); draw(null)")
        opens = self.at(page)
        page.click("#forward")
        after = self.at(page)
        self.assertNotEqual(after, opens)
        page.click("#back")
        self.assertEqual(self.at(page), opens)
        page.click("#threads button")  # the recorded step of its thread
        self.assertEqual(self.at(page), after)
        page.click("#last")
        self.assertEqual(page.run("document.getElementById('forward').getAttribute('aria-disabled')"), "true")
        page.click("#forward")
        self.assert_quiet(page)

    def test_question_comes_before_the_step_and_its_answer_after(self):
        page = self.open("lesson-2")
        opens = self.at(page)
        page.key("ArrowRight")
        self.assertEqual(self.at(page), opens)
        self.assertIn("Predict first", page.text("#answer"))
        self.assertIsNone(page.run("document.querySelector('#threads button')"))
        page.click(".quiz .main")
        self.assertIn("Choose an answer first", page.text("#answer"))
        page.click(".quiz label:nth-of-type(1) input")
        page.click(".quiz .main")
        self.assertIn("is noted", page.text("#answer"))
        self.assertNotIn("The engine adds 2 to sg", page.text("#card"))
        page.key("ArrowRight")
        self.assertIn("Not so. It is: None.", page.text("#answer"))
        self.assertIn("The engine adds 2 to sg", page.text("#card"))
        page.key("PageDown")
        page.click(".quiz label:nth-of-type(2) input")
        page.click(".quiz .main")
        page.key("End")
        self.assertIn("Right.", page.text("#answer"))
        self.assertIn("The turn writes one number", page.text("#card"))
        self.assert_quiet(page)

    def test_a_hidden_fault_is_named_after_the_answer(self):
        page = self.open("lesson-exam")
        recording = recording_of(self.path("lesson-exam"))
        exams = 0
        for number, beat in enumerate(recording["beats"]):
            fault = recording["runs"][beat["run"]]["fault"]
            if not fault:
                continue
            page.run(f"goTo({{beat: {number}, step: 0}})")
            for step in range(len(beat["nodes"])):
                page.run(f"goTo({{beat: {number}, step: {step}}})")
                self.assertNotIn(fault, page.text("body"))
            if beat["predict"]:
                self.assertIn("left out: one rule", page.text("#setup"))
                page.click(".quiz label:nth-of-type(1) input")
                page.click(".quiz .main")
                self.assertIn(f"left out: {fault}", page.text("#setup"))
                exams += 1
        self.assertEqual(exams, 3)
        self.assert_quiet(page)

    def test_the_pacer_is_on_the_board_in_words_and_as_a_bar(self):
        page = self.open("lesson-B5")
        self.assertRegex(page.text(".pacing"), r"heap live \d+ KiB\s+trigger \d+ KiB\s+goal \d+ KiB\s+GOGC 100")
        self.assertEqual(page.run("document.querySelectorAll('.pacing > svg .mark').length"), 2)
        self.assertIsNone(self.open("lesson-2").run("document.querySelector('.pacing')"))

    def test_links_restore_exactly(self):
        page = self.open("lesson-2")
        beat = recording_of(self.path("lesson-2"))["beats"][1]
        for step in (0, 5, len(beat["nodes"]) - 1):
            page.run(f"goTo({{beat: 1, step: {step}}})")
            link, board, twin = page.run("location.hash"), page.text("#board"), page.text("#ruler")
            again = self.open("lesson-2", link)
            self.assertEqual(self.at(again), link)
            self.assertEqual((again.text("#board"), again.text("#ruler")), (board, twin))
            self.assertEqual(again.run("at"), {"beat": 1, "step": step})
        page.run("location.hash = '#beat=1'")
        page.browser.wait(lambda: self.at(page).startswith("#beat=1&"))
        self.assert_quiet(page)

    def test_links_of_any_text_open_a_place_that_exists(self):
        for link in ("#beat=99&step=1", "#beat=0&step=0", "#beat=-1&step=x", "#step=99999999999", "#step=160",
                     "#%00%ff", "#beat=1e3", "#beat=1.5&step=1.5",
                     "#<img src=x onerror=alert(1)>", "#__proto__=1&beat=2"):
            page = self.open("lesson-2", link)
            self.assertRegex(self.at(page), r"^#beat=[12]&step=[0-9]+$", link)
            self.assert_quiet(page)

    def test_table_and_cards_show_what_was_recorded(self):
        for name in ("lesson-5", "lesson-7", "lesson-8"):
            with self.subTest(name):
                self.compare(name)

    def compare(self, name):
        recording = recording_of(self.path(name))
        page = self.open(name)
        shared = recording["shared"]
        names = {"needs": "needs sweep", "sweeping": "being swept", "swept": "swept, ready", "stale": "stale cached",
                 "cached": "cached", "illegal": "illegal"}
        for number, beat in enumerate(recording["beats"]):
            for step, node in enumerate(beat["nodes"]):
                view = recording["nodes"][node]["view"]
                board = view["board"]
                page.run(f"goTo({{beat: {number}, step: {step}}})")
                rows = page.run(ROWS_OF_THE_TABLE)
                spans = [shared["spans"][place] for place in board["spans"]]
                self.assertEqual([row[0] for row in rows], [f"span {span['id']}" for span in spans])
                for row, span in zip(rows, spans):
                    if span["place"] in ("free", "manual"):
                        self.assertIn(row[1], ("free", "stack"))
                        continue
                    self.assertEqual(row[1], names[span["state"]])
                    self.assertEqual(int(row[2].replace("\u2212", "-")), span["distance"])
                    self.assertEqual(int(row[3]), span["sweepgen"])
                    self.assertTrue(row[7].startswith(f"{span['alloc'].count('1')} of {len(span['alloc'])} set"))
                    self.assertTrue(row[8].startswith(f"{span['mark'].count('1')} of {len(span['mark'])} set"))
                places = dict(page.run(CARDS_OF_REGIONS))
                for p in (shared["ps"][place] for place in board["ps"]):
                    cached = [f"span {s['id']}" for s in spans if s["place"] == "cache" and s["p"] == p["id"]]
                    self.assertEqual(places[f"Cache of P{p['id']}"], cached)
                self.assertEqual(page.run("document.querySelectorAll('.cards > li').length"), len(spans))
                self.assertEqual(page.run("document.querySelector('.fired') !== null"),
                                 view["verdict"]["outcome"] == "violation")

    def test_objects_and_roots_show_what_was_recorded(self):
        recording = recording_of(self.path("lesson-B4"))
        page = self.open("lesson-B4")
        words = {"none": "", "white": "W", "grey": "G", "black": "B", "freed": "F"}
        scans = {"scanned": "scanned", "waiting": "not scanned"}
        colours = set()
        for number, beat in enumerate(recording["beats"]):
            for step, node in enumerate(beat["nodes"]):
                board = recording["nodes"][node]["view"]["board"]
                page.run(f"goTo({{beat: {number}, step: {step}}})")
                objects = [recording["shared"]["objects"][place] for place in board["objects"]]
                rows = page.run(ROWS_OF_OBJECTS)
                self.assertEqual(len(rows), len(objects) + len(board["roots"]))
                for row, thing in zip(rows, objects):
                    self.assertEqual(row[0], f"object {thing['number']}")
                    if thing["colour"] != "none":
                        self.assertTrue(row[1].startswith(thing["colour"]), row)
                    refers = ", ".join(f"object {n}" for n in thing["refs"] if n) or "nothing"
                    self.assertEqual(row[2:], [refers, f"span {thing['span']}, slot {thing['slot']}"])
                for row, root in zip(rows[len(objects):], board["roots"]):
                    self.assertEqual(row[1], scans.get(root["scan"], row[1]))
                    self.assertEqual(row[2], ", ".join(f"object {n}" for n in root["objects"]) or "nothing")
                self.assertEqual(page.run(LETTERS_OF_OBJECTS), "".join(words[thing["colour"]] for thing in objects))
                arrows = sum(len({n for n in held if n}) for held in
                             [thing["refs"] for thing in objects] + [root["objects"] for root in board["roots"]])
                self.assertEqual(page.run("document.querySelectorAll('.graph path.reference-head').length"), arrows)
                colours |= {thing["colour"] for thing in objects}
        self.assertEqual(colours, set(words))
        self.assert_quiet(page)

    def test_two_typed_numbers_make_a_state(self):
        page = self.open("lesson-1", "#beat=4")
        for sg, sweepgen, words in ((6, 4, "needs sweep"), (6, 5, "being swept"), (6, 6, "swept, ready"),
                                    (6, 7, "stale cached"), (6, 9, "cached"), (6, 8, "illegal"), (7, 7, "it is even"),
                                    ("x", 1, "two whole numbers"), ("", "", "two whole numbers")):
            page.run(f"document.querySelector('.typing').elements.sg.value = '{sg}';"
                     f"document.querySelector('.typing').elements.sweepgen.value = '{sweepgen}'")
            page.click(".typing button")
            self.assertIn(words, page.text(".typed"))
        self.assertEqual(page.run("document.querySelectorAll('.done-list li:not(.done)').length"), 0)
        self.assert_quiet(page)

    def test_text_of_a_hostile_lesson_is_text(self):
        lesson = pathlib.Path(self.folder.name, "hostile.lesson")
        lesson.write_text(HOSTILE, encoding="utf-8")
        self.export(str(lesson), "--out", self.folder.name)
        self.addCleanup(pathlib.Path(self.path("lesson-hostile")).unlink)
        page = self.open("lesson-hostile")
        page.click(".quiz label:nth-of-type(1) input")
        page.click(".quiz .main")
        page.key("End")
        for place in ("#title", "#card p:nth-of-type(3)", "legend", ".choice.right", ".because", ".takeaway",
                      ".hands-on"):
            self.assertIn(HOSTILE_WORDS, page.text(place), place)
        self.assertIn(HOSTILE_WORDS, page.run("document.title"))
        self.assertIsNone(page.run("window.hurt"))
        self.assertEqual(page.run("document.images.length"), 0)
        self.assert_quiet(page)

    def test_policy_stops_scripts_and_requests(self):
        page = self.open("lesson-B3")
        page.run("""{
          window.stopped = new Set();
          document.addEventListener('securitypolicyviolation', (event) => window.stopped.add(event.effectiveDirective));
          const script = document.createElement('script');
          try { script.textContent = 'window.hurt = 1'; } catch (error) { script.append('window.hurt = 2'); }
          try { document.body.append(script); } catch (error) {}
          try { document.body.insertAdjacentHTML('beforeend', '<p>x</p>'); } catch (error) { window.refused = 1; }
          document.body.setAttribute('style', 'color: red');
          const image = new Image(), other = document.createElement('iframe');
          image.src = 'http://127.0.0.1:9/x.png';
          other.src = 'http://127.0.0.1:9/';
          document.body.append(image, other);
          fetch('http://127.0.0.1:9/').catch(() => 0);
        }""")
        stops = {"img-src", "connect-src", "frame-src", "style-src-attr", "require-trusted-types-for"}
        page.browser.wait(lambda: stops <= set(page.run("[...window.stopped]")))
        self.assertEqual((page.run("window.hurt"), page.run("window.refused")), (None, 1))

    def test_every_control_has_a_name_and_text_is_large_enough(self):
        for name, link in (("lesson-7", "#beat=2&step=999"), ("lesson-1", "#beat=4"), ("lesson-9", ""),
                           ("lesson-B4", "#beat=4")):
            page = self.open(name, link)
            self.assertEqual(page.run(UNNAMED_CONTROLS), [])
            self.assertEqual(page.run(SMALL_TEXTS), [])
            self.assertEqual(page.run(UNLABELLED_PICTURES), [])
            ids = page.run("[...document.querySelectorAll('[id]')].map((n) => n.id)")
            self.assertEqual(len(ids), len(set(ids)))

    def test_keyboard_alone_answers_and_steps(self):
        page = self.open("lesson-2")
        page.run("document.querySelector('.quiz input').focus()")
        page.key(" ")
        page.key("Enter")
        self.assertIn("is noted", page.text("#answer"))
        page.key("ArrowRight")
        self.assertIn("Not so", page.text("#answer"))
        page.key("ArrowRight")  # at the end of a beat: the next one
        self.assertEqual(page.run("document.activeElement.id"), "beat-title")
        self.assert_quiet(page)

    def test_fits_wide_and_narrow_screens_in_both_schemes(self):
        for width, height in ((1280, 800), (390, 844)):
            for scheme in ("light", "dark"):
                for name in ("lesson-7", "lesson-B4"):
                    page = self.open(name, "#beat=2&step=999", width=width, height=height, scheme=scheme)
                    self.assertLessEqual(page.run("document.documentElement.scrollWidth"), width)
                    self.assertEqual(page.run(OVERLAPPING_CONTROLS), [])
                    page.close()

    def test_prints_on_white_without_buttons(self):
        page = self.open("lesson-2")
        page.media("print")
        self.assertEqual(page.run("getComputedStyle(document.querySelector('#board')).backgroundColor"),
                         "rgb(255, 255, 255)")
        self.assertEqual(page.run("getComputedStyle(document.querySelector('.controls')).display"), "none")

    def test_a_schedule_opens_in_its_last_cycle_and_ends_with_the_verdict(self):
        schedule = f"{self.folder.name}/found.schedule.txt"
        subprocess.run([SWEEPCTL, "explore", "--fault", "acquirep-no-flush", "--seed", "1", "--quiet",
                        "--out", schedule], check=False)  # exit code 1: it found a violation
        self.export(schedule, "--out", self.folder.name)
        self.addCleanup(pathlib.Path(self.path("found")).unlink)
        page = self.open("found")
        self.assertIn("acquirep-no-flush", page.text("#title"))
        self.assertEqual(page.run("at.step"), recording_of(self.path("found"))["beats"][0]["opens"])
        self.assertGreater(page.run("at.step"), 0)
        page.key("End")
        self.assertIn("I1", page.text(".fired"))
        page.key("Home")
        self.assertIsNone(page.run("document.querySelector('.fired')"))
        self.assert_quiet(page)


def main():
    global SWEEPCTL, BROWSER
    program = chromium.find()
    if program is None:
        print("skipped: there is no chromium (tests/setup installs it)")
        return 77
    SWEEPCTL = sys.argv[1]
    BROWSER = chromium.Browser(program)
    try:
        return 0 if unittest.main(argv=sys.argv[:1] + sys.argv[2:], exit=False).result.wasSuccessful() else 1
    finally:
        BROWSER.close()


if __name__ == "__main__":
    sys.exit(main())
