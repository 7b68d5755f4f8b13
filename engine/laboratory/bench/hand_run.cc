#include "engine/laboratory/bench/hand_run.h"

#include <algorithm>
#include <cstring>

namespace sweepscope::laboratory {

using engine::Op;
using engine::Word;

void HandRun::begin() {
  end();
  begun_ = true;
  steps_ = 0;
  locks_.clear();
  fibers_.clear();
  reads_.clear();
  pending_.clear();
  if (listener_ != nullptr) listener_->run_begins();
  const Experiment::Turn turn(experiment_);
  experiment_.start_stepping(this);
}

// Frees what fibers that never ended hold outside the run's memory.
void HandRun::end() {
  if (begun_) experiment_.finish();
  begun_ = false;
}

void HandRun::hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) {
  if (used == 0) return;
  const observe::Record& record = chunk[0];
  if (stream != kStepStream) {
    fibers_[stream] = scheduler().running();
  } else if (record.header.kind == observe::EventKind::kStep) {
    observe::StepTaken step;
    static_assert(sizeof step <= sizeof record);
    std::memcpy(&step, &record, sizeof step);
    row_.access.op = static_cast<Op>(record.header.code);
    row_.before = step.before;
    row_.after = step.after;
  }
  if (listener_ != nullptr) listener_->record(stream, first, record);
}

HandRun::Next HandRun::next() const {
  if (scheduler().alternatives() == 0) return Next::kNothing;
  return scheduler().chooser() != ~0u ? Next::kChoice : Next::kStep;
}

uint32_t HandRun::chooser() const { return scheduler().chooser(); }
uint32_t HandRun::alternatives() const { return scheduler().alternatives(); }

bool HandRun::can_run(uint32_t fiber) const {
  const auto enabled = scheduler().enabled();
  return next() == Next::kStep && std::any_of(enabled.begin(), enabled.end(),
                                              [fiber](const Candidate& c) { return c.fiber == fiber; });
}

bool HandRun::ended(uint32_t fiber) const {
  bool ended = true;
  scheduler().for_each_fiber([&](uint32_t id, bool finished, const engine::Access&, uint64_t) {
    if (id == fiber) ended = finished;
  });
  return ended;
}

engine::Access HandRun::pending(uint32_t fiber) const {
  engine::Access next{"start", Word::kThread, Op::kRmw, fiber};
  scheduler().for_each_fiber([&](uint32_t id, bool, const engine::Access& access, uint64_t) {
    if (id == fiber) next = access;
  });
  return next;
}

bool HandRun::refuse(const std::string& what) {
  why_not_ = "step " + std::to_string(steps_ + 1) + ": " + what;
  return false;
}

bool HandRun::take(const Decision& decision) {
  const std::string who = "thread " + std::to_string(decision.fiber);
  if (next() == Next::kNothing) return refuse("the run has ended");
  if (decision.fiber >= scheduler().fibers()) return refuse("there is no " + who);
  row_ = AccessRow{};
  row_.step = steps_ + 1;
  row_.fiber = decision.fiber;
  uint32_t index = 0;
  if (decision.choice) {
    if (next() != Next::kChoice || chooser() != decision.fiber) return refuse(who + " has nothing to choose");
    if (*decision.choice >= alternatives())
      return refuse(who + " has " + std::to_string(alternatives()) + " alternatives, numbered from 0");
    index = *decision.choice;
    row_.access = {scheduler().choosing(), Word::kNone, Op::kChoice, 0};
    row_.before = alternatives();
    row_.after = index;
  } else {
    if (next() == Next::kChoice) return refuse("thread " + std::to_string(chooser()) + " must choose first");
    const auto enabled = scheduler().enabled();
    while (index < enabled.size() && enabled[index].fiber != decision.fiber) ++index;
    if (index == enabled.size()) return refuse(who + " cannot run");
    row_.access = *enabled[index].next;
  }
  pick(index);
  ++steps_;
  note_lock();
  note_read();
  if (scheduler().stands_at_checkpoint()) pick(0);  // no decision
  return true;
}

void HandRun::pick(uint32_t index) {
  const Experiment::Turn turn(experiment_);
  scheduler().pick(index);
}

std::vector<Decision> HandRun::create() {
  begin();
  std::vector<Decision> decisions;
  while (!engine_stands() && next() == Next::kStep) {
    decisions.push_back({scheduler().enabled()[0].fiber, std::nullopt});
    if (!take(decisions.back())) break;
  }
  return decisions;
}

void HandRun::note_lock() {
  const engine::Access& access = row_.access;
  if (access.op == Op::kLock && row_.before == 0) {  // a try_lock of a lock that is held finds its holder
    locks_.push_back({row_.fiber, access.word, access.object});
  } else if (access.op == Op::kUnlock) {
    const auto mine = std::find_if(locks_.rbegin(), locks_.rend(), [&](const Held& held) {
      return held.word == access.word && held.object == access.object;
    });
    if (mine != locks_.rend()) locks_.erase(std::next(mine).base());
  }
}

void HandRun::note_read() {
  const ReadWord word{row_.fiber, row_.access.word, row_.access.object};
  const auto known = std::find(reads_.begin(), reads_.end(), word);
  if (row_.access.op == Op::kLoad) {
    if (known == reads_.end()) reads_.push_back(word);
  } else if (known != reads_.end()) {
    reads_.erase(known);
  }
}

bool HandRun::has_read(uint32_t fiber, Word word, uint32_t object) const {
  return std::find(reads_.begin(), reads_.end(), ReadWord{fiber, word, object}) != reads_.end();
}

uint32_t HandRun::holder(Word word, uint32_t object) const {
  for (const Held& held : locks_)
    if (held.word == word && held.object == object) return held.fiber;
  return kNoFiber;
}

uint32_t HandRun::fiber_of(uint32_t thread) const {
  const auto found = fibers_.find(thread);
  return found == fibers_.end() ? kNoFiber : found->second;
}

NodeOutcome HandRun::outcome() const {
  if (next() != Next::kNothing) return NodeOutcome::kRunning;
  return scheduler().violated() ? NodeOutcome::kViolation : NodeOutcome::kFinished;
}

}  // namespace sweepscope::laboratory
