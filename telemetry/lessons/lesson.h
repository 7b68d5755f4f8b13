// A lesson on the sweep protocol: what its file holds, as plain data.
//
// A lesson has beats. A beat begins where the one before ended; its text is read there, a prediction is asked, its
// goals are played on the real engine, and then the board is explained. Goals name what is to be reached, not
// accesses: today's engine turns them into steps (goal_compiler.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/lessons/condition.h"
#include "telemetry/model/bench.h"

namespace sweepscope::telemetry::lessons {

struct Prediction {
  std::string question;
  std::vector<std::string> choices;
  uint32_t right = 0;
  std::string because;
};

// "mutator 1 until T2 of span 3": this thread runs until the condition holds.
struct Act {
  enum class Kind : uint8_t {
    kSetup,   // a goal that is played before the beat is shown: folded
    kGoal,    // a goal that the beat shows
    kChoose,  // the thread's next data choices
  };
  Kind kind = Kind::kGoal;
  uint32_t line = 0;
  std::string text;  // as the file has it
  std::string thread;
  Condition until;                   // not of kChoose
  bool in_accesses = false;          // steps of one access, to stop within an arc; else arcs
  bool help = false;                 // "with help": while the thread is blocked, others run
  std::vector<std::string> helpers;  // "with help of mutator 2"; empty: any thread, the first that can run
  std::vector<std::string> choices;  // kChoose
};

struct Spotlight {
  enum class On : uint8_t {
    kSg,
    kRuler,
    kThreads,
    kSource,
    kRules,
    kQueues,
    kLists,
    kSpan,
    kCache,
    kThread,
    kObjects,
    kObject
  };
  On on = On::kSg;
  uint32_t number = 0;  // kSpan, kObject; kCache: of the P
  std::string thread;   // kThread
};

struct HandsOn {
  std::string text;             // what the student is to do
  std::vector<Condition> done;  // all hold: it is done
};

struct Claim {
  Condition condition;
  uint32_t line = 0;
};

struct Word {
  std::string word, meaning;
};

struct Beat {
  std::string name;  // of its node, too
  uint32_t line = 0;
  uint32_t run = 0;               // of Lesson::runs
  std::vector<std::string> text;  // paragraphs, before its goals are played
  std::optional<Prediction> prediction;
  std::vector<Act> acts;          // in the order in which they are played: setups first
  std::vector<std::string> then;  // paragraphs, after its goals were played
  std::vector<Spotlight> spotlights;
  std::optional<HandsOn> hands_on;
  std::vector<Word> words;  // met for the first time here
  std::vector<Claim> claims;
  std::string takeaway;
  std::vector<std::string> notes;  // for the presenter
};

// A run of the engine. The first one begins with the lesson, each other one with a beat ("restart").
struct Run {
  BenchSetup setup;
  uint32_t line = 0;
  bool hides_fault =
      false;  // "hidden fault": it is named when the last question of the run's beats is answered
};

struct Lesson {
  std::string file;
  std::string id, title, summary;
  uint32_t minutes = 0;
  std::vector<std::string> paths;  // "15 minutes"
  std::vector<Run> runs;
  std::vector<Beat> beats;

  // The last beat of the run that asks; nothing: none does.
  std::optional<uint32_t> last_question(uint32_t run) const {
    std::optional<uint32_t> last;
    for (uint32_t i = 0; i < beats.size(); ++i)
      if (beats[i].run == run && beats[i].prediction) last = i;
    return last;
  }
};

}  // namespace sweepscope::telemetry::lessons
