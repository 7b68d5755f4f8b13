// What conditions are checked against: the board at a node of a bench session, and what the steps since a beat or a
// goal began have done. Used for the compiled path of a lesson and for a student's own steps alike. One thread.
#pragma once

#include <string>
#include <vector>

#include "telemetry/lessons/condition.h"

namespace sweepscope::telemetry::lessons {

class Facts {
 public:
  // A beat or a goal begins at this view: nothing has happened yet.
  void begin(const BenchView& view);
  // One step later, at this view.
  void add(const BenchView& view);
  // The student typed two numbers that make this state.
  void typed(BoardSpanState state) { typed_.push_back(state); }

  bool holds(const Condition& condition) const;
  // What is there instead: "span 3 is swept, not stale".
  std::string instead(const Condition& condition) const;

  static const BoardSpan* span(const Board& board, uint32_t id);  // in use; null: there is none
  static uint32_t slots_taken(const BoardSpan& span);
  static const BenchThread* thread(const BenchView& view, std::string_view name);

 private:
  struct Happened {  // a write of sg or of a sweepgen, or an arc
    uint32_t thread;
    uint8_t word;
    uint32_t object;
    std::string arc;
  };
  uint32_t arcs(const Condition& condition) const;
  uint32_t writes(const Condition& condition) const;
  std::string of_span(const Condition& condition) const;

  BenchView view_;
  uint32_t sg_at_begin_ = 0;
  std::vector<Happened> happened_;
  bool collection_begun_ = false;
  std::vector<uint32_t> markers_;  // threads that have marked
  std::vector<BoardSpanState> typed_;
};

// Numbers of words in rows: engine::Word, which telemetry does not see. The composition root asserts them.
inline constexpr uint8_t kWordHeapGen = 1;
inline constexpr uint8_t kWordSweepgen = 2;
inline constexpr uint8_t kWordPhase = 15;
inline constexpr uint8_t kWordMarkWork = 31;
inline constexpr uint32_t kScanDone = 4;  // object of kWordMarkWork: the bytes that were scanned

// The least slot that holds an object of so many bytes; 0: none, it is a large object.
uint32_t slot_for(uint32_t bytes);

}  // namespace sweepscope::telemetry::lessons
