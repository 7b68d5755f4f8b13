// The seed's defects that Go repaired later (engine/README.md; engine/heap/repairs.h), each as a pair:
// with its repair no interleaving fails, as shipped the defect shows. D1 is in heap_litmus_test.cc (reclaim),
// D5 in marking_litmus_test.cc.
#include "engine/heap/sweep_credit.h"
#include "tests/litmus/litmus.h"

namespace sweepscope::laboratory {
namespace {

using engine::M;
using engine::UncacheOrder;
using observe::FlushCause;
using observe::PStatus;

void flush(Bench& b, M& m) { prepare_for_sweep(m, b.heap(), *m.mcache, FlushCause::kAcquireP); }
void flush_both(Bench& b) {
  flush(b, *b.left);
  flush(b, *b.right);
}
void drain(Bench& b, M& m) {
  while (b.sweep_one(m)) {
  }
}

// As shipped, the defect shows in some interleaving.
void expect_wrong(const Litmus& litmus, const std::string& sign) {
  const Explored explored = explore(litmus, DepthFirst(std::nullopt));
  EXPECT_TRUE(explored.wrong.starts_with(sign)) << "'" << explored.wrong << "' in " << explored.schedules;
}

// D2 (Go 70d7e96c78): a sweep with preserve leaves a span in which everything died on its mcentral (I11).
Litmus dead_span_is_flushed(UncacheOrder order) {
  return {
      .setup =
          [order](Bench& b) {
            b.heap().repairs.uncache_order = order;
            Bench::drop(b.allocate(*b.left));
            b.turn();
            flush(b, *b.right);
          },
      .left = [](Bench& b) { flush(b, *b.left); },
      .right = [](Bench& b) { drain(b, *b.right); },
      .after =
          [](Bench& b) { return std::string(b.heap().spans_in_use() == 0 ? "" : "the dead span is kept"); }};
}

TEST(UncacheLitmus, DeadSpanOfAStaleMcacheIsFreed) {
  expect_right(dead_span_is_flushed(UncacheOrder::kSweepMayFree));
}

TEST(UncacheLitmus, DeadSpanOfAStaleMcacheIsKeptInTheSeed) {
  expect_wrong(dead_span_is_flushed(UncacheOrder::kSweepPreserves), "the dead span is kept");
}

// Waits like a forced cycle, then notes whether span 0 is swept, without a step in between.
void wait_for_sweep(Bench& b) {
  b.heap().sweep_completed.wait_until("litmus: wait for the sweep",
                                      [&b] { return b.heap().sweep_complete(); });
  if (b.relative(0) != 0 && b.relative(0) != 3) b.objects.push_back(0);
}
std::string complete_when_seen(Bench& b) {
  return b.objects.back() == 0 ? "complete, and span 0 was not swept" : "";
}

// D3 (Go a25a77aed2, #45315), the flusher: an idle P is stale, or in the middle of its flush, while the queue
// is empty (I13).
Litmus stale_mcache_stands(const std::string& policy) {
  return {.setup =
              [](Bench& b) {
                b.objects.push_back(b.allocate(*b.right));
                b.sched().release_p(*b.right, PStatus::kIdle);
                b.mark(b.objects[0]);
                b.turn();
                flush(b, *b.left);
                b.engine->runtime().policy().before_start(*b.left);
                drain(b, *b.left);
              },
          .left = [](Bench& b) { b.engine->runtime().policy().after_start(*b.left, 0); },
          .right = wait_for_sweep,
          .after = complete_when_seen,
          .policy = policy};
}

TEST(CompletionLitmus, WaitsForTheFlushOfAStaleMcache) { expect_right(stale_mcache_stands("lazy")); }

TEST(CompletionLitmus, IgnoresAStaleMcacheInTheSeed) {
  expect_wrong(stale_mcache_stands("lazy-seed"), "complete, and span 0 was not swept");
}

// D3, the direct sweeper: a refill took the span from its list, and the queue is empty.
Litmus refill_sweeps(bool counted) {
  return {.setup =
              [counted](Bench& b) {
                b.heap().repairs.direct_sweepers_count = counted;
                b.objects.push_back(b.allocate(*b.left));
                b.release(*b.left);
                b.mark(b.objects[0]);
                b.turn();
                flush_both(b);
              },
          .left = [](Bench& b) { b.refill_and_use(*b.left); },
          .right =
              [](Bench& b) {
                drain(b, *b.right);
                wait_for_sweep(b);
              },
          .after = complete_when_seen};
}

TEST(CompletionLitmus, WaitsForARefillThatSweeps) { expect_right(refill_sweeps(true)); }

TEST(CompletionLitmus, IgnoresARefillThatSweepsInTheSeed) {
  expect_wrong(refill_sweeps(false), "complete, and span 0 was not swept");
}

// D4 (Go 4f4c23512e, #53885): a sweep of everything in a stopped world, while another P keeps a span in its
// mcache. The oracle checks I7 at the end of that sweep.
Litmus sweep_of_a_stopped_world(bool flushes) {
  return {.setup =
              [flushes](Bench& b) {
                b.heap().repairs.flush_before_stw_sweep = flushes;
                Bench::drop(b.allocate(*b.right));
              },
          .left = [](Bench& b) { engine::Mutator(*b.left, b.engine->runtime()).collect(); },
          .right = [](Bench& b) { b.sched().release_p(*b.right, PStatus::kIdle); },
          .stw_sweep = true};
}

TEST(StoppedSweepLitmus, FlushesEveryMcacheFirst) { expect_right(sweep_of_a_stopped_world(true)); }

TEST(StoppedSweepLitmus, LeavesAStaleMcacheInTheSeed) {
  expect_wrong(sweep_of_a_stopped_world(false), "I7: ");
}

// D6 (Go #57523): the right P gives back slots that heap_live counted when the basis was taken, before or
// after the left one reads heap_live. The left one owes nothing either way; with unsigned arithmetic it owes
// the whole heap. (The arithmetic alone is in tests/engine/heap/sweep_credit_test.cc.)
Litmus heap_live_falls_below_its_basis(bool is_signed) {
  return {
      .setup =
          [is_signed](Bench& b) {
            b.heap().repairs.debt_is_signed = is_signed;
            // An eighth of a span, so that slots of a fresh mcache stay unused; not the class of the debt.
            const auto small = [&b] {
              engine::Mutator right(*b.right, b.engine->runtime());
              b.objects.push_back(reinterpret_cast<uintptr_t>(engine::allocate(right, 1024, 0)));
            };
            small();
            b.objects.push_back(b.allocate(*b.left));
            b.release(*b.left);
            for (const uintptr_t object : b.objects) b.mark(object);
            b.turn();
            flush_both(b);
            small();
            b.heap().credit.rebase(b.heap(), b.heap().heap_live.peek());
          },
      .left =
          [](Bench& b) {
            const engine::NonPreemptible region(*b.left);
            deduct_sweep_credit(*b.left, b.heap(), 0, 0, observe::Cause::kProportional);
          },
      .right = [](Bench& b) { b.release(*b.right); },
      .after =
          [](Bench& b) {
            if (b.heap().heap_live.peek() >= b.heap().credit.heap_live_basis.peek())
              return std::string("heap_live is not below its basis");
            const auto cause = static_cast<size_t>(observe::Cause::kProportional);
            return std::string(b.left->swept_spans[cause] == 0 ? "" : "swept for a debt that does not exist");
          }};
}

TEST(SweepCreditLitmus, FlushOfAFreshMcacheMakesNoDebt) {
  expect_right(heap_live_falls_below_its_basis(true));
}

TEST(SweepCreditLitmus, FlushOfAFreshMcacheMakesADebtInTheSeed) {
  expect_wrong(heap_live_falls_below_its_basis(false), "swept for a debt that does not exist");
}

}  // namespace
}  // namespace sweepscope::laboratory
