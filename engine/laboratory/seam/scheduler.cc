#include "engine/laboratory/seam/scheduler.h"

#include "engine/laboratory/seam/snapshot.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <utility>

#ifdef SWEEPSCOPE_FIBER_ASAN
#include <sanitizer/lsan_interface.h>
#endif

namespace sweepscope::laboratory {
namespace {

// An abandoned run leaks by design, so LeakSanitizer ignores the allocations of runs. It checks the same code
// in the production build.
class LeaksForgiven {
 public:
#ifdef SWEEPSCOPE_FIBER_ASAN
  LeaksForgiven() { __lsan_disable(); }
  ~LeaksForgiven() { __lsan_enable(); }
#else
  LeaksForgiven() {}  // not `= default`: an unused variable would be a warning
#endif
};

}  // namespace

using engine::Access;
using engine::Op;
using engine::Word;

Scheduler::Scheduler() {
  trace_.reserve(RunSettings{}.max_steps);
  enabled_.reserve(kMaxFibers);
  live_.reserve(kMaxFibers);
  slots_.reserve(kMaxFibers);
}

Scheduler::~Scheduler() = default;

void Scheduler::begin(std::string_view name, std::function<void()> main, Strategy* strategy,
                      const RunSettings& settings) {
  strategy_ = strategy;
  settings_ = settings;
  report_ = {};
  trace_.clear();
  trace_.reserve(settings.max_steps + 1);
  live_.clear();
  shared_.clear();
  bound_.clear();
  used_ = unfinished_ = last_ = alternatives_ = 0;
  chooser_ = ~0u;
  watching_ = false;
  image_.begin_run();
  emitter_.emplace(settings.observer, kStepStream);
  RunImage* const before = allocate_from(settings.image ? &image_ : nullptr);
  spawn(name, std::move(main));
  allocate_from(before);
}

// Runs until a fiber switches back to the root: at the end, or by hand at a decision.
void Scheduler::resume(uint32_t to) {
  if (to == kRoot) return;
  engine::Driver* const outer = engine::driver();
  engine::set_driver(this);
  leave_to(to);
  engine::set_driver(outer);
}

RunReport Scheduler::run(std::string_view name, std::function<void()> main, Strategy& strategy,
                         const RunSettings& settings) {
  const LeaksForgiven forgiven;
  begin(name, std::move(main), &strategy, settings);
  resume(decide());
  return finish();
}

RunReport Scheduler::run_from(const Snapshot& state, Strategy& strategy, const RunSettings& settings) {
  restore(state);
  trace_ = state.trace;
  strategy_ = &strategy;
  settings_ = settings;
  emitter_.emplace(settings.observer, kStepStream);
  uint32_t next = std::exchange(chooser_, ~0u);
  if (next == ~0u) inside([&] { next = decide(); });  // the predicates of waiting fibers ask the driver
  resume(next);
  return finish();
}

void Scheduler::checkpoint() {
  if (strategy_ != nullptr) return;
  const OutsideRun laboratory;
  watching_ = false;
  at_checkpoint_ = true;
  alternatives_ = 1;
  chooser_ = current_;
  leave_to(kRoot);
  at_checkpoint_ = false;
  watching_ = settings_.reads;
}

RunReport Scheduler::finish() {
  emitter_->seal();
  for (uint32_t i = 0; i < used_; ++i)  // captures of the fibers that never ended
    delete std::exchange(slots_[i]->state.body, nullptr);
  alternatives_ = 0;
  report_.steps = trace_.size();
  report_.fibers = used_;
  return std::move(report_);
}

// --- by hand ---------------------------------------------------------------------------------------------

void Scheduler::start(std::string_view name, std::function<void()> main, const RunSettings& settings) {
  const LeaksForgiven forgiven;
  begin(name, std::move(main), nullptr, settings);
  resume(decide());
}

bool Scheduler::preempts(uint32_t index) const {
  if (chooser_ != ~0u || enabled_[index].fiber == last_) return false;
  for (const Candidate& candidate : enabled_)
    if (candidate.fiber == last_) return true;
  return false;
}

void Scheduler::pick(uint32_t index) {
  const LeaksForgiven forgiven;
  alternatives_ = 0;
  if (chooser_ != ~0u) {
    chosen_ = index;
    resume(std::exchange(chooser_, ~0u));
    return;
  }
  const Candidate& picked = enabled_[index];
  take(*picked.next, picked.fiber);
  resume(picked.fiber);
}

// --- fibers ----------------------------------------------------------------------------------------------

uint32_t Scheduler::spawn(std::string_view name, std::function<void()> body) {
  if (used_ == kMaxFibers) {
    std::fputs("fatal: the laboratory runs at most 1024 threads\n", stderr);
    std::abort();
  }
  const uint32_t id = used_++;
  // In the run's memory, so that it is copied and restored with the run.
  auto* const kept = new std::function<void()>(std::move(body));
  if (name.empty()) name = "thread";

  const OutsideRun laboratory;
  if (id == slots_.size()) slots_.push_back(std::make_unique<Slot>());
  Slot& slot = *slots_[id];
  slot.id = id;
  slot.owner = this;
  slot.state = FiberState{.stage = Stage::kReady,
                          .pending = Access{"start", Word::kThread, Op::kRmw, id},
                          .ready = std::nullopt,
                          .body = kept};
  name.copy(slot.state.name, kNameBytes - 1);
  slot.fiber.prepare(&Scheduler::fiber_entry, &slot);
  live_.push_back(id);
  ++unfinished_;
  if (watching_) {  // the order of spawns determines the ids
    note_access(Word::kThread, ~0u, true, id);
    note_access(Word::kThread, id, true, 0);
  }
  return id;
}

void Scheduler::fiber_entry(void* argument) {
  Slot& slot = *static_cast<Slot*>(argument);
  Scheduler& self = *slot.owner;
  allocate_from(self.settings_.image ? &self.image_ : nullptr);
  self.watching_ = self.settings_.footprints || self.settings_.reads;
  self.stepped(slot.state.pending, 0, 1);
  (*slot.state.body)();
  delete std::exchange(slot.state.body, nullptr);
  slot.state.stage = Stage::kFinished;
  if (self.watching_) self.note_access(Word::kThread, slot.id, true, 1);
  allocate_from(nullptr);
  --self.unfinished_;
  self.live_.erase(std::find(self.live_.begin(), self.live_.end(), slot.id));
  self.leave_to(self.decide());
}

bool Scheduler::finished(uint32_t fiber) const {
  const bool finished = slots_[fiber]->state.stage == Stage::kFinished;
  if (watching_) const_cast<Scheduler*>(this)->note_access(Word::kThread, fiber, false, finished);
  return finished;
}

void Scheduler::leave_to(uint32_t to) {
  const uint32_t from = current_;
  if (to == from) return;
  current_ = to;
  Fiber::switch_to(from == kRoot ? root_ : slots_[from]->fiber, to == kRoot ? root_ : slots_[to]->fiber);
}

void Scheduler::abandon() {
  leave_to(kRoot);
  std::fputs("fatal: a fiber of an abandoned run was resumed\n", stderr);
  std::abort();
}

// --- steps -----------------------------------------------------------------------------------------------

void Scheduler::step(const Access& access) {
  const OutsideRun laboratory;
  Slot& slot = *slots_[current_];
  if (settings_.merge && merges(slot.state, access)) {
    take(access, current_);
    return;
  }
  slot.state.pending = access;
  slot.state.stage = Stage::kReady;
  give_way();
}

void Scheduler::wait(const Access& access, engine::PredicateRef ready, const void* point) {
  const OutsideRun laboratory;
  Slot& slot = *slots_[current_];
  slot.state.pending = access;
  slot.state.ready = ready;
  slot.state.point = settings_.sleepers ? point : nullptr;
  slot.state.asleep = false;
  slot.state.stage = Stage::kWaiting;
  give_way();
  slot.state.stage = Stage::kReady;
  slot.state.holds_fresh_lock = access.op == Op::kLock;
  if (access.op == Op::kWait) stepped(access, 0, 1);  // a lock reports its own values
}

// A fiber that is woken looks again at the next decision, and may fall asleep again there.
void Scheduler::woken(const void* point, Wake whom) {
  if (!settings_.sleepers) return;
  for (const uint32_t id : live_) {
    FiberState& state = slots_[id]->state;
    if (state.stage != Stage::kWaiting || !state.asleep || state.point != point) continue;
    state.asleep = false;
    if (whom == Wake::kOne) return;
  }
}

void Scheduler::give_way() {
  leave_to(decide());
  watching_ = settings_.footprints || settings_.reads;
}

// Whether the step commutes with all steps of other fibers, so that no decision is needed before it:
//   - private words: words of one owner (freeindex and the mark bits' place: the owner of the span)
//   - unread words: to which all threads only add and which no thread reads in a running world (is_unread)
//   - the exchange of a lock-free list of work buffers, and its links: the step before it read the list's head, and no
//     other thread runs in between, so the exchange succeeds. Nothing is lost: a failed attempt changes nothing, and one
//     that succeeds found the head as it read it, by the tag, so all that other threads did in between commutes with
//     the reads and may as well come before them (pure attempts: Flanagan, Freund and Qadeer 2005).
//     The list of empty buffers: which one a thread gets makes no difference, and there is always one, because a chunk
//     has more than the threads of a scenario may hold
//   - the exchange that enters the world, and that of a sweep queue's size: likewise. What they compare is all that they
//     have read, and nothing is pushed on a queue that is popped from, so that an equal size means equal spans
//   - the release of a lock that is only waited for, not tried: it enables others, which could not have done
//     anything under the lock before; doing it at once loses no order (a left mover, Lipton 1975)
//   - the first step after taking such a lock: until then no other fiber can see that it was taken (a right
//     mover)
bool Scheduler::merges(FiberState& state, const Access& access) const {
  if (std::exchange(state.holds_fresh_lock, false)) return true;
  switch (access.word) {
    case Word::kFreeIndex:
    case Word::kBitsSwap: return true;
    case Word::kNmalloc:
    case Word::kHeapLive:
    case Word::kPagesSwept: return is_unread(access.word);
    case Word::kMarkWork: return merges_mark_work(access);
    case Word::kWorld:
    case Word::kSweepQueue: return access.op == Op::kCasWon;
    default: return access.op == Op::kUnlock && access.word != Word::kWorldSema && access.word != Word::kRoom;
  }
}

// What reads them in a running world, and what for:
//   nmalloc       nothing: statistics and the equations (I10) need a stopped world
//   heap_live     the trigger and the bound: not with GOGC off, where both are ~0. The price of an assist: it is so low
//                 without a goal that one quantum pays any debt (pacer.h). The slope of sweep credit: 0 without a
//                 trigger. What a cycle reports
//   pages_swept   the payment of sweep credit, which ends at a slope of 0
//   scan_done     the price of an assist: as heap_live
bool Scheduler::is_unread(Word word) const { return word == Word::kNmalloc || !settings_.gogc_on; }

bool Scheduler::merges_mark_work(const Access& access) const {
  using Part = engine::MarkWord;
  switch (static_cast<Part>(access.object)) {
    case Part::kScanDone: return !settings_.gogc_on;
    case Part::kFullBuffers: return access.op != Op::kLoad;
    default: return access.object >= static_cast<uint32_t>(Part::kEmptyBuffers);  // or a link
  }
}

bool Scheduler::all_at_decisions() const {
  for (const uint32_t id : live_) {
    FiberState state = slots_[id]->state;
    if (id != chooser_ && state.stage == Stage::kReady && merges(state, state.pending)) return false;
  }
  return true;
}

void Scheduler::read(uint64_t value) {
  uint64_t& reads = slots_[current_]->state.reads;
  reads = (std::rotl(reads, 29) ^ value) * 0x9E3779B97F4A7C15u;
}

std::vector<Scheduler::Read> Scheduler::predicate_reads(uint32_t fiber) {
  std::vector<Read> reads;
  if (!waiting(fiber)) return reads;
  // The scopes of the predicate's reads belong to its fiber, which has taken no step: what they leave is undone.
  const uint32_t was = std::exchange(current_, fiber);
  FiberState& state = slots_[fiber]->state;
  const uint64_t held = state.reads;
  collected_ = &reads;
  watching_ = true;
  inside([&] { (void)(*state.ready)(); });
  watching_ = false;
  collected_ = nullptr;
  state.reads = held;
  current_ = was;
  return reads;
}

void Scheduler::note_access(Word word, uint32_t object, bool write, uint64_t value) {
  if (collected_ != nullptr) {
    collected_->push_back({word, object, value});
    return;
  }
  if (settings_.reads) {
    read((static_cast<uint64_t>(word) << 32) | object);
    read(value);
    return;
  }
  const OutsideRun laboratory;
  footprint_.add(word, object, write);
}

void Scheduler::add_shared_data(const void* data, size_t bytes) {
  const OutsideRun laboratory;
  shared_.push_back({static_cast<const std::byte*>(data), bytes});
}

void Scheduler::bound(const void* word) {
  if (!settings_.reads) return;
  const OutsideRun laboratory;
  bound_.push_back(word);
}

void Scheduler::restrict_reads(uint64_t reads, uint64_t result) {
  slots_[current_]->state.reads = reads;
  read(result);
}

void Scheduler::stepped(const Access& access, uint64_t before, uint64_t after) {
  auto mix = [this](uint64_t value) {
    report_.hash = (std::rotl(report_.hash, 23) ^ value) * 0x9E3779B97F4A7C15u;
  };
  mix((static_cast<uint64_t>(access.step.id) << 32) | (current_ << 16) | access.object);
  mix((static_cast<uint64_t>(access.op) << 56) ^ std::rotl(before, 17) ^ after);
  if (settings_.reads) {
    read((static_cast<uint64_t>(access.step.id) << 32) | access.object);
    if (access.op != Op::kStore) read(access.op == Op::kChoice ? after : before);
  }
  if (!emitter_->enabled()) [[likely]]
    return;
  const OutsideRun laboratory;
  observe::StepTaken event{};
  event.header = {.stamp = trace_.size(),
                  .kind = observe::EventKind::kStep,
                  .code = static_cast<uint8_t>(access.op),
                  .p = static_cast<uint16_t>(current_),
                  .subject = access.step.id};
  event.object = access.object;
  event.before = static_cast<uint32_t>(before);
  event.after = static_cast<uint32_t>(after);
  event.word = static_cast<uint8_t>(access.word);
  emitter_->emit(event);
}

uint32_t Scheduler::choose(engine::Step what, uint32_t n) {
  if (n < 2) return 0;                                            // no choice, no step
  if (named_alternatives_.size() != n) named_alternatives_ = {};  // those of another choice
  const OutsideRun laboratory;
  uint32_t value = 0;
  if (strategy_ != nullptr) {
    value = strategy_->choose(current_, what, n);
  } else {
    watching_ = false;
    alternatives_ = n;
    chooser_ = current_;
    choosing_ = what;
    leave_to(kRoot);
    watching_ = settings_.footprints || settings_.reads;
    // A copy of the run that was made here may continue with a strategy.
    value = strategy_ != nullptr ? strategy_->choose(current_, what, n) : chosen_;
  }
  if (value == kNoFit) {
    report_.outcome = Outcome::kMisfit;
    report_.misfit = strategy_->misfit();
    abandon();
  }
  named_alternatives_ = {};
  trace_.push_back({what, current_, value});
  stepped(Access{what, Word::kNone, Op::kChoice, 0}, n, value);
  return value;
}

uint32_t Scheduler::list_enabled() {
  enabled_.clear();
  for (const uint32_t id : live_) {
    FiberState& state = slots_[id]->state;
    if (state.stage == Stage::kReady || (!state.asleep && (*state.ready)()))
      enabled_.push_back({id, &state.pending});
    else
      // The most unlucky thread: it looks at every moment, and sleeps as soon as it finds nothing.
      state.asleep = state.point != nullptr;
  }
  return static_cast<uint32_t>(enabled_.size());
}

// Starts the footprint of the picked fiber's step: the word it names, and those of its predicate if it
// waited.
void Scheduler::begin_footprint(Slot& slot) {
  footprint_.clear();
  const Access& access = slot.state.pending;
  footprint_.add(access.word, access.object, access.op != Op::kLoad && access.op != Op::kWait);
  watching_ = true;
  if (slot.state.stage == Stage::kWaiting) (void)(*slot.state.ready)();
}

uint32_t Scheduler::decide() {
  watching_ = false;  // the accesses below are the scheduler's
  if (settings_.footprints && !trace_.empty()) strategy_->took(footprint_);
  if (list_enabled() == 0) {
    if (unfinished_ > 0) report_deadlock();
    return kRoot;
  }
  if (trace_.size() >= settings_.max_steps) {
    report_livelock();
    return kRoot;
  }
  if (strategy_ == nullptr) {
    if (enabled_.size() > 1 || settings_.every_step) {
      alternatives_ = static_cast<uint32_t>(enabled_.size());
      return kRoot;
    }
    take(*enabled_[0].next, enabled_[0].fiber);
    return enabled_[0].fiber;
  }
  const uint32_t index = trace_.size() < settings_.fair_after ? strategy_->pick(enabled_) : take_turns();
  if (index == kNoFit) {
    report_.outcome = Outcome::kMisfit;
    report_.misfit = strategy_->misfit();
    return kRoot;
  }
  const Candidate& picked = enabled_[index];
  take(*picked.next, picked.fiber);
  if (settings_.footprints) begin_footprint(*slots_[picked.fiber]);
  return picked.fiber;
}

void Scheduler::take(const Access& access, uint32_t fiber) {
  report_.switches += fiber != last_;
  last_ = fiber;
  trace_.push_back({access.step, fiber, kNotAChoice});
}

uint32_t Scheduler::take_turns() const {  // the next enabled fiber after the last one, in a ring
  for (uint32_t i = 0; i < enabled_.size(); ++i)
    if (enabled_[i].fiber > last_) return i;
  return 0;
}

}  // namespace sweepscope::laboratory
