#include "telemetry/lessons/lesson_parser.h"

#include <algorithm>
#include <set>

#include "telemetry/lessons/lesson_lines.h"
#include "telemetry/lessons/lesson_values.h"

namespace sweepscope::telemetry::lessons {
namespace {

constexpr uint32_t kMostMinutes = 60;
constexpr uint32_t kMostProcs = 64, kMostSpans = 64;  // of any scenario; the laboratory knows each one's own
constexpr size_t kMostIdBytes = 16, kMostTitleBytes = 80, kMostPaths = 8;

std::vector<std::string> texts(const Entry& entry) {
  std::vector<std::string> texts;
  for (const Entry::Paragraph& paragraph : entry.paragraphs) texts.push_back(paragraph.text);
  return texts;
}

class Parser {
 public:
  explicit Parser(std::string_view file) : file_(file) { lesson_.file = file; }

  ParsedLesson parse(std::string_view text) {
    Entries read = read_entries(text);
    for (LineError& e : read.errors) error(e.line, std::move(e.reason));
    lesson_.runs.emplace_back().setup.policy = "lazy";
    for (const Entry& entry : read.entries) take(entry);
    if (read.errors.empty()) {  // else what is missing may be in a line that was left out
      end_beat();
      check_whole();
    }
    if (!errors_.empty()) return {std::nullopt, std::move(errors_)};
    return {std::move(lesson_), {}};
  }

 private:
  void error(uint32_t line, std::string reason) {
    if (errors_.size() < kMostErrors)
      errors_.push_back(file_ + ":" + std::to_string(line) + ": " + std::move(reason));
  }

  void take(const Entry& entry) {
    last_line_ = entry.line;
    if (entry.key == "==") return begin_beat(entry);
    if (entry.paragraphs.empty()) return error(entry.line, "'" + entry.key + "' has no value");
    if (lesson_.beats.empty())
      take_head(entry);
    else
      take_part(entry, lesson_.beats.back());
  }

  bool once(const Entry& entry) {
    if (seen_.insert(entry.key).second) return true;
    error(entry.line, "there is a second '" + entry.key + "'");
    return false;
  }

  // One line, so many bytes at most.
  std::string line_of(const Entry& entry, size_t most) {
    std::string text = entry.value();
    if (entry.paragraphs.size() > 1)
      error(entry.paragraphs[1].line, "'" + entry.key + "' takes one paragraph");
    if (text.size() > most)
      error(entry.line, "'" + entry.key + "' has " + std::to_string(text.size()) + " bytes, the limit is " +
                            std::to_string(most));
    return text;
  }

  template <class T>
  void number(const Entry& entry, T least, T most, T& to) {
    if (!read_number(line_of(entry, 20), least, most, to))
      error(entry.line, "'" + entry.key + "' takes a number from " + std::to_string(least) + " to " +
                            std::to_string(most) + ", not '" + entry.value() + "'");
  }

  // --- head ----------------------------------------------------------------------------------------------

  void take_head(const Entry& entry) {
    Run& run = lesson_.runs[0];
    if (entry.key == "check") return run.setup.checks.push_back(line_of(entry, kMostTitleBytes));
    if (!once(entry)) return;
    if (entry.key == "id")
      take_id(entry);
    else if (entry.key == "title")
      lesson_.title = line_of(entry, kMostTitleBytes);
    else if (entry.key == "summary")
      lesson_.summary = line_of(entry, 200);
    else if (entry.key == "minutes")
      number(entry, 1u, kMostMinutes, lesson_.minutes);
    else if (entry.key == "path")
      take_paths(entry);
    else if (entry.key == "scenario") {
      run.setup.scenario = line_of(entry, kMostNameBytes);
      run.line = entry.line;
    } else if (entry.key == "policy")
      run.setup.policy = line_of(entry, kMostNameBytes);
    else if (entry.key == "fault")
      run.setup.fault = line_of(entry, kMostNameBytes);
    else if (entry.key == "procs")
      number(entry, 1u, kMostProcs, run.setup.procs);
    else if (entry.key == "spans")
      number(entry, 1u, kMostSpans, run.setup.spans);
    else if (entry.key == "seed")
      number(entry, uint64_t{0}, ~uint64_t{0}, run.setup.seed);
    else
      error(entry.line,
            "'" + entry.key +
                "' is no key of the head: id, title, summary, minutes, path, scenario, policy, fault, "
                "procs, spans, seed, check");
  }

  void take_id(const Entry& entry) {
    lesson_.id = line_of(entry, kMostIdBytes);
    const auto plain = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
    };
    if (!std::all_of(lesson_.id.begin(), lesson_.id.end(), plain))
      error(entry.line, "an id has letters, digits and hyphens only");
  }

  void take_paths(const Entry& entry) {
    lesson_.paths = comma_list(line_of(entry, 200));
    if (lesson_.paths.size() > kMostPaths)
      error(entry.line, "a lesson is on " + std::to_string(kMostPaths) + " paths at most");
  }

  // --- beats ---------------------------------------------------------------------------------------------

