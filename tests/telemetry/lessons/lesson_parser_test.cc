// Lesson files: what is read, and that each mistake is named with file, line and reason.
#include "telemetry/lessons/lesson_parser.h"

#include <gtest/gtest.h>

#include <random>

#include "telemetry/lessons/catalogue.h"

namespace sweepscope::telemetry::lessons {
namespace {

// Line 1 is the magic, 2 to 5 the head, 6 the beat, 7 its text, 8 the takeaway.
constexpr std::string_view kShortest =
    "sweepscope-lesson 1\n"
    "id: X\n"
    "title: A title\n"
    "minutes: 3\n"
    "scenario: sweep\n"
    "== First\n"
    "text: Some text.\n"
    "takeaway: Short.\n";

std::string errors_of(std::string_view text) {
  std::string all;
  for (const std::string& error : parse_lesson("f.lesson", text).errors) all += error + "\n";
  return all;
}

std::string with(std::string_view more) { return std::string(kShortest) + std::string(more); }

// The error of a lesson to which these lines were added, the first of which is line 9.
void expect_error(std::string_view more, std::string_view error) {
  const std::string errors = errors_of(with(more));
  EXPECT_NE(errors.find(error), std::string::npos) << more << "\n" << errors;
}

TEST(LessonParser, ReadsTheShortestLesson) {
  const ParsedLesson parsed = parse_lesson("f.lesson", kShortest);
  ASSERT_TRUE(parsed.lesson) << errors_of(kShortest);
  EXPECT_EQ(parsed.lesson->id, "X");
  EXPECT_EQ(parsed.lesson->minutes, 3u);
  ASSERT_EQ(parsed.lesson->runs.size(), 1u);
  EXPECT_EQ(parsed.lesson->runs[0].setup.scenario, "sweep");
  EXPECT_EQ(parsed.lesson->runs[0].setup.policy, "lazy");
  ASSERT_EQ(parsed.lesson->beats.size(), 1u);
  EXPECT_EQ(parsed.lesson->beats[0].name, "First");
  EXPECT_EQ(parsed.lesson->beats[0].line, 6u);
  EXPECT_EQ(parsed.lesson->beats[0].text, std::vector<std::string>{"Some text."});
}

TEST(LessonParser, ReadsEveryPartOfABeat) {
  const std::string text = with(
      "# a comment\n"
      "== Second\n"
      "text: One line\n"
      "  and its end.\n"
      "\n"
      "  A paragraph.\n"
      "restart: fault acquirep-no-flush, check I1=note, check I6=off\n"
      "setup: mutator 1 until at a choice\n"
      "word: turn: sg grows\n"
      "predict: How\n"
      "  many?\n"
      "  ( ) One\n"
      "  (x) Two\n"
      "    or more\n"
      "because: So.\n"
      "choose: mutator 1: allocate, move to P1\n"
      "goal: mutator 1 until T2 of span 3 in accesses with help of mutator 2, main\n"
      "then: After.\n"
      "spotlight: sg, span 3, cache of P1, thread mutator 1, objects, object 3\n"
      "hands-on: Do it.\n"
      "done: sg is 6\n"
      "done: the student types stale\n"
      "claim: 2 spans need sweep\n"
      "notes: Secret.\n");
  const ParsedLesson parsed = parse_lesson("f.lesson", text);
  ASSERT_TRUE(parsed.lesson) << errors_of(text);
  ASSERT_EQ(parsed.lesson->beats.size(), 2u);
  const Beat& beat = parsed.lesson->beats[1];
  EXPECT_EQ(beat.text, (std::vector<std::string>{"One line and its end.", "A paragraph."}));
  EXPECT_EQ(beat.run, 1u);
  const BenchSetup& setup = parsed.lesson->runs[1].setup;
  EXPECT_EQ(setup.fault, "acquirep-no-flush");
  EXPECT_EQ(setup.checks, (std::vector<std::string>{"I1=note", "I6=off"}));
  EXPECT_EQ(setup.scenario, "sweep");
  ASSERT_TRUE(beat.prediction);
  EXPECT_EQ(beat.prediction->question, "How many?");
  EXPECT_EQ(beat.prediction->choices, (std::vector<std::string>{"One", "Two or more"}));
  EXPECT_EQ(beat.prediction->right, 1u);
  EXPECT_EQ(beat.prediction->because, "So.");
  ASSERT_EQ(beat.acts.size(), 3u);
  EXPECT_EQ(beat.acts[0].kind, Act::Kind::kSetup);
  EXPECT_EQ(beat.acts[0].until.kind, Condition::Kind::kMustChoose);
  EXPECT_EQ(beat.acts[1].choices, (std::vector<std::string>{"allocate", "move to P1"}));
  const Act& goal = beat.acts[2];
  EXPECT_EQ(goal.thread, "mutator 1");
  EXPECT_EQ(goal.until.arc, "T2");
  EXPECT_EQ(goal.until.span, 3u);
  EXPECT_TRUE(goal.in_accesses);
  EXPECT_TRUE(goal.help);
  EXPECT_EQ(goal.helpers, (std::vector<std::string>{"mutator 2", "main"}));
  ASSERT_EQ(beat.spotlights.size(), 6u);
  EXPECT_EQ(beat.spotlights[1].number, 3u);
  EXPECT_EQ(beat.spotlights[3].thread, "mutator 1");
  EXPECT_EQ(beat.spotlights[4].on, Spotlight::On::kObjects);
  EXPECT_EQ(beat.spotlights[5].on, Spotlight::On::kObject);
  EXPECT_EQ(beat.spotlights[5].number, 3u);
  ASSERT_TRUE(beat.hands_on);
  EXPECT_EQ(beat.hands_on->done.size(), 2u);
  ASSERT_EQ(beat.claims.size(), 1u);
  EXPECT_EQ(beat.claims[0].line, 31u);
  EXPECT_EQ(beat.notes, std::vector<std::string>{"Secret."});
}

TEST(LessonParser, AcceptsAFileFromWindows) {
  std::string text = "\xEF\xBB\xBF";
  for (const char c : kShortest) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_TRUE(parse_lesson("f", text).lesson) << errors_of(text);
}

TEST(LessonParser, NamesAMissingPartOfTheHead) {
  for (const std::string_view key : {"id", "title", "minutes", "scenario"}) {
    std::string text(kShortest);
    const size_t at = text.find("\n" + std::string(key) + ":") + 1;
    text.erase(at, text.find('\n', at) + 1 - at);
    EXPECT_EQ(errors_of(text), "f.lesson:1: the head has no '" + std::string(key) + "'\n");
  }
}

TEST(LessonParser, NamesEachMistakeWithItsLine) {
  expect_error("nonsense\n", "f.lesson:9: expected 'key: value'");
  expect_error("colour: red\n", "f.lesson:9: 'colour' is no key of a beat");
  expect_error("text: twice\n", "f.lesson:9: there is a second 'text'");
  expect_error("then:\n", "f.lesson:9: 'then' has no value");
  expect_error("goal: mutator 1 to T2\n", "f.lesson:9: a goal reads");
  expect_error("goal: mutator 1 until tea\n", "f.lesson:9: 'tea' is no condition");
  expect_error("goal: mutator 1 until T2 with help from main\n", "f.lesson:9: after 'with help'");
  expect_error("goal: mutator 1 until the student types stale\n",
               "f.lesson:9: no thread can reach this goal");
  expect_error("goal: a until T2\nsetup: a until T3\n", "f.lesson:10: a 'setup' stands before the goals");
  expect_error("choose: mutator 1\n", "f.lesson:9: choices read");
  expect_error("choose: mutator 1: a,,b\n", "f.lesson:9: a choice has no name");
  expect_error("claim: span 3 is green\n", "f.lesson:9: 'span 3 is green' is no condition");
  expect_error("claim: the student types stale\n", "f.lesson:9: a claim is about the engine");
  expect_error("word: turn\n", "f.lesson:9: a word reads");
  expect_error("word: a: b\nword: a: c\n", "f.lesson:10: the word 'a' is explained twice");
  expect_error("because: so\n", "f.lesson:9: 'because' follows a 'predict'");
  expect_error("done: sg is 6\n", "f.lesson:9: 'done' follows a 'hands-on'");
  expect_error("hands-on: go\n", "f.lesson:6: the hands-on step of beat 'First' needs a 'done'");
  expect_error("spotlight: moon\n", "f.lesson:9: 'moon' is no place for a spotlight");
  expect_error("restart: no fault\n", "f.lesson:9: the first beat begins the lesson's own run");
  expect_error("== B\ntext: x\ngoal: a until T2\nrestart: no fault\n",
               "f.lesson:12: 'restart' stands before the goals");
  expect_error("== B\ntext: x\nrestart: faults x\n", "f.lesson:11: a restart takes");
  expect_error("== B\ntext: x\nrestart: procs 0\n", "f.lesson:11: a restart takes");
  expect_error("== B\ntext: x\nrestart: hidden fault f\n",
               "f.lesson:11: a hidden fault needs a 'predict' in its run");
  expect_error("takeaway: again\n", "f.lesson:9: there is a second 'takeaway'");
  expect_error("== First\ntext: x\n", "f.lesson:9: there is already a beat 'First'");
  expect_error("==\ntext: x\n", "f.lesson:9: a beat needs a name");
  expect_error("== Empty\n", "f.lesson:9: beat 'Empty' has no text");
  expect_error("== Second\ntext: x\ntakeaway: y\n", "f.lesson:9: a lesson has one takeaway, this one 2");
  expect_error("== " + std::string(kMostNameBytes + 1, 'x') + "\ntext: x\n", "f.lesson:9: '==' has 49 bytes");
}

TEST(LessonParser, ARestartMayChangeTheScenarioAndHideItsFault) {
  const ParsedLesson parsed =
      parse_lesson("f.lesson",
                   "sweepscope-lesson 1\nid: x\ntitle: X\nminutes: 1\nscenario: sweep\nprocs: 3\nspans: 2\n"
                   "== A\ntext: x\ntakeaway: y\n"
                   "== B\ntext: x\nrestart: scenario pacer, spans 5, hidden fault f\n"
                   "== C\ntext: x\npredict: Q?\n  ( ) a\n  (x) b\nbecause: so\n"
                   "== D\ntext: x\nrestart: fault g\n");
  ASSERT_TRUE(parsed.lesson) << parsed.errors.front();
  const Lesson& lesson = *parsed.lesson;
  ASSERT_EQ(lesson.runs.size(), 3u);
  EXPECT_EQ(lesson.runs[1].setup.scenario, "pacer");
  EXPECT_EQ(lesson.runs[1].setup.procs, 0u) << "those of the other scenario";
  EXPECT_EQ(lesson.runs[1].setup.spans, 5u);
  EXPECT_EQ(lesson.runs[1].setup.fault, "f");
  EXPECT_TRUE(lesson.runs[1].hides_fault);
  EXPECT_EQ(lesson.last_question(1), 2u);
  EXPECT_EQ(lesson.runs[2].setup.scenario, "sweep");
  EXPECT_EQ(lesson.runs[2].setup.procs, 3u);
  EXPECT_FALSE(lesson.runs[2].hides_fault);
  EXPECT_EQ(lesson.last_question(2), std::nullopt);
}

TEST(LessonParser, NamesEachMistakeOfAPrediction) {
  const auto expect = [](std::string_view choices, std::string_view error) {
    expect_error("predict: Q?\n" + std::string(choices) + "because: so\n", error);
  };
  expect("  (x) one\n", "f.lesson:9: a prediction has 2 to 6 choices, this one 1");
  expect("  (x) 1\n  ( ) 2\n  ( ) 3\n  ( ) 4\n  ( ) 5\n  ( ) 6\n  ( ) 7\n", "this one 7");
  expect("  ( ) one\n  ( ) two\n", "f.lesson:9: exactly one choice is marked '(x)', here 0 are");
  expect("  (x) one\n  (x) two\n", "here 2 are");
  expect("  (x) one\n  ( )\n", "f.lesson:11: this choice has no text");
  expect("  (x) one\n\n  two\n", "f.lesson:12: a choice begins with '( )'");
  expect_error("predict: Q?\n  (x) a\n  ( ) b\n",
               "f.lesson:6: the prediction of beat 'First' needs a 'because'");
}

TEST(LessonParser, RefusesNumbersOutsideTheirRange) {
  const auto head = [](std::string_view line) {
    return std::string(kShortest.substr(0, 20)) + std::string(line) + "\n" +
           std::string(kShortest.substr(20));
  };
  EXPECT_NE(errors_of(head("procs: 65")).find("f.lesson:2: 'procs' takes a number from 1 to 64, not '65'"),
            std::string::npos);
  for (const std::string_view line : {"procs: 0", "procs: -1", "procs: two", "procs: 1x",
                                      "spans: 999999999999999999999", "seed: 18446744073709551616"})
    EXPECT_NE(errors_of(head(line)).find("f.lesson:2: "), std::string::npos) << line;
  EXPECT_EQ(errors_of(head("seed: 18446744073709551615")), "");
  EXPECT_NE(errors_of(head("id: a/b")).find("letters, digits and hyphens"), std::string::npos);
}

TEST(LessonParser, RefusesAFileThatIsNoLesson) {
  EXPECT_EQ(errors_of(""), "f.lesson:1: the file is empty; its first line is 'sweepscope-lesson 1'\n");
  EXPECT_NE(errors_of("#!/bin/sh\n").find("f.lesson:1: the first line must be"), std::string::npos);
  EXPECT_NE(errors_of("sweepscope-lesson 2\n").find("f.lesson:1: the first line must be"), std::string::npos);
  EXPECT_NE(errors_of("sweepscope-lesson 1\n  indented\n").find("f.lesson:2: there is no key above"),
            std::string::npos);
}

TEST(LessonParser, RefusesBytesThatAReaderCannotSee) {
  const auto expect = [](std::string_view bytes, std::string_view error) {
    expect_error("then: a" + std::string(bytes) + "b\n", "f.lesson:9: byte 8 is " + std::string(error));
  };
  expect(std::string_view("\0", 1), "a control");
  expect("\x1B", "a control");
  expect("\x7F", "a control");
  expect("\xC2\x9B", "a control");          // C1
  expect("\xE2\x80\xAE", "a control");      // right-to-left override
  expect("\xE2\x80\x8B", "a control");      // zero width space
  expect("\xEF\xBB\xBF", "a control");      // byte order mark inside
  expect("\xF3\xA0\x81\x81", "a control");  // a tag character
  expect("\xFF", "not UTF-8");
  expect("\xC3", "not UTF-8");              // cut off
  expect("\xC0\xAF", "not UTF-8");          // longer than needed
  expect("\xED\xA0\x80", "not UTF-8");      // a surrogate
  expect("\xF4\x90\x80\x80", "not UTF-8");  // above U+10FFFF
  EXPECT_EQ(errors_of(with("then: caf\xC3\xA9 \xE2\x86\x92 \xF0\x9F\x99\x82\n")), "");
}

TEST(LessonParser, RefusesWhatIsTooLarge) {
  expect_error("then: " + std::string(kMostLineBytes, 'x') + "\n", "f.lesson:9: the line has 506 bytes");
  std::string longer = "then: x\n";
  for (int i = 0; i < 20; ++i) longer += "  " + std::string(100, 'x') + "\n";
  expect_error(longer, "this text has more than 1500 bytes");
  std::string beats, claims;
  for (size_t i = 0; i < kMostBeats; ++i) beats += "== " + std::to_string(i) + "\ntext: x\n";
  expect_error(beats, "f.lesson:55: a lesson has 24 beats at most");
  for (size_t i = 0; i <= kMostOfABeat; ++i) claims += "claim: sg is 4\n";
  expect_error(claims, "f.lesson:73: a beat has 64 of 'claim' at most");
  EXPECT_NE(errors_of(with(std::string(kMostLessonBytes, '\n'))).find("f.lesson:1: the file has"),
            std::string::npos);
}

TEST(LessonParser, ReportsSeveralMistakesAndThenStops) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "nonsense\n";
  EXPECT_EQ(parse_lesson("f", with(many)).errors.size(), kMostErrors);
  EXPECT_EQ(parse_lesson("f", with("claim: x\nclaim: y\n")).errors.size(), 2u);
}

// Every lesson with some bytes changed, left out or doubled is read or refused.
TEST(LessonParser, SurvivesDamage) {
  std::mt19937 random(1);
  for (const LessonFile& file : lesson_files())
    for (int round = 0; round < 200; ++round) {
      std::string text(file.text);
      for (int i = 0; i < 4; ++i) {
        const size_t at = random() % text.size();
        switch (random() % 3) {
          case 0: text[at] = static_cast<char>(random()); break;
          case 1: text.erase(at, random() % 40); break;
          default: text.insert(at, text.substr(random() % text.size(), random() % 40));
        }
      }
      const ParsedLesson parsed = parse_lesson(file.name, text);
      EXPECT_NE(parsed.lesson.has_value(), !parsed.errors.empty());
    }
}

}  // namespace
}  // namespace sweepscope::telemetry::lessons
