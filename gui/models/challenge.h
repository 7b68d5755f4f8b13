// The challenge of the step mode: the student is the scheduler and looks for an order of steps in which a check fires. A
// hint is the next step of a search from the shown node; of the branch that the search found no more is shown.
//
// Steps are accesses, counted from the session's start along the path to the node. Knows the branch tree of a session,
// no client: ask() says what to request, onScene() takes what came. Pure; GUI thread.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>
#include <set>

#include "gui/models/bench_scene.h"

namespace sweepscope::gui {

struct RunCount {
  uint32_t steps = 0, switches = 0;  // switches: from one thread to another
  bool operator==(const RunCount&) const = default;
};
RunCount runCount(const telemetry::BenchState& state, uint32_t node);
QString runCountWords(const RunCount& count);  // "12 steps, 3 switches of thread"
// The node after `from` on the path to `to`; none: `from` does not lie on it, or is its end.
std::optional<uint32_t> nextOnPath(const telemetry::BenchState& state, uint32_t from, uint32_t to);
// Of the paths to a violation, the student's own and those that searches found, the one with the fewest steps.
std::optional<RunCount> fewestKnown(const telemetry::BenchState& state);
// Which thread takes the step from `node` to `next`, and how; empty while a view that it needs has not arrived.
QString hintSentence(const BenchScene& scene, uint32_t node, uint32_t next);

// The setup with a fault left to chance: one that can be stepped, violates a rule, and shows under the setup's policy and
// in its scenario; if there is none, one with the policy and scenario that it shows in. Unchanged if the catalogue has no
// such fault.
telemetry::BenchSetup withSurprise(const telemetry::BenchCatalogue& catalogue, telemetry::BenchSetup setup,
                                   uint32_t chance);

class Challenge {
 public:
  enum class Fault : uint8_t { kNamed, kHidden };  // kHidden: until a check fires
  enum class Request : uint8_t { kNone, kSearch, kCancel };

  void begin(Fault fault);
  void end() { *this = {}; }
  bool on() const { return on_; }
  bool open() const { return on_ && !broken_; }  // nothing has been broken yet
  bool hidesFault() const { return on_ && fault_ == Fault::kHidden && !fired_; }

  // A hint for the shown node was asked for; while a search runs it is cancelled.
  Request ask(const BenchScene& scene);
  void onScene(const BenchScene& scene);
  std::optional<uint32_t> hinted(const BenchScene& scene) const;  // the node that the shown hint leads to
  size_t hints() const { return hints_.size(); }                  // given; a repeated one counts once

  QString countLine(const BenchScene& scene) const;  // steps, switches, hints
  QString hintLine(const BenchScene& scene) const;
  // What the verdict says of the challenge at the shown node; the first line is the heading.
  QStringList verdict(const BenchScene& scene) const;

 private:
  bool giveFrom(const BenchScene& scene);

  bool on_ = false, fired_ = false, broken_ = false;
  Fault fault_ = Fault::kNamed;
  uint32_t node_ = telemetry::kNoNode;  // that the last hint was asked for
  uint32_t next_ = telemetry::kNoNode;  // the hint: the step that leads there; kNoNode: none
  bool waiting_ = false;                // for a search that begins or runs
  uint64_t asked_ = 0;                  // the session's revision when it was asked for
  telemetry::BenchSearchState answer_ = telemetry::BenchSearchState::kNone;
  std::set<uint32_t> hints_;  // the nodes that hints were given for
};

}  // namespace sweepscope::gui
