// Concurrent marking, where a thread may answer before another one changes a reference.
#include "engine/gc/mark/mark_phase.h"
#include "tests/litmus/litmus.h"

namespace sweepscope::laboratory {
namespace {

using engine::Mutator;

struct Cell {
  static constexpr size_t kRefs = 1;
  engine::Ref<Cell> content;
  std::byte rest[4096 - sizeof(engine::Ref<Cell>)];
};

// The left thread's stack refers to a cell, the cell to another; the right thread knows the first by its address alone.
// A mark phase has begun: no cell is marked, and the round that scans the stack finds both.
struct Cells {
  void** root = nullptr;
  Cell* outer = nullptr;
  uintptr_t inner = 0;
};

engine::MarkPhase& phase(Bench& b) { return b.engine->runtime().marking(); }

void drain(Bench& b) {
  engine::DrainedWork done;
  phase(b).drain(*b.left, ~uint64_t{0}, done, [](engine::MarkThread&) { return false; });
}

void begin(Bench& b, Cells& cells) {
  Mutator right(*b.right, b.engine->runtime());
  cells.root = b.left->stack.push(*b.left);
  *cells.root = cells.outer = engine::make<Cell>(right);
  Cell* const inner = engine::make<Cell>(right);
  cells.outer->content.set(right, inner);
  cells.inner = reinterpret_cast<uintptr_t>(inner);
  b.sched().release_p(*b.right, observe::PStatus::kIdle);
  b.sched().stop(*b.left);
  phase(b).begin(*b.left, 1);
  b.sched().start(*b.left, 2);
  drain(b);  // the root jobs, which find nothing here
  b.sched().acquire_p(*b.right, 1, true);
}

// As workers and the collector do it, on one thread.
void mark(Bench& b) {
  while (true) {
    do {
      drain(b);
    } while (!phase(b).round(*b.left));
    b.sched().stop(*b.left);
    if (phase(b).complete(*b.left)) break;
    b.sched().start(*b.left, 2);
  }
  b.sched().start(*b.left, 2);
}

bool marked(Bench& b, uintptr_t object) {
  engine::MSpan& span = *b.heap().find(object);
  const uint32_t slot = span.slot_of(object);
  return (span.mark_word_at(slot / 64) >> (slot % 64) & 1) != 0;
}

std::string white_or_nothing(Bench& b, Cells& cells) {
  const bool kept = marked(b, cells.inner);
  for (const Cell* cell : {cells.outer, reinterpret_cast<Cell*>(cells.inner)})
    Bench::drop(reinterpret_cast<uintptr_t>(cell));
  b.left->stack.pop(*b.left, cells.root);
  return kept ? "" : "an object that a black stack may hold stays white";
}

// D5 (Go 95a6f112c6, #27993): the right thread answers the round without work, then takes the inner cell out
// of the outer one, which the round made grey. Only the stop finds it.
Litmus reference_taken_after_the_round(bool looked_for) {
  const auto cells = std::make_shared<Cells>();
  return {.setup =
              [cells, looked_for](Bench& b) {
                b.heap().repairs.recheck_in_stop = looked_for;
                begin(b, *cells);
              },
          .left = mark,
          .right =
              [cells](Bench& b) {
                Mutator right(*b.right, b.engine->runtime());
                right.poll();
                cells->outer->content.set(right, nullptr);
                b.sched().release_p(*b.right, observe::PStatus::kIdle);
              },
          .after = [cells](Bench& b) { return white_or_nothing(b, *cells); },
          .concurrent_mark = true};
}

TEST(MarkingLitmus, StopFindsGreyObjectsThatTheRoundMissed) {
  expect_right(reference_taken_after_the_round(true));
}

TEST(MarkingLitmus, TrustsTheRoundInTheSeed) {
  const Explored explored = explore(reference_taken_after_the_round(false), DepthFirst(std::nullopt));
  EXPECT_TRUE(explored.wrong.starts_with("P has cached GC work at end of mark termination"))
      << "'" << explored.wrong << "' in " << explored.schedules;
}

// The same move, without the shade of the reference that it overwrites.
TEST(MarkingLitmus, ReferenceTakenToABlackStackIsLostWithoutTheShadeOfTheOld) {
  Litmus litmus = reference_taken_after_the_round(true);
  litmus.fault = engine::Fault::kNoWriteBarrier;
  EXPECT_EQ(explore(litmus, DepthFirst(std::nullopt)).wrong,
            "an object that a black stack may hold stays white");
}

// The right thread's stack has the only reference to a cell when the phase begins, and is scanned once. The thread
// makes another cell, which is black, and moves the reference there, or has no reference to move.
enum class Held : uint8_t { kOld, kNew };

Litmus cell_of_the_right_stack(Held held) {
  struct Slots {
    void** first = nullptr;
    void** second = nullptr;
    std::vector<uintptr_t> made;
  };
  const auto slots = std::make_shared<Slots>();
  const auto made = [slots](const Cell* cell) {
    slots->made.push_back(reinterpret_cast<uintptr_t>(cell));
    return const_cast<Cell*>(cell);
  };
  return {.setup =
              [slots, made](Bench& b) {
                Mutator right(*b.right, b.engine->runtime());
                for (void*** slot : {&slots->first, &slots->second}) {
                  *slot = b.right->stack.push(*b.right);
                  **slot = nullptr;
                }
                *slots->first = made(engine::make<Cell>(right));
                b.sched().release_p(*b.right, observe::PStatus::kIdle);
                b.sched().stop(*b.left);
                phase(b).begin(*b.left, 1);
                b.sched().start(*b.left, 2);
                drain(b);  // the root jobs, which find nothing here
                b.sched().acquire_p(*b.right, 1, true);
              },
          .left = mark,
          .right =
              [slots, made, held](Bench& b) {
                Mutator right(*b.right, b.engine->runtime());
                if (held == Held::kNew) right.poll();
                Cell* const black = made(engine::make<Cell>(right));
                *slots->second = black;
                if (held == Held::kOld) {
                  black->content.set(right, static_cast<Cell*>(*slots->first));
                  *slots->first = nullptr;
                }
                b.sched().release_p(*b.right, observe::PStatus::kIdle);
              },
          .after =
              [slots, held](Bench& b) {
                const bool kept = marked(b, slots->made[held == Held::kOld ? 0 : 1]);
                for (const uintptr_t cell : slots->made) Bench::drop(cell);
                for (void** slot : {slots->second, slots->first}) b.right->stack.pop(*b.right, slot);
                return std::string(kept ? "" : "a reachable object stays white");
              },
          .concurrent_mark = true};
}

TEST(MarkingLitmus, ReferenceMovedFromAnUnscannedStackIsMarked) {
  expect_right(cell_of_the_right_stack(Held::kOld));
}
TEST(MarkingLitmus, ReferenceMovedFromAnUnscannedStackIsLostWithoutTheShadeOfTheNew) {
  Litmus litmus = cell_of_the_right_stack(Held::kOld);
  litmus.fault = engine::Fault::kNoWriteBarrier;
  EXPECT_EQ(explore(litmus, DepthFirst(std::nullopt)).wrong, "a reachable object stays white");
}

TEST(MarkingLitmus, NewObjectOfAStackThatMayBeBlackIsMarked) {
  expect_right(cell_of_the_right_stack(Held::kNew));
}
TEST(MarkingLitmus, NewObjectOfABlackStackIsLostWhenBornWhite) {
  Litmus litmus = cell_of_the_right_stack(Held::kNew);
  litmus.fault = engine::Fault::kNoAllocateBlack;
  EXPECT_EQ(explore(litmus, DepthFirst(std::nullopt)).wrong, "a reachable object stays white");
}

// The right thread holds objects by three handles on its stack only. It owns no P when the phase begins, and
// moves the reference to another handle as soon as it owns one: a marker that scans the stack must keep it
// waiting.
struct Handles {
  void** sleeve = nullptr;
  void** first = nullptr;
  void** hand = nullptr;
  void* held = nullptr;
};

Litmus thread_comes_back_while_its_stack_is_scanned() {
  const auto handles = std::make_shared<Handles>();
  return {.setup =
              [handles](Bench& b) {
                Mutator right(*b.right, b.engine->runtime());
                for (void*** slot : {&handles->sleeve, &handles->first, &handles->hand}) {
                  *slot = b.right->stack.push(*b.right);
                  **slot = nullptr;
                }
                *handles->first = engine::make<Cell>(right);
                handles->held = *handles->hand = engine::make<Cell>(right);
                b.sched().release_p(*b.right, observe::PStatus::kIdle);
                b.sched().stop(*b.left);
                phase(b).begin(*b.left, 1);
                b.sched().start(*b.left, 2);
                drain(b);  // the root jobs, which find nothing here
              },
          .left = mark,
          .right =
              [handles](Bench& b) {
                b.sched().acquire_p(*b.right, 1, true);
                Mutator(*b.right, b.engine->runtime()).poll();
                *handles->sleeve = *handles->hand;
                *handles->hand = nullptr;
                b.sched().release_p(*b.right, observe::PStatus::kIdle);
              },
          .after =
              [handles](Bench& b) {
                const auto held = reinterpret_cast<uintptr_t>(handles->held);
                for (const void* object : {handles->held, *handles->first})
                  Bench::drop(reinterpret_cast<uintptr_t>(object));
                for (void** slot : {handles->hand, handles->first, handles->sleeve})
                  b.right->stack.pop(*b.right, slot);
                return std::string(marked(b, held) ? "" : "an object that only a stack holds stays white");
              },
          .concurrent_mark = true};
}

TEST(MarkingLitmus, ThreadWaitsWhileItsStackIsScanned) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "15 million steps are too slow on the fibers of the sanitizer builds";
#endif
  expect_right(thread_comes_back_while_its_stack_is_scanned());
}

}  // namespace
}  // namespace sweepscope::laboratory
