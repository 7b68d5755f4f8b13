// Random events for property tests, their seed (SWEEPSCOPE_TEST_SEED) and their comparison.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "telemetry/model/event.h"

namespace sweepscope::telemetry::testing {

// Printed, so that a failure can be reproduced.
inline uint64_t test_seed() {
  const char* text = std::getenv("SWEEPSCOPE_TEST_SEED");
  const uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : 20261123;
  ::testing::Test::RecordProperty("seed", std::to_string(seed));
  std::cout << "SWEEPSCOPE_TEST_SEED=" << seed << "\n";
  return seed;
}

inline auto tie(const Transition& e) {
  return std::tuple(e.span, e.number, e.from, e.to, e.alloc_count, e.p, e.arc, e.cause, e.list);
}
inline auto tie(const SpanAllocated& e) {
  return std::tuple(e.span, e.number, e.first_page, e.pages, e.sweepgen, e.p, e.span_class);
}
inline auto tie(const SpanFreed& e) {
  return std::tuple(e.span, e.number, e.first_page, e.pages, e.sweepgen, e.p);
}
inline auto tie(const Turn& e) { return std::tuple(e.cycle, e.from, e.to, e.spans_in_use, e.ps); }
inline auto tie(const Flush& e) {
  return std::tuple(e.p, e.cause, e.spans, e.swept, e.ns, e.flush_gen, e.freed_objects, e.black_bytes);
}
inline auto tie(const PhaseChange& e) { return std::tuple(e.cycle, e.phase, e.heap_live, e.heap_marked); }
inline auto tie(const Stw& e) {
  return std::tuple(e.cycle, e.edge, e.reason, e.ns, e.running, e.spans_flushed, e.flush_ns, e.mark_ns);
}
inline auto tie(const MarkProgress& e) {
  return std::tuple(e.cycle, e.worker, e.marked_objects, e.marked_bytes);
}
inline auto tie(const SweepCredit& e) { return std::tuple(e.p, e.pages, e.bytes, e.pages_owed); }
inline auto tie(const Pacer& e) { return std::tuple(e.cycle, e.trigger, e.goal); }
inline auto tie(const Procresize& e) { return std::tuple(e.from, e.to, e.flush_gen); }
inline auto tie(const PStatusChange& e) {
  return std::tuple(e.p, e.from, e.to, e.thread, e.owner, e.flush_gen, e.cached);
}
inline auto tie(const CheckFired& e) {
  return std::tuple(e.code, e.p, e.span, e.sweepgen, e.raw, e.oracle, e.fiber);
}
inline auto tie(const Log& e) { return std::tuple(e.code, e.cycle, e.a, e.b); }
inline auto tie(const StepTaken& e) {
  return std::tuple(e.fiber, e.op, e.word, e.step, e.object, e.before, e.after);
}
inline auto tie(const MarkWork& e) { return std::tuple(e.cycle, e.by, e.ns, e.bytes); }
inline auto tie(const MarkShare& e) { return std::tuple(e.cycle, e.utilisation, e.ratio, e.credit_bytes); }
inline auto tie(const AllocLatency& e) { return std::tuple(e.cycle, e.path, e.count, e.total_ns, e.max_ns); }

inline bool same(const Event& a, const Event& b) {
  if (a.ns != b.ns || a.stream != b.stream || a.body.index() != b.body.index()) return false;
  return std::visit([&b]<class T>(const T& x) { return tie(x) == tie(std::get<T>(b.body)); }, a.body);
}

inline ::testing::AssertionResult same(const std::vector<Event>& a, const std::vector<Event>& b) {
  if (a.size() != b.size())
    return ::testing::AssertionFailure() << a.size() << " events against " << b.size();
  for (size_t i = 0; i < a.size(); ++i)
    if (!same(a[i], b[i]))
      return ::testing::AssertionFailure()
             << "event " << i << " (kind " << a[i].body.index() + 1 << ") differs";
  return ::testing::AssertionSuccess();
}

// Every field takes any legal value, more often small ones and the ends of its range.
class RandomEvents {
 public:
  explicit RandomEvents(uint64_t seed) : random_(seed) {}

  uint64_t below(uint64_t n) { return random_() % n; }

  template <class T>
  T number() {
    const uint64_t x = random_();
    switch (below(8)) {
      case 0: return 0;
      case 1: return static_cast<T>(~T{0});
      case 2: return static_cast<T>(x);
      case 3: return static_cast<T>(x & 0xffff);
      default: return static_cast<T>(x & 0x7f);
    }
  }
  template <class E>
  E among(E first, E last) {
    return static_cast<E>(static_cast<int>(first) +
                          below(static_cast<int>(last) - static_cast<int>(first) + 1));
  }

