// Collects the lost stretches of a recording while it is opened, and resolves anchors to events or stretches.
// Used by Recording, under its rules for threads.
//
// An anchor names an event by its number: its place among the events in the file as it was written. Damage
// removes events without renumbering the others, so
//
//   number = seq + events damaged before it
//
// Events that never reached the file have no number.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "telemetry/model/event.h"
#include "telemetry/store/lost_stretch.h"

namespace sweepscope::telemetry {

class LostStretches {
 public:
  // Missing before event `seq`: `damaged` events that the file held, `never_written` others.
  struct Loss {
    uint64_t seq;
    uint64_t damaged, never_written;  // kUnknownCount: no event follows
    int64_t from_ns, to_ns;
    std::string_view why;
  };
  void add(const Loss& loss);
  void set_end(uint64_t seq, int64_t ns);  // the event after the last loss

  // Events in their order, with the place of each; an event of the last loss, known from the index, has none.
  void add_event(const Event& event, uint64_t seq);
  void add_lost_event(const Event& event);
  void finish();  // call after the last event

  const std::vector<LostStretch>& all() const { return all_; }
  // Whether events are missing at `end_seq`, after the last readable one.
  bool ends_at(uint64_t end_seq) const { return !places_.empty() && places_.back().seq == end_seq; }

  struct Found {
    uint64_t seq;             // of the event, or of the first one after the stretch
    const LostStretch* lost;  // the stretch that held it; null: the event is readable
  };
  Found find(uint64_t number) const;
  uint64_t number_of(uint64_t seq) const;
  // The stretch in which the cycle begins; null: none.
  const LostStretch* with_start_of(uint32_t cycle) const;

 private:
  struct Place {  // of all_[i]
    uint64_t seq, damaged;
    uint32_t before = 0;      // the latest cycle before it
    uint32_t last_begun = 0;  // the latest that may begin in it
  };
  void assign_cycles(size_t end, uint32_t last_whole, uint32_t last_begun);

  std::vector<LostStretch> all_;
  std::vector<Place> places_;
  size_t assigned_ = 0;  // stretches whose cycles are set
  uint32_t cycle_ = 0, lost_cycle_ = 0;
};

}  // namespace sweepscope::telemetry
