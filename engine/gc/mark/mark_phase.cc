#include "engine/gc/mark/mark_phase.h"

#include <algorithm>
#include <utility>

#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/heap_word.h"
#include "engine/base/random.h"
#include "engine/base/reads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// How often a thread that drains calls others to what it shares, in turns of kScansBetweenPolls: some 30 us, the price
// of a wake-up.
constexpr uint32_t kTurnsBetweenCalls = kLaboratory ? 1 : 16;

}  // namespace

MarkPhase::MarkPhase(const Layers& layers, StoppedCrew& crew)
    : heap_(layers.heap),
      sched_(layers.sched),
      threads_(layers.threads),
      globals_(layers.globals),
      buffers_(heap_.limit_bytes()),
      pool_(buffers_),
      crew_(crew),
      roots_(layers) {
  stack_scanned_.bind(Word::kStackScan, ~0u);
  work_.bind(Word::kMarkWork, object(MarkWord::kPhase));
  draining_.bind(Word::kMarkWork, object(MarkWord::kDraining));
  work_for_workers.bind(Word::kMarkWork, object(MarkWord::kPhase));
  work_for_idle_workers.bind(Word::kMarkWork, object(MarkWord::kPhase));
  work_for_assists.bind(Word::kMarkWork, object(MarkWord::kPhase));
  workers_rest.bind(Word::kMarkWork, object(MarkWord::kPhase));
}

void MarkPhase::begin_totals() {
  // relaxed, here and below: see there.
  marked_bytes_.store(0, std::memory_order_relaxed);
  marked_objects_.store(0, std::memory_order_relaxed);
}

// By m, before the world can count as stopped.
void MarkPhase::count_marks(MarkThread& m) {
  const MarkTotals more = m.marked - std::exchange(m.marks_counted, m.marked);
  if (more.objects == 0) return;
  // relaxed: see there.
  marked_bytes_.fetch_add(more.bytes, std::memory_order_relaxed);
  marked_objects_.fetch_add(more.objects, std::memory_order_relaxed);
}

void MarkPhase::stack_is_black() {
  stacks_left_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: see there
}

MarkTotals MarkPhase::mark_stopped(MarkThread& m, uint32_t cycle) {
  cycle_ = cycle;
  begin_totals();
  roots_.plan(Program::kStopped);
  pool_.begin(crew_.workers());
  crew_.run(m, [&](uint32_t worker, MarkThread& on) {
    Marker marker(heap_, pool_, on, worker, cycle_, Program::kStopped);
    while (roots_.do_next(marker, on)) {
    }
    marker.drain();
    count_marks(on);
  });
  pool_.end(m);
  return totals();
}

void MarkPhase::begin(MarkThread& m, uint32_t cycle) {
  cycle_ = cycle;
  if (fault(Fault::kNoWriteBarrier))
    shade_left_out_ =
        Random(0).choose("fault no-write-barrier: leave out the shade of the old or of the new", 2);
  roots_.plan(Program::kRunning);
  globals_.begin_shading(m, pool_);
  grey_tiny_block(m);
  another_round_ = true;
  begin_totals();
  wanted_ = nullptr;
  uint32_t stacks = 0;
  threads_.for_each([&](MarkThread& thread) {
    thread.assist_bytes = 0;
    if (!thread.stack.ever_used()) return;  // never had a handle
    ++stacks;
    // m continues; every other thread comes back through acquired(). relaxed: the start of the world
    // publishes it.
    thread.stack_scan.store(&thread == &m ? StackScan::kRunning : StackScan::kOutside,
                            std::memory_order_relaxed, "mark: want this stack");
    if (&thread == &m) return;
    thread.next_wanted = wanted_;
    wanted_ = &thread;
  });
  stacks_left_.store(stacks, std::memory_order_relaxed);
  heap_.set_birth_colour(Colour::kBlack);
  active_ = m.write_barrier = true;
  // relaxed: the start of the world publishes it.
  work_.store(Work::kBegun, std::memory_order_relaxed, "mark: begun");
}

