// The lessons that are embedded: what each must have, and that a student meets no word before its meaning.
//
// Two tests on the order of words: one finds a word whose `word:` line comes too late; the other knows the terms of the
// field, and finds also those that no lesson of a path explains.
#include "telemetry/lessons/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

namespace sweepscope::telemetry::lessons {
namespace {

constexpr std::string_view kShortPath = "15 minutes", kLongPath = "50 minutes";

// The terms of the field that a lesson must explain before it uses them, and the forms in which texts use them.
struct Term {
  std::string_view word;
  std::array<std::string_view, 4> forms;
};
constexpr std::array kTerms{
    Term{"sg", {"sg"}},
    Term{"sweepgen", {"sweepgen", "sweepgens"}},
    Term{"span", {"span", "spans"}},
    Term{"slot", {"slot", "slots"}},
    Term{"page", {"page", "pages"}},
    Term{"P", {"P", "Ps"}},
    Term{"mcache", {"mcache", "mcaches"}},
    Term{"mcentral", {"mcentral", "mcentrals"}},
    Term{"mheap", {"mheap"}},
    Term{"refill", {"refill", "refills"}},
    Term{"flush", {"flush", "flushes", "flushed", "flusher"}},
    Term{"flushGen", {"flushGen"}},
    Term{"stale", {"stale"}},
    Term{"cached", {"cached"}},
    Term{"CAS", {"CAS"}},
    Term{"STW", {"STW"}},
    Term{"mutator", {"mutator", "mutators"}},
    Term{"collector", {"collector", "collectors"}},
    Term{"collection", {"collection", "collections"}},
    Term{"cycle", {"cycle", "cycles"}},
    Term{"lock", {"lock", "locks"}},
    Term{"oracle", {"oracle"}},
};

std::vector<const Lesson*> on_path(std::string_view path) {
  std::vector<const Lesson*> lessons;
  for (const Lesson& lesson : catalogue().lessons)
    if (std::find(lesson.paths.begin(), lesson.paths.end(), path) != lesson.paths.end())
      lessons.push_back(&lesson);
  return lessons;
}

TEST(LessonCatalogue, EveryEmbeddedFileIsALesson) {
  for (const std::string& error : catalogue().errors) ADD_FAILURE() << error;
  EXPECT_EQ(catalogue().lessons.size(), lesson_files().size());
}

TEST(LessonCatalogue, ListsTheBasicsFirstAndThenByNumber) {
  std::vector<std::string> ids;
  for (const Lesson& lesson : catalogue().lessons) ids.push_back(lesson.id);
  const auto at = [&](const char* id) { return std::find(ids.begin(), ids.end(), id) - ids.begin(); };
  EXPECT_LT(at("B2"), at("1"));
  EXPECT_LT(at("2"), at("7"));
  EXPECT_EQ(find_lesson("2")->title, "The world turns by two");
  EXPECT_EQ(find_lesson("b2"), find_lesson("B2"));
  EXPECT_EQ(find_lesson("no such lesson"), nullptr);
}

TEST(LessonCatalogue, TheShortPathTakesFifteenMinutes) {
  std::vector<std::string> ids;
  uint32_t minutes = 0;
  for (const Lesson* lesson : on_path(kShortPath)) {
    ids.push_back(lesson->id);
    minutes += lesson->minutes;
    EXPECT_LE(lesson->minutes, 3u) << lesson->id;
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"B2", "1", "2", "4", "7"}));
  EXPECT_LE(minutes, 15u);
}

TEST(LessonCatalogue, EachLessonAsksLetsTheStudentActAndMakesClaims) {
  for (const Lesson& lesson : catalogue().lessons) {
    const auto any = [&](auto has) { return std::any_of(lesson.beats.begin(), lesson.beats.end(), has); };
    EXPECT_FALSE(lesson.summary.empty()) << lesson.id;
    EXPECT_TRUE(any([](const Beat& beat) { return beat.prediction.has_value(); })) << lesson.id;
    EXPECT_TRUE(any([](const Beat& beat) { return beat.hands_on.has_value(); })) << lesson.id;
    EXPECT_TRUE(any([](const Beat& beat) { return !beat.claims.empty(); })) << lesson.id;
  }
}