  void begin_beat(const Entry& entry) {
    end_beat();
    if (lesson_.beats.size() == kMostBeats)
      return error(entry.line, "a lesson has " + std::to_string(kMostBeats) + " beats at most");
    Beat& beat = lesson_.beats.emplace_back();
    beat.line = entry.line;
    beat.run = static_cast<uint32_t>(lesson_.runs.size() - 1);
    beat.name = line_of(entry, kMostNameBytes);
    if (beat.name.empty()) error(entry.line, "a beat needs a name: '== The turn'");
    if (!names_.insert(beat.name).second)
      error(entry.line, "there is already a beat '" + beat.name + "'; names of beats are names of nodes");
    seen_.clear();
  }

  void end_beat() {
    if (lesson_.beats.empty()) return;
    const Beat& beat = lesson_.beats.back();
    if (beat.text.empty()) error(beat.line, "beat '" + beat.name + "' has no text");
    if (beat.prediction && beat.prediction->because.empty())
      error(beat.line,
            "the prediction of beat '" + beat.name + "' needs a 'because': why the right answer is right");
    if (beat.hands_on && beat.hands_on->done.empty())
      error(beat.line, "the hands-on step of beat '" + beat.name + "' needs a 'done': how it is recognised");
  }

  bool room(const Entry& entry, size_t size) {
    if (size < kMostOfABeat) return true;
    error(entry.line, "a beat has " + std::to_string(kMostOfABeat) + " of '" + entry.key + "' at most");
    return false;
  }

  void take_part(const Entry& entry, Beat& beat) {
    const std::string& key = entry.key;
    if (key == "setup" || key == "goal") return take_goal(entry, beat);
    if (key == "choose") return take_choices(entry, beat);
    if (key == "claim") return take_claim(entry, beat);
    if (key == "word") return take_word(entry, beat);
    if (key == "done") return take_done(entry, beat);
    if (!once(entry)) return;
    if (key == "restart")
      take_restart(entry, beat);
    else if (key == "text")
      beat.text = texts(entry);
    else if (key == "then")
      beat.then = texts(entry);
    else if (key == "notes")
      beat.notes = texts(entry);
    else if (key == "predict")
      take_prediction(entry, beat);
    else if (key == "because")
      take_because(entry, beat);
    else if (key == "spotlight")
      take_spotlights(entry, beat);
    else if (key == "hands-on")
      beat.hands_on = HandsOn{line_of(entry, kMostTextBytes), {}};
    else if (key == "takeaway")
      beat.takeaway = line_of(entry, 300);
    else
      error(entry.line,
            "'" + key +
                "' is no key of a beat: restart, setup, text, word, predict, because, choose, goal, then, "
                "spotlight, hands-on, done, claim, takeaway, notes");
  }

  void take_goal(const Entry& entry, Beat& beat) {
    Act act;
    act.kind = entry.key == "setup" ? Act::Kind::kSetup : Act::Kind::kGoal;
    const bool after_goal = std::any_of(beat.acts.begin(), beat.acts.end(),
                                        [](const Act& a) { return a.kind == Act::Kind::kGoal; });
    if (act.kind == Act::Kind::kSetup && after_goal)
      return error(entry.line,
                   "a 'setup' stands before the goals of its beat: it is played before the beat is shown");
    add_act(entry, beat, std::move(act), read_goal);
  }

  void take_choices(const Entry& entry, Beat& beat) {
    Act act;
    act.kind = Act::Kind::kChoose;
    add_act(entry, beat, std::move(act), read_choices);
  }

  void add_act(const Entry& entry, Beat& beat, Act act, std::string (*read)(std::string_view, Act&)) {
    if (!room(entry, beat.acts.size())) return;
    act.line = entry.line;
    act.text = line_of(entry, 200);
    if (std::string problem = read(act.text, act); !problem.empty())
      return error(entry.line, std::move(problem));
    beat.acts.push_back(std::move(act));
  }

  void take_claim(const Entry& entry, Beat& beat) {
    if (!room(entry, beat.claims.size())) return;
    ParsedCondition parsed = parse_condition(line_of(entry, 200));
    if (!parsed.condition) return error(entry.line, parsed.error);
    if (parsed.condition->kind == Condition::Kind::kTyped)
      return error(entry.line, "a claim is about the engine, not about the student");
    beat.claims.push_back({std::move(*parsed.condition), entry.line});
  }

  void take_word(const Entry& entry, Beat& beat) {
    if (!room(entry, beat.words.size())) return;
    const std::string text = line_of(entry, 300);
    const size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size())
      return error(entry.line, "a word reads 'WORD: its meaning'");
    Word word{std::string(trimmed(std::string_view(text).substr(0, colon))),
              std::string(trimmed(std::string_view(text).substr(colon + 1)))};
    if (!words_.insert(word.word).second)
      return error(entry.line, "the word '" + word.word + "' is explained twice");
    beat.words.push_back(std::move(word));
  }

