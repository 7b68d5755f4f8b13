#include "telemetry/lessons/condition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

namespace sweepscope::telemetry::lessons {
namespace {

using Kind = Condition::Kind;
using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 9> kArcs{"T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"};
constexpr std::array<std::string_view, 6> kStates{"needs sweep", "being swept", "swept",
                                                  "stale",       "cached",      "illegal"};

constexpr std::array<std::string_view, 5> kColours{"without a colour", "white", "grey", "black", "freed"};
constexpr std::array<std::string_view, 4> kPhases{"off", "sweep termination", "mark", "mark termination"};

// A form of a condition. Words in braces are parts: {s} number of a span, {n} and {m} numbers, {p} a P, {d} a distance,
// {times} "once", "twice", "never" or "N times", {bytes} "24 KiB" or "100 bytes", {state}, {needs} "needs" or "need", {arc},
// {place}, {queue}, {phase}, {o} number of an object, {colour}, {name} one or more words.
struct Form {
  std::string_view words;
  Kind kind;
};

constexpr std::array kForms{
    Form{"sg is {n}", Kind::kSg},
    Form{"sg rises", Kind::kSgRises},
    Form{"sg is written {times}", Kind::kSgWrites},
    Form{"the sweepgen of span {s} is written {times}", Kind::kSpanWrites},
    Form{"a sweepgen is written {times}", Kind::kSpanWrites},
    Form{"span {s} is free", Kind::kSpanFree},
    Form{"span {s} is at {d}", Kind::kSpanDistance},
    Form{"span {s} is in {queue}", Kind::kSpanQueue},
    Form{"span {s} is {state}", Kind::kSpanState},
    Form{"span {s} {needs} sweep", Kind::kSpanState},
    Form{"span {s} lies in {place}", Kind::kSpanPlace},
    Form{"span {s} has {n} of {m} slots taken", Kind::kSpanSlots},
    Form{"{n} spans are {state}", Kind::kSpanCount},
    Form{"{n} span is {state}", Kind::kSpanCount},
    Form{"{n} spans {needs} sweep", Kind::kSpanCount},
    Form{"{n} span {needs} sweep", Kind::kSpanCount},
    Form{"{p} is flushed", Kind::kFlushed},
    Form{"{p} is not flushed", Kind::kNotFlushed},
    Form{"{p} caches {n} spans", Kind::kCaches},
    Form{"{p} caches {n} span", Kind::kCaches},
    Form{"{p} is idle", Kind::kIdle},
    Form{"{p} runs {name}", Kind::kRuns},
    Form{"the world is stopped", Kind::kStopped},
    Form{"the world runs", Kind::kWorldRuns},
    Form{"the phase is {phase}", Kind::kPhase},
    Form{"object {o} is {colour}", Kind::kColour},
    Form{"object {o} refers to object {n}", Kind::kRefersTo},
    Form{"object {o} refers to nothing", Kind::kRefersNowhere},
    Form{"the program can reach object {o}", Kind::kReachable},
    Form{"the program cannot reach object {o}", Kind::kUnreachable},
    Form{"no object is grey", Kind::kNoGrey},
    Form{"the stack of {name} is scanned", Kind::kStackScanned},
    Form{"the stack of {name} is not scanned", Kind::kStackNotScanned},
    Form{"no rule is violated", Kind::kNoRuleViolated},
    Form{"a rule is violated", Kind::kRuleViolated},
    Form{"rule {name} holds", Kind::kHolds},
    Form{"rule {name} is noted", Kind::kNoted},
    Form{"rule {name} fires", Kind::kFires},
    Form{"{arc} happens", Kind::kArc},
    Form{"{arc} happens {times}", Kind::kArc},
    Form{"{arc} of span {s} happens", Kind::kArc},
    Form{"{arc} of span {s} happens {times}", Kind::kArc},
    Form{"{n} bytes take {m} bytes", Kind::kSlotBytes},
    Form{"the student types {state}", Kind::kTyped},
    Form{"heap live is {bytes}", Kind::kHeapLive},
    Form{"heap live is at or above the trigger", Kind::kAtTrigger},
    Form{"heap live is below the trigger", Kind::kBelowTrigger},
    Form{"the trigger is {bytes}", Kind::kTrigger},
    Form{"the goal is {bytes}", Kind::kGoal},
    Form{"the workers' credit is {bytes}", Kind::kCredit},
    Form{"a refill must sweep {n} pages first", Kind::kOwedPages},
    Form{"a refill must sweep {n} page first", Kind::kOwedPages},
    Form{"a collection begins", Kind::kCollectionBegins},
    Form{"{name} owes credit", Kind::kOwesCredit},
    Form{"{name} assists", Kind::kAssists},
    Form{"{name} makes {arc}", Kind::kArc},
    Form{"{name} makes {arc} of span {s}", Kind::kArc},
    Form{"{name} is blocked", Kind::kBlocked},
    Form{"{name} has ended", Kind::kEnded},
    Form{"{name} must choose", Kind::kMustChoose},
    Form{"{name} can run", Kind::kCanRun},
    Form{"{name} is about to write", Kind::kAboutToWrite},
    Form{"{name} is about to read the sweepgen of span {s}", Kind::kAboutToRead},
};

constexpr std::array kShortForms{
    Form{"{arc}", Kind::kArc},
    Form{"{arc} of span {s}", Kind::kArc},
    Form{"blocked", Kind::kBlocked},
    Form{"ended", Kind::kEnded},
    Form{"at a choice", Kind::kMustChoose},
    Form{"free to run", Kind::kCanRun},
    Form{"it owes credit", Kind::kOwesCredit},
    Form{"it assists", Kind::kAssists},
    Form{"about to write", Kind::kAboutToWrite},
    Form{"about to read the sweepgen of span {s}", Kind::kAboutToRead},
};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const size_t from = text.find_first_not_of(' ');
    if (from == std::string_view::npos) return words;
    text.remove_prefix(from);
    const size_t to = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, to));
    text.remove_prefix(to);
  }
}

