// How time passes on screen: playing or not, at which speed, at the live edge or at a place of one's own, and
// the plan by which a cycle is spread over seconds. It moves the player it is given; a way too long for one
// frame is handed back as a wish. GUI thread.
#pragma once

#include <cstdint>
#include <optional>

#include "gui/models/cycle_plan.h"
#include "gui/models/player.h"
#include "telemetry/store/event_log.h"

namespace sweepscope::gui {

struct Speed {
  enum class Kind : uint8_t { kCycleIn, kFactor };
  Kind kind = Kind::kCycleIn;
  double value = 6;  // seconds a cycle, or engine seconds a second (1 .. 1e-6)
  bool operator==(const Speed&) const = default;
};

class Playback {
 public:
  struct Step {
    std::optional<int64_t> seekNs;  // wishes: too far for a frame
    std::optional<uint64_t> seekSeq;
    bool planChanged = false;
    bool atEnd = false;  // of what there is
  };

  void reset();
  Step advance(telemetry::EventLog& log, Player& player, double seconds);
  double engineNsPerSecond(const telemetry::EventLog& log) const;  // 0 while it stands still
  // Seconds on screen that the stretch takes at the chosen speed, whether time passes now or not.
  double screenSeconds(const telemetry::EventLog& log, int64_t fromNs, int64_t toNs) const;
  // How much of the ruler's turn (models/ruler_geometry.h) lies behind the play head at `ns`, 0 to 1. A step
  // of the laboratory is one piece: with that of the turn the labels have slid, with the next the view has
  // re-centred.
  double turnShare(const telemetry::EventLog& log, int64_t turnNs, int64_t ns) const;

  void setPlaying(bool playing);
  void setSpeed(Speed speed);
  void setLive(bool live);  // back to the live edge, or let go of it
  void setRealTime(bool realTime);
  void leaveLive();  // the picture goes to a place of its own

  bool playing() const { return playing_; }
  bool live() const { return live_; }
  bool realTime() const { return realTime_; }
  Speed speed() const { return speed_; }
  const CyclePlan& plan() const { return plan_; }

 private:
  bool advancePlan(telemetry::EventLog& log, Player& player, double seconds, Step& step);
  bool choosePlan(telemetry::EventLog& log, const Player& player, size_t index, Step& step);
  std::optional<size_t> cycleToPlay(const telemetry::EventLog& log, const Player& player, bool next) const;

  double meanNsPerSecond(const telemetry::EventLog& log) const;
  CyclePlan planOf(const telemetry::EventLog& log, int64_t ns) const;

  CyclePlan plan_;
  CyclePlan lastPlan_;  // the last one that was played: while the picture stands still it keeps its scale
  double planSeconds_ = 0;
  double owed_ = 0;  // of a unit of engine time, to the next frame: in the laboratory a step is many frames
  bool playing_ = false, live_ = false, realTime_ = false;
  Speed speed_;
};

}  // namespace sweepscope::gui
