// The clock of the picture: playing or paused, the speed, at the live edge or rewound, and the plan that spreads
// a cycle over seconds. Advances the given player; a distance too long for one frame is returned as a seek
// request. GUI thread.
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
  double value = 6;  // seconds per cycle, or engine seconds per second (1 .. 1e-6)
  bool operator==(const Speed&) const = default;
};

class Playback {
 public:
  struct Step {
    std::optional<int64_t> seekNs;  // seek requests: too far for one frame
    std::optional<uint64_t> seekSeq;
    bool planChanged = false;
    bool atEnd = false;  // of the events that exist
  };

  void reset();
  Step advance(telemetry::EventLog& log, Player& player, double seconds);
  double engineNsPerSecond(const telemetry::EventLog& log) const;  // 0 while paused
  // Seconds on screen that the stretch takes at the chosen speed, also while paused.
  double screenSeconds(const telemetry::EventLog& log, int64_t fromNs, int64_t toNs) const;
  // How much of the ruler's turn (models/ruler_geometry.h) is complete at `ns`, 0 to 1. Steps of the laboratory
  // are not subdivided: at the step of the turn the labels have slid, at the next the view has re-centred.
  double turnShare(const telemetry::EventLog& log, int64_t turnNs, int64_t ns) const;

  void setPlaying(bool playing);
  void setSpeed(Speed speed);
  void setLive(bool live);  // joins or leaves the live edge
  void setRealTime(bool realTime);
  void leaveLive();  // before a seek

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
  CyclePlan lastPlan_;  // the last plan played: keeps the scale while paused
  double planSeconds_ = 0;
  double owed_ = 0;  // engine time carried to the next frame: a laboratory step takes many frames
  bool playing_ = false, live_ = false, realTime_ = false;
  Speed speed_;
};

}  // namespace sweepscope::gui
