#include "engine/laboratory/scheduler.h"

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

// An abandoned run leaks by design; LeakSanitizer is told not to look at what runs allocate. The same code is
// checked for leaks in the production build.
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

RunReport Scheduler::run(std::string_view name, std::function<void()> main, Strategy& strategy,
                         const RunSettings& settings) {
  const LeaksForgiven forgiven;
  strategy_ = &strategy;
  settings_ = settings;
  report_ = {};
  trace_.clear();
  trace_.reserve(settings.max_steps + 1);
  live_.clear();
  used_ = unfinished_ = last_ = 0;
  watching_ = false;
  memory_.begin_run();
  emitter_.emplace(settings.observer, kStepStream);

  engine::Driver* const outer = engine::driver();
  engine::set_driver(this);
  spawn(name, std::move(main));
  leave_to(decide());
  engine::set_driver(outer);

  emitter_->seal();
  for (uint32_t i = 0; i < used_; ++i) slots_[i]->body = nullptr;  // captures of the fibers that never ended
  report_.steps = trace_.size();
  report_.fibers = used_;
  return std::move(report_);
}

// --- fibers
// ---------------------------------------------------------------------------------------------------------

uint32_t Scheduler::spawn(std::string_view name, std::function<void()> body) {
  if (used_ == kMaxFibers) {
    std::fputs("fatal: the laboratory runs at most 1024 threads\n", stderr);
    std::abort();
  }
  const uint32_t id = used_++;
  if (id == slots_.size()) slots_.push_back(std::make_unique<Slot>());
  Slot& slot = *slots_[id];
  slot.id = id;
  slot.owner = this;
  slot.name = name.empty() ? "thread" : name;
  slot.body = std::move(body);
  slot.state = State::kReady;
  slot.pending = Access{"start", Word::kThread, Op::kRmw, id};
  slot.fiber.prepare(&Scheduler::fiber_entry, &slot);
  live_.push_back(id);
  ++unfinished_;
  if (watching_) {  // the next one spawned gets another number
    touched(Word::kThread, ~0u, true);
    touched(Word::kThread, id, true);
  }
  return id;
}

void Scheduler::fiber_entry(void* argument) {
  Slot& slot = *static_cast<Slot*>(argument);
  Scheduler& self = *slot.owner;
  self.stepped(slot.pending, 0, 1);
  slot.body();
  slot.body = nullptr;
  slot.state = State::kFinished;
  if (self.watching_) self.touched(Word::kThread, slot.id, true);
  --self.unfinished_;
  self.live_.erase(std::find(self.live_.begin(), self.live_.end(), slot.id));
  self.leave_to(self.decide());
}

bool Scheduler::finished(uint32_t fiber) const {
  if (watching_) const_cast<Scheduler*>(this)->touched(Word::kThread, fiber, false);
  return slots_[fiber]->state == State::kFinished;
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

// --- steps
// ----------------------------------------------------------------------------------------------------------

void Scheduler::step(const Access& access) {
  Slot& slot = *slots_[current_];
  slot.pending = access;
  slot.state = State::kReady;
  give_way();
}

void Scheduler::wait(const Access& access, engine::PredicateRef ready) {
  Slot& slot = *slots_[current_];
  slot.pending = access;
  slot.ready = ready;
  slot.state = State::kWaiting;
  give_way();
  slot.state = State::kReady;
  if (access.op == Op::kWait) stepped(access, 0, 1);  // a lock reports its own values
}

void Scheduler::give_way() { leave_to(decide()); }

void Scheduler::stepped(const Access& access, uint64_t before, uint64_t after) {
  auto mix = [this](uint64_t value) {
    report_.hash = (std::rotl(report_.hash, 23) ^ value) * 0x9E3779B97F4A7C15u;
  };
  mix((static_cast<uint64_t>(access.step.id) << 32) | (current_ << 16) | access.object);
  mix((static_cast<uint64_t>(access.op) << 56) ^ std::rotl(before, 17) ^ after);
  if (!emitter_->enabled()) [[likely]]
    return;
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
  const uint32_t value = n < 2 ? 0 : strategy_->choose(current_, what, n);
  if (value == kNoFit) {
    report_.outcome = Outcome::kMisfit;
    report_.misfit = strategy_->misfit();
    abandon();
  }
  if (n < 2) return 0;  // no choice, no step
  trace_.push_back({what, current_, value});
  stepped(Access{what, Word::kNone, Op::kChoice, 0}, n, value);
  return value;
}

uint32_t Scheduler::list_enabled() {
  enabled_.clear();
  for (const uint32_t id : live_) {
    const Slot& slot = *slots_[id];
    if (slot.state == State::kReady || (*slot.ready)()) enabled_.push_back({id, &slot.pending});
  }
  return static_cast<uint32_t>(enabled_.size());
}

// The picked fiber's step begins: the word it names, and what lets it go on if it waited.
void Scheduler::begin_footprint(Slot& slot) {
  footprint_.clear();
  const Access& access = slot.pending;
  footprint_.add(access.word, access.object, access.op != Op::kLoad && access.op != Op::kWait);
  watching_ = true;
  if (slot.state == State::kWaiting) (void)(*slot.ready)();
}

uint32_t Scheduler::decide() {
  if (settings_.footprints && !trace_.empty()) {
    watching_ = false;  // what follows is ours
    strategy_->took(footprint_);
  }
  if (list_enabled() == 0) {
    if (unfinished_ > 0) report_deadlock();
    return kRoot;
  }
  if (trace_.size() >= settings_.max_steps) {
    report_livelock();
    return kRoot;
  }
  const uint32_t index = trace_.size() < settings_.fair_after ? strategy_->pick(enabled_) : take_turns();
  if (index == kNoFit) {
    report_.outcome = Outcome::kMisfit;
    report_.misfit = strategy_->misfit();
    return kRoot;
  }
  const Candidate& picked = enabled_[index];
  report_.switches += picked.fiber != last_;
  last_ = picked.fiber;
  trace_.push_back({picked.next->step, picked.fiber, kNotAChoice});
  if (settings_.footprints) begin_footprint(*slots_[picked.fiber]);
  return picked.fiber;
}

uint32_t Scheduler::take_turns() const {  // the next enabled fiber after the last one, in a ring
  for (uint32_t i = 0; i < enabled_.size(); ++i)
    if (enabled_[i].fiber > last_) return i;
  return 0;
}

}  // namespace sweepscope::laboratory
