// The lessons that are embedded: what each must have, and that a student meets no word before its meaning.
#include "telemetry/lessons/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sweepscope::telemetry::lessons {
namespace {

constexpr std::string_view kShortPath = "15 minutes";

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

TEST(LessonCatalogue, NoWordOfTheShortPathIsUsedBeforeItsMeaning) {
  std::set<std::string> all, known;
  for (const Lesson* lesson : on_path(kShortPath))
    for (const Beat& beat : lesson->beats)
      for (const Word& word : beat.words) EXPECT_TRUE(all.insert(word.word).second) << word.word << " twice";
  for (const Lesson* lesson : on_path(kShortPath))
    for (const Beat& beat : lesson->beats) {
      for (const Word& word : beat.words) known.insert(word.word);
      for (const std::string& word : all)
        EXPECT_TRUE(known.contains(word) || !uses(all_text(beat), word))
            << lesson->id << ", " << beat.name << ": '" << word << "' is explained later";
    }
}

}  // namespace
}  // namespace sweepscope::telemetry::lessons