void MarkPhase::open() {
  // Before the store: from there on another thread may look for the end, and open again.
  const bool first_of_its_cycle = cycle_opened_ != cycle_;
  cycle_opened_ = cycle_;
  // release: pairs with the acquire of the thread that makes it kEnding, and then uses what belongs to it.
  work_.store(Work::kOpen, std::memory_order_release, "mark: open");
  work_for_workers.wake_all();
  if (first_of_its_cycle)
    work_for_idle_workers.wake_all();  // the budget may have made them fractional or dedicated
  tell_of_work();
}

// Idle workers are woken one by one, while there is a P for one: they must not queue up for it before mutators.
void MarkPhase::tell_of_work() {
  const ReadScope scope;
  work_for_workers.wake_one();
  work_for_assists.wake_one();
  if (sched_.has_spare_p()) work_for_idle_workers.wake_one();
}

Drained MarkPhase::drain(MarkThread& m, uint64_t units, DrainedWork& work,
                         FunctionRef<bool(MarkThread&)> give_way) {
  const uint32_t cycle = cycle_;
  note_held(cycle);
  ReadScope scope;
  Marker marker(heap_, pool_, m, m.id, cycle, Program::kRunning);
  draining_.add(1, std::memory_order_acq_rel, "mark: one more thread drains");
  Drained how = Drained::kNoWork;
  uint32_t turns = kTurnsBetweenCalls;
  // Without a limit the bytes are no state: what was scanned is counted whenever give_way is asked.
  const auto units_left = [&] { return units == kNoLimit ? 0 : units - std::min(units, marker.scanned()); };
  while (true) {
    if constexpr (kLaboratory) scope.holds(marker.held() ^ units_left() << 32);
    if (!drain_some(marker, m)) break;
    work.scanned = marker.scanned();
    // A thread that was woken counts as asleep until it has a core: each call until then is a system call for nothing.
    if (!pool_.empty() && ++turns > kTurnsBetweenCalls) {
      tell_of_work();
      turns = 1;
    }
    if (sched_.world.attention.load(std::memory_order_relaxed, "mark: is anything wanted of this thread?") !=
        0) {
      marker.publish();  // before the poll: from there on another thread may look for the end
      if constexpr (kLaboratory) scope.holds(units_left());
      const uint64_t begin = now_ns();
      sched_.poll_while_marking(m);
      work.waited_ns += now_ns() - begin;
      if (cycle_ != cycle || !active_) return scope.returns(Drained::kEnded);  // draining_ was reset
    }
    if (work.scanned >= units) {
      how = Drained::kPaid;
      break;
    }
    if (give_way(m)) {
      how = Drained::kGaveWay;
      break;
    }
  }
  work.scanned = marker.scanned();
  marker.publish();
  if (!pool_.empty()) tell_of_work();
  if constexpr (kLaboratory) scope.holds(static_cast<uint64_t>(how) | units_left() << 8);
  how = leave(how);
  scope.returns(static_cast<uint64_t>(how) | units_left() << 8);
  return how;
}

// Scans what it takes before it returns: the caller may publish all, again and again.
bool MarkPhase::drain_some(Marker& marker, MarkThread& m) {
  if (marker.scan_some(kScansBetweenPolls)) return true;
  if (!roots_.do_next(marker, m) && !marker.take_from_pool()) return false;
  marker.scan_some(kScansBetweenPolls);
  return true;
}

// The last one looks for the end, for whatever reason it left: no other thread would.
Drained MarkPhase::leave(Drained how) {
  const bool alone = draining_.fetch_sub(1, std::memory_order_acq_rel, "mark: one thread less drains") == 1;
  const bool last = alone && !work_left();
  // A Global that ended put it there, and its thread wakes no worker.
  if (alone && !last) tell_of_work();
  Work seen = Work::kOpen;
  // acquire: pairs with the release of the thread that opened.
  return last && work_.compare_exchange(seen, Work::kEnding, std::memory_order_acquire,
                                        std::memory_order_relaxed, "mark: look for the end")
             ? Drained::kLast
             : how;
}

