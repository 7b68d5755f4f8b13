// The heap figure over time as a staircase of points, built from a replica's heap_changes(). Used by the
// recorder (for its index), Recording and History; one thread.
//
// Threads hand over their events in chunks, so changes arrive out of order by some 16 ms, but never across a
// phase edge. They wait until no older change can arrive: for a phase edge, or for kLateNs. A change that
// arrives even later counts from the last settled point on. Settling depends on the changes alone, so equal
// changes give equal points, in whatever portions they are read.
//
// A settled change that differs from the last point by less than 1/128 of the highest figure so far adds no
// point: less than a pixel of a lane. The engine's own figure always adds one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "telemetry/replica/replica.h"

namespace sweepscope::telemetry {

struct HeapPoint {
  int64_t ns;
  std::optional<uint64_t> live;  // bytes, from here to the next point; nothing: unknown
};

class HeapCurve {
 public:
  static constexpr int64_t kLateNs = 40'000'000;

  // What a reader needs to continue a writer's curve.
  struct Part {
    std::vector<HeapPoint> points;    // settled since the part before
    std::vector<HeapChange> waiting;  // by time
    std::optional<uint64_t> live;     // after all settled changes; may differ a little from the last point
  };

  // Call before the first events of a session that begins in the state of `replica`.
  void begin(int64_t ns, const Replica& replica);
  void add(std::span<const HeapChange> changes);
  void lose(int64_t ns);                            // events were lost: unknown from here on
  void resume(int64_t ns, const Replica& replica);  // events are missing, `replica` is the state after them
  void close();                                     // no older change can arrive

  std::vector<HeapPoint> take_points();  // settled since the last call
  std::vector<HeapPoint> tail() const;   // of the waiting changes: these points may still move
  Part take_part();
  void append(const Part& part);  // as if the changes of the part had been added here

 private:
  void settle(size_t count);
  void settle_one(const HeapChange& change);
  void show(const HeapPoint& point);

  std::vector<HeapChange> waiting_;  // by time
  std::vector<HeapPoint> points_;    // not taken yet
  std::optional<uint64_t> live_;     // after the settled changes
  std::optional<HeapPoint> last_;    // the last point
  uint64_t highest_ = 0;             // of all points
};

}  // namespace sweepscope::telemetry
