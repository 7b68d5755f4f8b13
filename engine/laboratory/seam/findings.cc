// What a run found: violations, notes, deadlocks and livelocks. The other half of scheduler.cc.
#include <utility>

#include "engine/laboratory/seam/scheduler.h"

namespace sweepscope::laboratory {

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

// A finding of the heap verifier is reported as the invariant that it names.
std::string rule_of(engine::FatalCode code, std::span<const engine::Operand> operands) {
  const uint32_t invariant = named_invariant(code, operands);
  return invariant != 0 ? rule_name(invariant) : engine::words(code);
}

}  // namespace

void Scheduler::found(ViolationKind kind, std::string_view rule, std::string_view sentence, uint32_t code) {
  report_.outcome = Outcome::kViolation;
  Violation& v = report_.violation;
  v.kind = kind;
  v.rule = rule;
  v.sentence = sentence;
  v.code = code;
  v.step = trace_.size();
  if (kind == ViolationKind::kCheck || kind == ViolationKind::kOracle) {
    v.fiber = current_;
    v.fiber_name = slots_[current_]->state.name;
  }
}

void Scheduler::violation(engine::Context&, engine::FatalCode code,
                          std::span<const engine::Operand> operands) {
  const OutsideRun laboratory;
  const uint32_t invariant = named_invariant(code, operands);
  found(invariant != 0 ? ViolationKind::kOracle : ViolationKind::kCheck, rule_of(code, operands),
        sentence_of(code, operands), invariant != 0 ? invariant : static_cast<uint32_t>(code));
  abandon();
}

bool Scheduler::tolerates(engine::Context&, engine::FatalCode code,
                          std::span<const engine::Operand> operands) {
  if (settings_.checks == nullptr) return false;
  const OutsideRun laboratory;
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
  const OutsideRun laboratory;
  const CheckMode mode = settings_.checks == nullptr ? CheckMode::kStop : settings_.checks->of_oracle(rule);
  if (mode == CheckMode::kOff) return;
  const engine::Operand about{"span", span};
  emit_check(static_cast<uint8_t>(rule), rule, {&about, 1});
  if (mode == CheckMode::kNote) {
    note(rule_name(rule), std::string(sentence.data(), sentence.size()));
    return;
  }
  found(ViolationKind::kOracle, rule_name(rule), sentence, rule);
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
  std::string sentence = "no fiber can run:";
  for (const uint32_t id : live_) {
    const FiberState& fiber = slots_[id]->state;
    sentence.append(id == live_.front() ? " " : "; ").append(fiber.name).append(" waits at '");
    sentence.append(fiber.pending.step.name).append("' for ").append(engine::name(fiber.pending.word));
    if (fiber.pending.object != ~0u) sentence.append(" ").append(std::to_string(fiber.pending.object));
    if (fiber.asleep && (*fiber.ready)()) sentence.append(", asleep although its condition holds");
  }
  found(ViolationKind::kDeadlock, "deadlock", sentence, 0);
}

void Scheduler::report_livelock() {
  std::string sentence = "the run did not end in " + std::to_string(trace_.size()) + " steps, the last " +
                         std::to_string(settings_.max_steps - settings_.fair_after) +
                         " of them round-robin; enabled:";
  for (const Candidate& c : enabled_)
    sentence.append(&c == &enabled_[0] ? " " : ", ")
        .append(slots_[c.fiber]->state.name)
        .append(" at '")
        .append(c.next->step.name) += '\'';
  found(ViolationKind::kLivelock, "livelock", sentence, 0);
}

}  // namespace sweepscope::laboratory