// Each stack is claimed, or its thread runs and scans it when it answers, or at the latest when it stops.
bool MarkPhase::round(MarkThread& m) {
  ReadScope scope;
  if (another_round_) {
    brought_.store(0, std::memory_order_relaxed, "mark: begin a round");
    claim_stacks(m);
    sched_.for_each_p(m, [this](SchedThread& by, P&) { settle(static_cast<MarkThread&>(by)); });
    another_round_ = brought_.peek() > kWorthARound;
  }
  // A thread that drains has something that a stop would find; it looks for the end when it has done.
  return scope.returns(!work_left() && draining_.peek() == 0);
}

// Threads without a P do not answer a round: their stacks are scanned for them.
void MarkPhase::claim_stacks(MarkThread& m) {
  for (MarkThread* thread = wanted_; thread != nullptr; thread = thread->next_wanted) {
    StackScan seen = StackScan::kOutside;
    // acquire on winning: pairs with the thread's leaving of the world, after which it does not change its
    // stack.
    if (!thread->stack_scan.compare_exchange(seen, StackScan::kClaimed, std::memory_order_acquire,
                                             std::memory_order_relaxed,
                                             "mark: claim the stack of a thread without a P"))
      continue;
    scan_stack(m, *thread);
    thread->stack_scan.store(StackScan::kDone, std::memory_order_release, "mark: the claimed stack is black");
    stack_is_black();
    stack_scanned_.wake_all();
  }
}

void MarkPhase::acquired(SchedThread& thread) {
  MarkThread& m = static_cast<MarkThread&>(thread);  // a thread that takes a P is a whole M
  check(m, m.barrier.used == 0, FatalCode::kLeftoverWork, Operand{"in_its_barrier_buffer", m.barrier.used});
  m.write_barrier = active_;
  if (!active_) return;
  enter(m);
  grey_tiny_block(m);
}

// What is carved from it is not marked by this, and may be the only object in it that lives.
void MarkPhase::grey_tiny_block(MarkThread& m) {
  if (m.mcache->tiny != 0 && !fault(Fault::kTinyNotGreyed)) mark_object(m, heap_, m.mcache->tiny);
}

void MarkPhase::releases(SchedThread& thread) {
  if (!active_) return;
  MarkThread& m = static_cast<MarkThread&>(thread);
  settle(m);
  count_marks(m);
}

void MarkPhase::enter(MarkThread& m) {
  const ReadScope scope;
  StackScan seen = StackScan::kOutside;
  // Who wins scans its stack itself: only this thread leaves kRunning. acquire is for losing: pairs with the
  // marker's release of kDone, so that its scan is over before the stack changes. Winning needs no order.
  if (m.stack_scan.compare_exchange(seen, StackScan::kRunning, std::memory_order_acquire,
                                    std::memory_order_acquire, "enter: is this stack still to be scanned?"))
    return;
  if (seen != StackScan::kClaimed) return;
  stack_scanned_.wait_until("enter: wait until a marker has scanned this stack", [&m] {
    return m.stack_scan.peek(std::memory_order_acquire) ==
           StackScan::kDone;  // acquire: pairs with the marker's release
  });
}

// At a safepoint of its own thread: the stack is black and the buffer empty afterwards.
void MarkPhase::settle(MarkThread& m) {
  if (m.stack_scan.peek() == StackScan::kRunning) {
    scan_stack(m, m);
    // release: a thread that sees that no stack is left then reads the pool.
    m.stack_scan.store(StackScan::kDone, std::memory_order_release, "safe point: the own stack is black");
    stack_is_black();
  }
  give_up_buffer(m);
}

// What a thread that does not drain made grey.
class MarkPhase::Grey {
 public:
  Grey(MarkPool& pool, Context& m) : work_(pool, m) {}
  void add(uintptr_t object) {
    work_.push(GreyEntry::marked(object));
    ++objects_;
  }
  uint32_t objects() const { return objects_; }
  void publish() { work_.publish(); }

 private:
  GreyWork work_;
  uint32_t objects_ = 0;
};