// Three minutes at 200 words a minute, with half of the time for the board.
TEST(LessonCatalogue, ALessonCanBeReadInItsTime) {
  for (const Lesson& lesson : catalogue().lessons) {
    size_t words = 0;
    const auto count = [&](const std::string& text) {
      words += static_cast<size_t>(std::count(text.begin(), text.end(), ' ')) + 1;
    };
    for (const Beat& beat : lesson.beats) {
      for (const std::string& text : beat.text) count(text);
      for (const std::string& text : beat.then) count(text);
      if (beat.prediction) count(beat.prediction->question), count(beat.prediction->because);
    }
    EXPECT_LE(words, 130u * lesson.minutes) << lesson.id << " has " << words << " words";
  }
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool uses(const std::string& text, const std::string& word) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

std::string all_text(const Beat& beat) {
  std::string all = beat.takeaway;
  for (const auto* texts : {&beat.text, &beat.then})
    for (const std::string& text : *texts) all += "\n" + text;
  if (beat.prediction) {
    all += "\n" + beat.prediction->question + "\n" + beat.prediction->because;
    for (const std::string& choice : beat.prediction->choices) all += "\n" + choice;
  }
  if (beat.hands_on) all += "\n" + beat.hands_on->text;
  return all;
}

bool uses(const std::string& text, const Term& term) {
  return std::any_of(term.forms.begin(), term.forms.end(), [&](std::string_view form) {
    if (form.empty()) return false;
    std::string begins(form);  // a sentence
    begins[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(begins[0])));
    return uses(text, std::string(form)) || uses(text, begins);
  });
}

// Of the words that its lessons explain.
TEST(LessonCatalogue, NoWordOfAPathIsUsedBeforeItsMeaning) {
  for (const std::string_view path : {kShortPath, kLongPath}) {
    std::set<std::string> all, known;
    for (const Lesson* lesson : on_path(path))
      for (const Beat& beat : lesson->beats)
        for (const Word& word : beat.words) all.insert(word.word);
    for (const Lesson* lesson : on_path(path))
      for (const Beat& beat : lesson->beats) {
        for (const Word& word : beat.words) known.insert(word.word);
        for (const std::string& word : all)
          EXPECT_TRUE(known.contains(word) || !uses(all_text(beat), word))
              << path << ", lesson " << lesson->id << ", " << beat.name << ": '" << word
              << "' is explained later";
      }
  }
}

TEST(LessonCatalogue, TheShortPathExplainsAWordOnce) {
  std::set<std::string> all;
  for (const Lesson* lesson : on_path(kShortPath))
    for (const Beat& beat : lesson->beats)
      for (const Word& word : beat.words)
        EXPECT_TRUE(all.insert(word.word).second) << lesson->id << ": '" << word.word << "' twice";
}

TEST(LessonCatalogue, EveryTermOfTheFieldIsExplainedBeforeItIsUsed) {
  for (const std::string_view path : {kShortPath, kLongPath}) {
    std::set<std::string_view> known;
    for (const Lesson* lesson : on_path(path))
      for (const Beat& beat : lesson->beats) {
        for (const Word& word : beat.words) known.insert(word.word);
        for (const Term& term : kTerms)
          EXPECT_TRUE(known.contains(term.word) || !uses(all_text(beat), term))
              << path << ", lesson " << lesson->id << ", " << beat.name << ": no 'word: " << term.word
              << ": ...' here or before";
      }
  }
}

// Lessons of different paths may explain the same word.
TEST(LessonCatalogue, AWordHasOneMeaning) {
  std::map<std::string, std::string> meanings;
  for (const Lesson& lesson : catalogue().lessons)
    for (const Beat& beat : lesson.beats)
      for (const Word& word : beat.words)
        EXPECT_EQ(meanings.emplace(word.word, word.meaning).first->second, word.meaning)
            << lesson.id << ": '" << word.word << "' means something else in an earlier lesson";
}

}  // namespace
}  // namespace sweepscope::telemetry::lessons
