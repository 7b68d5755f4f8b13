// Runs engine threads as fibers and owns every choice: the laboratory's Driver.
//
//   fiber:   ready --picked--> running --step()--> ready          its next access is known and listed
//                              running --wait()--> waiting        enabled while its predicate holds
//                              running --body returns--> finished
//
// A step begins when the Strategy picks a fiber and ends when that fiber reaches its next step point; nothing
// else runs in between, so every run is a sequence of steps and the sequence decides everything. Steps are
// numbered from 1. A data choice is a step of its own but no chance for others: it touches no shared word.
//
// One Scheduler serves many runs one after the other on one OS thread; fibers, stacks and the trace are
// reused, so a step allocates nothing. A run ends when every fiber is finished, or at once by a violation, a
// misfit of the strategy or the step limit; the fibers left over are never resumed and their stacks are used
// again, so nothing of an abandoned run is destroyed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/driver.h"
#include "engine/laboratory/check_modes.h"
#include "engine/laboratory/fiber.h"
#include "engine/laboratory/footprint.h"
#include "engine/laboratory/run_memory.h"
#include "engine/laboratory/strategy.h"
#include "engine/laboratory/violation.h"
#include "engine/observe/observer.h"

namespace sweepscope::laboratory {

struct RunSettings {
  std::optional<engine::Fault> fault = std::nullopt;
  const CheckModes* checks = nullptr;  // null: every check and every rule stops the run
  uint64_t fair_after = 50'000;  // from this step on fibers take turns, whatever the strategy says
  uint64_t max_steps = 100'000;  // a run that has not ended by then, after its fair tail, is a livelock
  observe::Observer* observer = nullptr;  // of the step events; null: none
  bool footprints = false;                // tell the strategy what each step touched (Strategy::took)
};

enum class Outcome : uint8_t { kFinished, kViolation, kMisfit };

struct TracedStep {
  engine::Step step;
  uint32_t fiber;
  uint32_t choice;  // kNotAChoice or the value
};
inline constexpr uint32_t kNotAChoice = ~0u;

struct RunReport {
  Outcome outcome = Outcome::kFinished;
  Violation violation;  // kViolation
  std::string misfit;   // kMisfit
  std::vector<Note> notes;  // in the order of their first time
  uint64_t steps = 0;
  uint64_t switches = 0;  // steps by another fiber than the step before
  uint32_t fibers = 0;
  uint64_t hash = 0;  // of every step's fiber, name, object and values: equal runs, equal hashes
};

// The stream of the step events; the engine's threads number theirs from 0.
inline constexpr uint32_t kStepStream = 0xFFFF;

class Scheduler final : public engine::Driver {
 public:
  static constexpr uint32_t kMaxFibers = 1024;

  Scheduler();
  ~Scheduler() override;

  // Runs `main` as fiber 0, and what it spawns, to the end. The returned trace() is valid until the next run.
  RunReport run(std::string_view name, std::function<void()> main, Strategy& strategy,
                const RunSettings& settings);

  const std::vector<TracedStep>& trace() const { return trace_; }
  std::string_view fiber_name(uint32_t fiber) const { return slots_[fiber]->name; }
  uint32_t running() const { return current_; }
  observe::Emitter& emitter() { return *emitter_; }

  // An oracle's finding. Called on a fiber: abandons the run and does not return, unless the rule's mode says
  // otherwise.
  void oracle_violation(uint32_t rule, uint32_t span, std::string sentence);

  // Driver
  void step(const engine::Access& access) override;
  void stepped(const engine::Access& access, uint64_t before, uint64_t after) override;
  void wait(const engine::Access& access, engine::PredicateRef ready) override;
  uint32_t choose(engine::Step what, uint32_t n) override;
  uint32_t spawn(std::string_view name, std::function<void()> body) override;
  bool finished(uint32_t fiber) const override;
  [[noreturn]] void violation(engine::Context& context, engine::FatalCode code,
                              std::span<const engine::Operand> operands) override;
  bool tolerates(engine::Context& context, engine::FatalCode code,
                 std::span<const engine::Operand> operands) override;
  uint64_t now() const override { return trace_.size(); }
  bool fault(engine::Fault fault) const override { return settings_.fault == fault; }
  std::byte* lend(size_t bytes, size_t alignment) override { return memory_.lend(bytes, alignment); }
  void touched(engine::Word word, uint32_t object, bool write) override {
    footprint_.add(word, object, write);
  }

 private:
  static constexpr uint32_t kRoot = ~0u;  // no fiber: the caller of run()

  enum class State : uint8_t { kReady, kWaiting, kFinished };
  struct Slot {  // a fiber and what it will do next
    Fiber fiber;
    State state = State::kFinished;
    engine::Access pending{"start", engine::Word::kThread, engine::Op::kRmw, 0};
    std::optional<engine::PredicateRef> ready;  // kWaiting
    std::function<void()> body;
    std::string name;
    Scheduler* owner = nullptr;
    uint32_t id = 0;
  };

  static void fiber_entry(void* slot);
  void give_way();             // the running fiber: to whoever is next, returns when picked again
  void leave_to(uint32_t to);  // switches, kRoot included
  [[noreturn]] void abandon();
  uint32_t decide();  // picks the next fiber and records the step; kRoot: the run is over
  uint32_t list_enabled();
  uint32_t take_turns() const;
  void begin_footprint(Slot& slot);
  void report_deadlock();
  void report_livelock();
  void note(std::string rule, std::string sentence);
  void emit_check(uint8_t code, uint32_t oracle_rule, std::span<const engine::Operand> operands);
  void found(ViolationKind kind, std::string rule, std::string sentence, uint32_t code);

  // Of the current run; only the OS thread that called run() touches any of it.
  Fiber root_;
  uint32_t current_ = kRoot;
  uint32_t last_ = 0;  // the fiber of the last step
  uint32_t used_ = 0;  // slots_[0, used_) are this run's fibers
  uint32_t unfinished_ = 0;
  Strategy* strategy_ = nullptr;
  RunSettings settings_;
  RunReport report_;
  std::optional<observe::Emitter> emitter_;
  RunMemory memory_;
  Footprint footprint_;  // of the step under way
  std::vector<TracedStep> trace_;
  std::vector<Candidate> enabled_;
  std::vector<uint32_t> live_;  // unfinished fibers, ascending
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace sweepscope::laboratory
