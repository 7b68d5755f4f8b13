#include "engine/sched/permits.h"

#include "engine/base/clock.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

Permits::Permits(uint32_t count, Shared<uint32_t>& attention)
    : attention_(attention), places_(std::make_unique<std::array<WaitPoint, kPlaces>>()) {
  drawn_.bind(Word::kPermits, 0);
  granted_.bind(Word::kPermits, 1);
  granted_.init(count);
}

void Permits::take(SchedThread& m) {
  if constexpr (kLaboratory) return;
  if (m.has_permit || !m.needs_permit) return;
  const uint32_t ticket = drawn_.fetch_add(1, std::memory_order_relaxed, "permit: draw a ticket");
  auto granted = [this, ticket] { return static_cast<int32_t>(granted_.peek() - ticket) > 0; };
  if (!granted()) {
    attention_.add(1, std::memory_order_relaxed, "permit: put polls on the slow path");
    (*places_)[ticket % kPlaces].wait_until("permit: wait for the turn", granted);
    attention_.sub(1, std::memory_order_relaxed, "permit: one waits less");
  }
  m.has_permit = true;
  m.slice_end = now_ns() + kSliceNs;
}

void Permits::give(SchedThread& m) {
  if (!m.has_permit) return;
  m.has_permit = false;
  const uint32_t ticket = granted_.fetch_add(1, std::memory_order_relaxed, "permit: grant the next ticket");
  (*places_)[ticket % kPlaces].wake_all();
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