void MarkPhase::scan_stack(MarkThread& m, MarkThread& thread) {
  Grey grey(pool_, m);
  thread.stack.for_each([&](uintptr_t root) {
    if (const uintptr_t object = mark_object(m, heap_, root); object != 0) grey.add(object);
    // A step after each handle, so that the laboratory sees whether another thread changes a claimed stack. relaxed:
    // the value is of no interest.
    if constexpr (kLaboratory) {
      if (&thread != &m)
        thread.stack_scan.load(std::memory_order_relaxed, "mark: continue with the next handle");
    }
  });
  bring(grey);
}

void MarkPhase::bring(Grey& grey) {
  if (grey.objects() == 0) return;
  grey.publish();
  brought_.add(grey.objects(), std::memory_order_relaxed, "mark: brought objects to light");
  tell_of_work();
}

void MarkPhase::give_up_buffer(MarkThread& m) {
  BarrierBuffer& buffer = m.barrier;
  Grey grey(pool_, m);
  mark_objects(m, heap_, std::span<const uint64_t>(buffer.seen).first(buffer.used),
               [&grey](uintptr_t object) { grey.add(object); });
  buffer.used = 0;
  bring(grey);
}

void MarkPhase::shade(MarkThread& m, uint64_t reference) {
  if (reference == 0) return;
  BarrierBuffer& buffer = m.barrier;
  if (buffer.used == BarrierBuffer::kSize) give_up_buffer(m);
  buffer.seen[buffer.used++] = reference;
}

// Both shades whatever the colours: reading them would cost an access to the span (Go's barrier does the
// same).
void MarkPhase::write(MarkThread& m, uint64_t& word, uint64_t target) {
  const ReadScope scope;
  NonPreemptible region(m);
  note_held(target);
  HeapWord reference(word);
  // acquire: pairs with the release of the thread that stored it; the object is read when the buffer is given
  // up.
  const uint64_t old = reference.load(std::memory_order_acquire, "write barrier: read the old reference");
  const bool faulty = fault(Fault::kNoWriteBarrier);
  if (!faulty || shade_left_out_ != 0) shade(m, old);
  if (!faulty || shade_left_out_ != 1) shade(m, target);
  // release: pairs with the marker's acquire, so that it sees the object's zeroing and layout.
  reference.store(target, std::memory_order_release, "write barrier: write the new reference");
}

void MarkPhase::scan_soon(MarkThread& m, uintptr_t object) {
  const ReadScope scope;
  MSpan& span = *heap_.find(object);
  // A marked object is scanned anyway, or was. An entry for it would open the marking again, each time.
  if (span.span_class.noscan() || span.is_marked(span.slot_of(object))) return;
  Grey grey(pool_, m);
  grey.add(span.large() ? span.base : span.slot_address(span.slot_of(object)));
  bring(grey);
}

// For a dump: the first, or ~0.
uint32_t MarkPhase::thread_with_grey_stack() const {
  for (const MarkThread* thread = wanted_; thread != nullptr; thread = thread->next_wanted)
    if (thread->stack_scan.peek() != StackScan::kDone) return thread->id;
  return ~0u;
}

bool MarkPhase::complete(MarkThread& m) {
  ReadScope scope;
  settle(m);
  const bool recheck = heap_.repairs.recheck_in_stop && !fault(Fault::kNoRecheckInStop);
  if (!globals_.end_shading(m, [&] { return !recheck || !work_left(); })) return false;
  pool_.end(m);  // as shipped the marker trusted the last round: fatal (D5)
  // Every other thread has emptied its barrier buffer, which acquired() checks, and counted its marks.
  if (const uint32_t left = stacks_left_.load(std::memory_order_relaxed); left != 0)
    fail(m, FatalCode::kLeftoverWork, {{"stacks_left", left}, {"of_thread", thread_with_grey_stack()}});
  count_marks(m);
  heap_.set_birth_colour(Colour::kWhite);
  active_ = m.write_barrier = false;
  // relaxed: the start of the world publishes it.
  work_.store(Work::kClosed, std::memory_order_relaxed, "mark: closed");
  draining_.put(0);  // a thread that is stopped while it drains finds out and leaves
  return scope.returns(true);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
