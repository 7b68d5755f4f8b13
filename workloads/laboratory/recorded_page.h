// What a page replays: a lesson or a schedule, played on this engine, with the view at every step of its beats. On the
// thread that calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/laboratory/search/schedule.h"
#include "telemetry/lessons/lesson.h"
#include "telemetry/model/bench.h"

namespace sweepscope::workloads {

struct RecordedNode {
  telemetry::BenchNode step;  // its parent is a node of the session, not of the page
  telemetry::BenchView view;
};

struct RecordedBeat {
  telemetry::lessons::Beat beat;  // of a schedule: its name and text only
  std::vector<uint32_t> nodes;    // of RecordedPage::nodes, from where the beat opens to where it ends
  uint32_t opens = 0;             // place in nodes that is shown first
};

struct RecordedPage {
  enum class Kind : uint8_t { kLesson, kSchedule };
  Kind kind = Kind::kLesson;
  std::string id, title, summary;  // a schedule has no id
  uint32_t minutes = 0;
  std::vector<telemetry::BenchSetup> runs;
  std::vector<bool> hides_fault;    // by run, of a lesson: until the last question of its beats is answered
  std::vector<RecordedBeat> beats;  // Beat::run is a place in runs
  std::vector<RecordedNode> nodes;
};

struct RecordedOrErrors {
  RecordedPage page;
  std::vector<std::string> errors;  // one line each; none: the page is complete
};
RecordedOrErrors record_lesson(const telemetry::lessons::Lesson& lesson);
RecordedOrErrors record_schedule(const laboratory::Schedule& schedule);

}  // namespace sweepscope::workloads