  // Another scenario begins with its own sizes.
  static bool restart_with(std::string_view item, Run& run) {
    const auto after = [&](std::string_view key) -> std::optional<std::string> {
      if (!item.starts_with(key)) return std::nullopt;
      return std::string(trimmed(item.substr(key.size())));
    };
    BenchSetup& setup = run.setup;
    if (item == "no fault") {
      setup.fault.clear();
    } else if (const auto shown = after("fault ")) {
      setup.fault = *shown;
    } else if (const auto hidden = after("hidden fault ")) {
      setup.fault = *hidden;
      run.hides_fault = true;
    } else if (const auto policy = after("policy ")) {
      setup.policy = *policy;
    } else if (const auto scenario = after("scenario ")) {
      setup.scenario = *scenario;
      setup.procs = setup.spans = 0;
    } else if (const auto procs = after("procs ")) {
      return read_number(*procs, 1u, kMostProcs, setup.procs);
    } else if (const auto spans = after("spans ")) {
      return read_number(*spans, 1u, kMostSpans, setup.spans);
    } else if (const auto check = after("check ")) {
      setup.checks.push_back(*check);
    } else {
      return false;
    }
    return true;
  }

  void take_restart(const Entry& entry, Beat& beat) {
    if (lesson_.beats.size() == 1)
      return error(entry.line,
                   "the first beat begins the lesson's own run; set fault and policy in the head");
    if (!beat.acts.empty()) return error(entry.line, "'restart' stands before the goals of its beat");
    Run run = lesson_.runs[0];
    run.line = entry.line;
    run.hides_fault = false;
    run.setup.checks.clear();
    for (const std::string& item : comma_list(line_of(entry, 300))) {
      if (!restart_with(item, run))
        return error(entry.line,
                     "a restart takes 'no fault', 'fault NAME', 'hidden fault NAME', 'policy NAME', "
                     "'scenario NAME', 'procs N', 'spans N' and 'check RULE=MODE', with commas between them, "
                     "not '" +
                         item + "'");
    }
    lesson_.runs.push_back(std::move(run));
    beat.run = static_cast<uint32_t>(lesson_.runs.size() - 1);
  }

  void take_prediction(const Entry& entry, Beat& beat) {
    ReadPrediction read = read_prediction(entry);
    if (read.error) return error(read.error->line, std::move(read.error->reason));
    beat.prediction = std::move(read.prediction);
  }

  void take_because(const Entry& entry, Beat& beat) {
    if (!beat.prediction) return error(entry.line, "'because' follows a 'predict'");
    beat.prediction->because = line_of(entry, kMostTextBytes);
  }

  void take_spotlights(const Entry& entry, Beat& beat) {
    for (const std::string& item : comma_list(line_of(entry, 200))) {
      const std::optional<Spotlight> spotlight = read_spotlight(item);
      if (!spotlight)
        return error(entry.line,
                     "'" + item +
                         "' is no place for a spotlight: sg, ruler, threads, source, rules, queues, lists, "
                         "objects, object N, span N, cache of PN, thread NAME");
      beat.spotlights.push_back(*spotlight);
    }
  }

  void take_done(const Entry& entry, Beat& beat) {
    if (!beat.hands_on) return error(entry.line, "'done' follows a 'hands-on'");
    if (!room(entry, beat.hands_on->done.size())) return;
    ParsedCondition parsed = parse_condition(line_of(entry, 200));
    if (!parsed.condition) return error(entry.line, parsed.error);
    beat.hands_on->done.push_back(std::move(*parsed.condition));
  }

  void check_whole() {
    const auto need = [&](bool there, const char* key) {
      if (!there) error(1, "the head has no '" + std::string(key) + "'");
    };
    need(!lesson_.id.empty(), "id");
    need(!lesson_.title.empty(), "title");
    need(lesson_.minutes > 0, "minutes");
    need(!lesson_.runs[0].setup.scenario.empty(), "scenario");
    for (uint32_t run = 0; run < lesson_.runs.size(); ++run)
      if (lesson_.runs[run].hides_fault && !lesson_.last_question(run))
        error(lesson_.runs[run].line,
              "a hidden fault needs a 'predict' in its run: it is named when that is answered");
    if (lesson_.beats.empty()) return error(last_line_, "a lesson has at least one beat: '== Name'");
    const auto takeaways = std::count_if(lesson_.beats.begin(), lesson_.beats.end(),
                                         [](const Beat& beat) { return !beat.takeaway.empty(); });
    if (takeaways != 1)
      error(lesson_.beats.back().line, "a lesson has one takeaway, this one " + std::to_string(takeaways));
  }

  const std::string file_;
  Lesson lesson_;
  std::vector<std::string> errors_;
  uint32_t last_line_ = 1;
  std::set<std::string> seen_;   // keys of the head or of the beat
  std::set<std::string> names_;  // of beats
  std::set<std::string> words_;
};

}  // namespace

ParsedLesson parse_lesson(std::string_view file, std::string_view text) { return Parser(file).parse(text); }

}  // namespace sweepscope::telemetry::lessons
