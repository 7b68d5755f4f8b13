#include "workloads/laboratory/recorded_page.h"

#include <map>

#include "engine/laboratory/bench/bench_session.h"
#include "telemetry/lessons/goal_compiler.h"
#include "workloads/counted.h"
#include "workloads/laboratory/bench_convert.h"
#include "workloads/laboratory/lesson_stepper.h"

namespace sweepscope::workloads {
namespace {

namespace lessons = telemetry::lessons;
using laboratory::BenchSession;

// Copies nodes of one session into the page, each once: a beat opens at the node where the one before ended.
class Copier {
 public:
  Copier(const BenchSession& session, RecordedPage& page) : session_(session), page_(page) {}

  uint32_t place(uint32_t node) {
    const auto [at, is_new] = places_.try_emplace(node, static_cast<uint32_t>(page_.nodes.size()));
    if (is_new)
      page_.nodes.push_back({to_telemetry(session_.tree().nodes()[node]), to_telemetry(session_.view(node))});
    return at->second;
  }
  std::vector<uint32_t> places(const std::vector<uint32_t>& nodes) {
    std::vector<uint32_t> all;
    for (const uint32_t node : nodes) all.push_back(place(node));
    return all;
  }

 private:
  const BenchSession& session_;
  RecordedPage& page_;
  std::map<uint32_t, uint32_t> places_;  // by node of the session
};

std::string title_of(const laboratory::Schedule& schedule) {
  if (!schedule.fault.empty()) return "Left out: " + schedule.fault;
  return "A schedule of scenario " + schedule.scenario;
}

lessons::Beat beat_of(const laboratory::Schedule& schedule, const telemetry::BenchView& end) {
  lessons::Beat beat;
  beat.name = "The schedule, step by step";
  beat.text.push_back(
      "Which thread took each step is fixed by the schedule: " +
      counted(schedule.steps.size(), "access", "accesses") +
      ". A step of this page ends where a thread has written a word of the protocol, or where "
      "the schedule switches to another thread.");
  const bool violated = end.verdict.outcome == telemetry::BenchOutcome::kViolation;
  beat.text.push_back(violated
                          ? "The page opens in the last cycle; the steps before it can be seen as well. "
                            "The last step violates a rule."
                          : "No rule is violated. This is one schedule; another one may end differently.");
  return beat;
}

}  // namespace

RecordedOrErrors record_lesson(const lessons::Lesson& lesson) {
  RecordedOrErrors made;
  RecordedPage& page = made.page;
  page.id = lesson.id;
  page.title = lesson.title;
  page.summary = lesson.summary;
  page.minutes = lesson.minutes;
  for (const lessons::Beat& beat : lesson.beats) page.beats.push_back({beat, {}, 0});
  for (uint32_t run = 0; run < lesson.runs.size(); ++run) {
    BenchSession session;
    LessonStepper stepper(session);
    const lessons::LessonPath path = lessons::compile(lesson, run, stepper);
    made.errors.insert(made.errors.end(), path.errors.begin(), path.errors.end());
    if (!session.begun()) continue;
    page.runs.push_back(to_telemetry(session.setup(), session.seed()));
    page.hides_fault.push_back(lesson.runs[run].hides_fault);
    Copier copier(session, page);
    for (size_t i = 0; i < path.beats.size(); ++i)
      page.beats[path.first_beat + i].nodes = copier.places(path.beats[i].nodes);
  }
  return made;
}

RecordedOrErrors record_schedule(const laboratory::Schedule& schedule) {
  RecordedOrErrors made;
  RecordedPage& page = made.page;
  BenchSession session;
  if (const std::string error = session.load(schedule); !error.empty()) {
    made.errors.push_back(error);
    return made;
  }
  page.kind = RecordedPage::Kind::kSchedule;
  page.title = title_of(schedule);
  page.runs.push_back(to_telemetry(session.setup(), session.seed()));
  // A loaded schedule is one branch: the nodes in their order.
  const auto last = static_cast<uint32_t>(session.tree().nodes().size() - 1);
  Copier copier(session, page);
  RecordedBeat beat;
  for (const uint32_t node : session.tree().path(last)) {
    if (node == session.current()) beat.opens = static_cast<uint32_t>(beat.nodes.size());
    beat.nodes.push_back(copier.place(node));
  }
  beat.beat = beat_of(schedule, page.nodes.back().view);
  page.beats.push_back(std::move(beat));
  return made;
}

}  // namespace sweepscope::workloads
