#include "engine/sched/permits.h"

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Permits::Permits(uint32_t count, Shared<uint32_t>& attention)
    : attention_(attention),
      needed_(count != kEveryThread),
      places_(std::make_unique<std::array<WaitPoint, kPlaces>>()) {
  drawn_.bind(Word::kPermits, 0);
  granted_.bind(Word::kPermits, 1);
  granted_.init(needed_ ? count : 0);
  if (needed_) witness_permits_made(count);
}

void Permits::take(SchedThread& m) {
  if (!needed_ || m.has_permit || !m.needs_permit) return;
  ReadScope scope;
  const uint32_t ticket = drawn_.fetch_add(1, std::memory_order_relaxed, "permit: draw a ticket");
  auto granted = [this, ticket] { return static_cast<int32_t>(granted_.peek() - ticket) > 0; };
  // relaxed: the wait reads it again.
  if (static_cast<int32_t>(granted_.load(std::memory_order_relaxed, "permit: is it my turn?") - ticket) <=
      0) {
    attention_.add(1, std::memory_order_relaxed, "permit: put polls on the slow path");
    (*places_)[ticket % kPlaces].wait_until("permit: wait for the turn", granted);
    attention_.sub(1, std::memory_order_relaxed, "permit: one waits less");
  }
  m.has_permit = true;
  witness_permit_taken();
  if constexpr (!kLaboratory) m.slice_end = now_ns() + kSliceNs;
}

void Permits::give(SchedThread& m) {
  if (!m.has_permit) return;
  const ReadScope scope;
  m.has_permit = false;
  witness_permit_given();
  const uint32_t granted = fault(Fault::kPermitGrantedTwice) ? 2 : 1;
  const uint32_t ticket =
      granted_.fetch_add(granted, std::memory_order_relaxed, "permit: grant the next ticket");
  (*places_)[ticket % kPlaces].wake_all();
}

bool Permits::slice_over(const SchedThread& m) const {
  if constexpr (kLaboratory) return Random(0).choose("poll: is the slice over?", 2) != 0;
  return now_ns() >= m.slice_end;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