  Body body(size_t kind) {
    const auto u32 = [this] { return number<uint32_t>(); };
    const auto u64 = [this] { return number<uint64_t>(); };
    const auto u16 = [this] { return number<uint16_t>(); };
    const auto u8 = [this] { return number<uint8_t>(); };
    const uint8_t span_class = below(10) == 0 ? kManualSpanClass : static_cast<uint8_t>(below(kSpanClasses));
    constexpr Arc kArcs[] = {Arc::kT2, Arc::kT3, Arc::kT4, Arc::kT6, Arc::kT7, Arc::kT8a, Arc::kT8b};
    switch (kind) {
      case 0:
        return Transition{u32(),
                          u32(),
                          u32(),
                          u32(),
                          u16(),
                          u16(),
                          kArcs[below(7)],
                          among(Cause::kNone, Cause::kRelease),
                          among(ListMembership::kNone, ListMembership::kBusyLarge)};
      case 1: return SpanAllocated{u32(), u32(), u32(), u32(), u32(), u16(), span_class};
      case 2: return SpanFreed{u32(), u32(), u32(), u32(), u32(), u16()};
      case 3: return Turn{u32(), u32(), u32(), u32(), u32()};
      case 4:
        return Flush{u16(), among(FlushCause::kAcquireP, FlushCause::kGcStart),
                     u32(), u32(),
                     u32(), u32(),
                     u32(), below(2) == 0 ? 0 : u32()};
      case 5: return PhaseChange{u32(), among(Phase::kOff, Phase::kMarkTermination), u64(), u64()};
      case 6:
        return Stw{u32(),
                   among(StwEdge::kRequested, StwEdge::kStarted),
                   among(StwReason::kSweepTermination, StwReason::kStwSweep),
                   u32(),
                   u32(),
                   u32(),
                   u32(),
                   u32()};
      case 7: return MarkProgress{u32(), u32(), u32(), u64()};
      case 8: return SweepCredit{u16(), u32(), u64(), u64()};
      case 9: return Pacer{u32(), u64(), u64()};
      case 10: return Procresize{u32(), u32(), u32()};
      case 11:
        return PStatusChange{u16(),
                             among(PStatus::kIdle, PStatus::kDead),
                             among(PStatus::kIdle, PStatus::kDead),
                             u32(),
                             u32(),
                             u32(),
                             u32()};
      case 12: return CheckFired{u8(), u16(), u32(), u32(), u32(), u32(), u32()};
      case 13: return Log{u8(), u32(), u64(), u64()};
      case 14:
        return StepTaken{u16(), among(StepOp::kLoad, StepOp::kChoice), u8(), u32(), u32(), u32(), u32()};
      case 15: return MarkWork{u32(), among(MarkedBy::kDedicated, MarkedBy::kAssist), u64(), u64()};
      case 16: return MarkShare{u32(), u32(), u32(), u64()};
      default:
        static_assert(std::variant_size_v<Body> == 18);
        return AllocLatency{u32(), among(AllocPath::kFast, AllocPath::kCollect), u64(), u64(), u64()};
    }
  }

  std::vector<Event> events(size_t count) {
    std::vector<Event> result;
    result.reserve(count);
    int64_t ns = static_cast<int64_t>(number<uint32_t>());
    uint32_t stream = 0;
    size_t kind = 0;
    for (size_t i = 0; i < count; ++i) {
      if (below(5) == 0) stream = below(20) == 0 ? number<uint32_t>() : static_cast<uint32_t>(below(9));
      if (below(3) == 0) kind = below(std::variant_size_v<Body>);
      ns = below(500) == 0 ? static_cast<int64_t>(random_()) : ns + static_cast<int64_t>(below(200)) - 20;
      result.push_back({ns, stream, body(kind)});
    }
    return result;
  }

 private:
  std::mt19937_64 random_;
};

// A plausible stretch of a run, for sizes and speeds: sweep bursts, refills, a flush now and then, a turn
// each 20,000.
inline std::vector<Event> plausible_events(size_t count, uint64_t seed = 1) {
  RandomEvents random(seed);
  std::vector<Event> result;
  constexpr uint32_t kSpans = 8192;
  std::vector<uint32_t> numbers(kSpans, 1);
  uint32_t h = 8, next = 0;
  int64_t ns = 1'000'000;
  while (result.size() < count) {
    const uint16_t p = static_cast<uint16_t>(random.below(4));
    const uint32_t stream = 10 + p;
    const auto push = [&](Body body) {
      ns += 15 + static_cast<int64_t>(random.below(64) + (random.below(50) == 0 ? random.below(5000) : 0));
      result.push_back({ns, stream, body});
    };
    for (uint64_t burst = random.below(200) + 1; burst > 0; --burst) {
      const uint32_t span = next =
          random.below(10) == 0 ? static_cast<uint32_t>(random.below(kSpans)) : (next + 1) % kSpans;
      const uint16_t count_after = static_cast<uint16_t>(random.below(256));
      if (random.below(4) != 0) {
        push(Transition{span, numbers[span]++, h - 2, h - 1, count_after, kNoP, Arc::kT6, Cause::kBackground,
                        ListMembership::kNone});
        push(Transition{span, numbers[span]++, h - 1, h, count_after, kNoP, Arc::kT8b, Cause::kBackground,
                        ListMembership::kNonempty});
      } else {
        push(Transition{span, numbers[span]++, h, h + 3, count_after, p, Arc::kT2, Cause::kRefill,
                        ListMembership::kEmpty});
      }
    }
    if (random.below(3) == 0)
      push(Flush{p, FlushCause::kAcquireP, static_cast<uint32_t>(random.below(60)), 30, 4000, h, 900});
    if (result.size() / 20000 + 4 > h / 2) {
      push(Turn{h / 2, h, h + 2, kSpans, 4});
      h += 2;
    }
  }
  result.resize(count);
  return result;
}

}  // namespace sweepscope::telemetry::testing