std::string joined(Words words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

template <class T>
bool read(std::string_view word, T& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc() && end == word.data() + word.size();
}

bool read_p(std::string_view word, uint16_t& p) {
  return word.size() > 1 && word[0] == 'P' && read(word.substr(1), p) && p != kNoP;
}

bool read_place(Words words, Condition& c) {
  const std::string text = joined(words);
  if (text == "the nonempty list")
    c.place = BoardPlace::kNonempty;
  else if (text == "the empty list")
    c.place = BoardPlace::kEmpty;
  else if (text == "no list")
    c.place = BoardPlace::kBetween;
  else if (text.starts_with("the cache of ") && words.size() == 4 && read_p(words[3], c.p))
    c.place = BoardPlace::kCache;
  else
    return false;
  return true;
}

bool read_queue(Words words, Condition& c) {
  const std::string text = joined(words);
  if (text == "the swept queue")
    c.queue = BoardQueue::kSwept;
  else if (text == "the unswept queue")
    c.queue = BoardQueue::kUnswept;
  else if (text == "no queue")
    c.queue = BoardQueue::kNone;
  else
    return false;
  return true;
}

bool read_state(Words words, Condition& c) {
  const auto found = std::find(kStates.begin(), kStates.end(), joined(words));
  if (found == kStates.end()) return false;
  c.state = static_cast<BoardSpanState>(found - kStates.begin());
  return true;
}

bool read_colour(Words words, Condition& c) {
  const auto found = std::find(kColours.begin() + 1, kColours.end(), joined(words));
  if (found == kColours.end()) return false;
  c.colour = static_cast<ObjectColour>(found - kColours.begin());
  return true;
}

bool read_phase(Words words, Condition& c) {
  const auto found = std::find(kPhases.begin(), kPhases.end(), joined(words));
  if (found == kPhases.end()) return false;
  c.phase = static_cast<Phase>(found - kPhases.begin());
  return true;
}

bool read_times(Words words, Condition& c) {
  uint32_t times = 0;
  const std::string text = joined(words);
  if (text == "never")
    times = 0;
  else if (text == "once")
    times = 1;
  else if (text == "twice")
    times = 2;
  else if (words.size() != 2 || words[1] != "times" || !read(words[0], times))
    return false;
  c.number = times;
  return true;
}

bool read_number(std::string_view word, std::optional<uint32_t>& to) {
  uint32_t number = 0;
  if (!read(word, number)) return false;
  to = number;
  return true;
}

bool read_bytes(Words words, Condition& c) {
  constexpr uint32_t kKiB = 1024;
  uint32_t number = 0;
  if (words.size() != 2 || !read(words[0], number)) return false;
  const bool kib = words[1] == "KiB";
  if ((!kib && words[1] != "bytes") || (kib && number > ~0u / kKiB)) return false;
  c.number = kib ? number * kKiB : number;
  return true;
}

bool read_distance(std::string_view word, Condition& c) {
  if (word.starts_with('+')) word.remove_prefix(1);
  return read(word, c.distance);
}

// One part of a form.
bool read_part(std::string_view part, Words words, Condition& c) {
  const bool one = words.size() == 1;
  if (part == "{s}") return one && read_number(words[0], c.span);
  if (part == "{o}") return one && read_number(words[0], c.object);
  if (part == "{colour}") return read_colour(words, c);
  if (part == "{phase}") return read_phase(words, c);
  if (part == "{n}") return one && read_number(words[0], c.number);
  if (part == "{m}") return one && read(words[0], c.most);
  if (part == "{p}") return one && read_p(words[0], c.p);
  if (part == "{d}") return one && read_distance(words[0], c);
  if (part == "{times}") return read_times(words, c);
  if (part == "{bytes}") return read_bytes(words, c);
  if (part == "{state}") return read_state(words, c);
  if (part == "{needs}") {
    c.state = BoardSpanState::kNeeds;
    return one && (words[0] == "needs" || words[0] == "need");
  }
  if (part == "{place}") return read_place(words, c);
  if (part == "{queue}") return read_queue(words, c);
  if (part == "{arc}") {
    if (!one || std::find(kArcs.begin(), kArcs.end(), words[0]) == kArcs.end()) return false;
    c.arc = words[0];
    return true;
  }
  c.name = joined(words);  // {name}
  return true;
}

constexpr size_t kMostWordsOfAPart = 8;

bool fits(Words form, Words words, Condition& c) {
  if (form.empty()) return words.empty();
  if (!form[0].starts_with('{'))
    return !words.empty() && words[0] == form[0] && fits(form.subspan(1), words.subspan(1), c);
  for (size_t n = 1; n <= std::min(words.size(), kMostWordsOfAPart); ++n) {
    Condition with = c;
    if (read_part(form[0], words.first(n), with) && fits(form.subspan(1), words.subspan(n), with)) {
      c = std::move(with);
      return true;
    }
  }
  return false;
}

std::optional<Condition> first_fit(std::span<const Form> forms, Words words, const Condition& given) {
  for (const Form& form : forms) {
    Condition c = given;
    c.kind = form.kind;
    if (fits(split(form.words), words, c)) return c;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(BoardSpanState state) { return kStates[static_cast<size_t>(state)]; }
std::string_view name(ObjectColour colour) { return kColours[static_cast<size_t>(colour)]; }
std::string_view name(Phase phase) { return kPhases[static_cast<size_t>(phase)]; }

ParsedCondition parse_condition(std::string_view text) {
  Condition given;
  given.text = text;
  if (auto c = first_fit(kForms, split(text), given)) return {std::move(c), {}};
  return {std::nullopt,
          "'" + std::string(text) + "' is no condition; telemetry/lessons/README.md lists them"};
}

ParsedCondition parse_goal_condition(std::string_view thread, std::string_view text) {
  Condition given;
  given.text = text;
  given.name = thread;
  if (auto c = first_fit(kShortForms, split(text), given)) return {std::move(c), {}};
  return parse_condition(text);
}

}  // namespace sweepscope::telemetry::lessons
