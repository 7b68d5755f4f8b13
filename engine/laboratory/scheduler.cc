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

// --- violations
// -----------------------------------------------------------------------------------------------------

void Scheduler::found(ViolationKind kind, std::string rule, std::string sentence, uint32_t code) {
  report_.outcome = Outcome::kViolation;
  Violation& v = report_.violation;
  v.kind = kind;
  v.rule = std::move(rule);
  v.sentence = std::move(sentence);
  v.code = code;
  v.step = trace_.size();
  if (kind == ViolationKind::kCheck || kind == ViolationKind::kOracle) {
    v.fiber = current_;
    v.fiber_name = slots_[current_]->name;
  }
}

namespace {

std::string sentence_of(engine::FatalCode code, std::span<const engine::Operand> operands) {
  std::string sentence = engine::meaning(code);
  for (const engine::Operand& operand : operands)
    sentence.append(&operand == &operands[0] ? ": " : ", ")
        .append(operand.name)
        .append(" = ")
        .append(std::to_string(operand.value));
  return sentence;
}

// The verifier judges invariants too: it is the invariant that counts.
std::string rule_of(engine::FatalCode code, std::span<const engine::Operand> operands) {
  const uint32_t invariant = named_invariant(code, operands);
  return invariant != 0 ? rule_name(invariant) : engine::words(code);
}

}  // namespace

void Scheduler::violation(engine::Context&, engine::FatalCode code,
                          std::span<const engine::Operand> operands) {
  const uint32_t invariant = named_invariant(code, operands);
  found(invariant != 0 ? ViolationKind::kOracle : ViolationKind::kCheck, rule_of(code, operands),
        sentence_of(code, operands), invariant != 0 ? invariant : static_cast<uint32_t>(code));
  abandon();
}

bool Scheduler::tolerates(engine::Context&, engine::FatalCode code,
                          std::span<const engine::Operand> operands) {
  if (settings_.checks == nullptr) return false;
  const uint32_t invariant = named_invariant(code, operands);
  const CheckMode mode = invariant != 0 ? settings_.checks->of_oracle(invariant) : settings_.checks->of(code);
  if (mode == CheckMode::kStop) return false;
  if (mode == CheckMode::kNote) {
    emit_check(static_cast<uint8_t>(code), invariant, operands);
    note(rule_of(code, operands), sentence_of(code, operands));
  }
  return true;
}

void Scheduler::oracle_violation(uint32_t rule, uint32_t span, std::string sentence) {
  const CheckMode mode = settings_.checks == nullptr ? CheckMode::kStop : settings_.checks->of_oracle(rule);
  if (mode == CheckMode::kOff) return;
  const engine::Operand about{"span", span};
  emit_check(static_cast<uint8_t>(rule), rule, {&about, 1});
  if (mode == CheckMode::kNote) {
    note(rule_name(rule), std::move(sentence));
    return;
  }
  found(ViolationKind::kOracle, rule_name(rule), std::move(sentence), rule);
  abandon();
}

void Scheduler::note(std::string rule, std::string sentence) {
  for (Note& known : report_.notes)
    if (known.rule == rule) {
      ++known.times;
      return;
    }
  report_.notes.push_back({std::move(rule), std::move(sentence), trace_.size(), 1});
}

void Scheduler::emit_check(uint8_t code, uint32_t oracle_rule, std::span<const engine::Operand> operands) {
  if (!emitter_->enabled()) return;
  auto operand = [operands](std::string_view name, uint32_t otherwise) {
    for (const engine::Operand& o : operands)
      if (o.name == name) return static_cast<uint32_t>(o.value);
    return otherwise;
  };
  observe::CheckFired event{};
  event.header = {.stamp = trace_.size(),
                  .kind = observe::EventKind::kCheckFired,
                  .code = code,
                  .p = observe::kNoP,
                  .subject = operand("span", ~0u)};
  event.sweepgen = operand("heap_sweepgen", 0);
  event.raw = operand("sweepgen", 0);
  event.oracle = oracle_rule;
  event.fiber = current_;
  emitter_->emit(event);
}

void Scheduler::report_deadlock() {
  std::string sentence = "nobody can run:";
  for (const uint32_t id : live_) {
    const Slot& slot = *slots_[id];
    sentence.append(id == live_.front() ? " " : "; ").append(slot.name).append(" waits at '");
    sentence.append(slot.pending.step.name).append("' for ").append(engine::name(slot.pending.word));
    if (slot.pending.object != ~0u) sentence.append(" ").append(std::to_string(slot.pending.object));
  }
  found(ViolationKind::kDeadlock, "deadlock", std::move(sentence), 0);
}

void Scheduler::report_livelock() {
  std::string sentence = "no end after " + std::to_string(trace_.size()) + " steps, the last " +
                         std::to_string(settings_.max_steps - settings_.fair_after) +
                         " of them in turns; able to run:";
  for (const Candidate& c : enabled_)
    sentence.append(&c == &enabled_[0] ? " " : ", ")
        .append(slots_[c.fiber]->name)
        .append(" at '")
        .append(c.next->step.name) += '\'';
  found(ViolationKind::kLivelock, "livelock", std::move(sentence), 0);
}

}  // namespace sweepscope::laboratory
