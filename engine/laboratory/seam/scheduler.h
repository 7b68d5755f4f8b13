// Runs engine threads as fibers and owns every choice: the laboratory's Driver.
//
//   fiber:   ready --picked--> running --step()--> ready          its next access is known and listed
//                              running --wait()--> waiting        enabled while its predicate holds
//                              running --body returns--> finished
//
// A step begins when the Strategy picks a fiber and ends when that fiber reaches its next step point; no
// other fiber runs in between, so the sequence of steps determines the run. Steps are numbered from 1. A data
// choice is a step of its own, but other fibers do not run before it: it accesses no shared word.
//
// One Scheduler makes many runs one after the other on one OS thread; fibers, stacks and the trace are
// reused, so a step allocates nothing. A run ends when every fiber is finished, or at once by a violation, a
// misfit of the strategy or the step limit; unfinished fibers are never resumed and their stacks are reused,
// so nothing of an abandoned run is destroyed.
//
// Two ways to use it. run(): calls a Strategy at every step. start(), then pick() at every decision until
// there is none: for searches that return to a decision with restore() and pick another alternative.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/driver.h"
#include "engine/laboratory/seam/check_modes.h"
#include "engine/laboratory/seam/fiber.h"
#include "engine/laboratory/seam/footprint.h"
#include "engine/laboratory/seam/run_image.h"
#include "engine/laboratory/seam/strategy.h"
#include "engine/laboratory/seam/violation.h"
#include "engine/observe/observer.h"

namespace sweepscope::laboratory {

struct RunSettings {
  std::optional<engine::Fault> fault = std::nullopt;
  const CheckModes* checks = nullptr;  // null: every check and every rule stops the run
  uint64_t fair_after = 50'000;        // from this step on fibers run round-robin, without the strategy
  uint64_t max_steps = 100'000;        // a run that has not ended by then, after its fair tail, is a livelock
  observe::Observer* observer = nullptr;  // of the step events; null: none
  bool footprints = false;                // pass the footprint of each step to the strategy (Strategy::took)
  bool image = false;     // fibers allocate from the run's image; needed for save(). Not under sanitizers.
  bool reads = false;     // keep account of what fibers have read and may still hold: for_each_fiber()
  bool sleepers = false;  // a fiber that found its predicate false needs a wake-up: a lost one is a deadlock
  bool gogc_on = false;   // of the engine; not by set_gogc() during the run
  bool merge = false;     // start(): steps whose order makes no difference are no decisions (merges())
  bool every_step = false;  // start(): every step is a decision, also that of the only fiber that can run
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
  Violation violation;      // kViolation
  std::string misfit;       // kMisfit
  std::vector<Note> notes;  // in the order of their first time
  uint64_t steps = 0;
  uint64_t switches = 0;  // steps by another fiber than the step before
  uint32_t fibers = 0;
  uint64_t hash = 0;  // of every step's fiber, name, object and values: equal runs, equal hashes
};

struct Snapshot;  // snapshot.h: a saved state of a run

// The stream of the step events; the engine's threads number theirs from 0.
inline constexpr uint32_t kStepStream = 0xFFFF;

class Scheduler final : public engine::Driver {
 public:
  static constexpr uint32_t kMaxFibers = 1024;

  Scheduler();
  ~Scheduler() override;

  // Runs `main` as fiber 0, and the fibers that it spawns, to the end. trace() is valid until the next run.
  RunReport run(std::string_view name, std::function<void()> main, Strategy& strategy,
                const RunSettings& settings);

  // The same by hand. start() and pick() return at the next decision, or when the run has ended.
  void start(std::string_view name, std::function<void()> main, const RunSettings& settings);
  // The number of alternatives for pick(); 0: the run has ended. A single enabled fiber is no decision.
  uint32_t alternatives() const { return alternatives_; }
  // Whether alternative `index` switches away from the fiber that ran last although it could continue.
  bool preempts(uint32_t index) const;
  void pick(uint32_t index);
  bool by_hand() const { return strategy_ == nullptr; }
  bool every_step() const { return settings_.every_step; }
  bool violated() const { return report_.outcome == Outcome::kViolation; }
  // Continues from a saved state, with a strategy, to the end.
  RunReport run_from(const Snapshot& state, Strategy& strategy, const RunSettings& settings);
  RunReport finish();  // after the end; before it: abandons the run

  // Called by the run's program: returns to the root, which saves the run; by hand only, else does nothing.
  void checkpoint();
  bool stands_at_checkpoint() const { return at_checkpoint_; }
  enum class KeepTrace : uint8_t { kNo, kYes };  // kYes: for run_from(), with other runs in between
  // At a decision of a run with an image: copies the run, and restores it with the same trace.
  void save(Snapshot& to, KeepTrace trace = KeepTrace::kNo);
  void restore(const Snapshot& from);

  // Each fiber's part of the state at a decision: its next access, and a hash of every value that it has read
  // since its operation began.
  template <class F>
  void for_each_fiber(F visit) const {  // visit(id, finished, next access, reads)
    for (uint32_t id = 0; id < used_; ++id) {
      const FiberState& state = slots_[id]->state;
      visit(id, state.stage == Stage::kFinished, state.pending, state.reads);
    }
  }
  std::span<const std::span<const std::byte>> shared() const { return shared_; }
  // With RunSettings::reads: the shared words that were bound since the run began, also those of a branch that the
  // search has left.
  std::span<const void* const> bound_words() const { return bound_; }
  // Whether no fiber's next step is one that merges() would take at once.
  bool all_at_decisions() const;
  // By hand, at a decision: the fibers that can run, in the order of pick(); not of a data choice.
  std::span<const Candidate> enabled() const { return enabled_; }
  uint32_t fibers() const { return used_; }
  engine::Step choosing() const { return choosing_; }  // the data choice that is the decision
  std::span<const std::string_view> named_alternatives() const { return named_alternatives_; }
  const RunReport& so_far() const { return report_; }  // outcome, violation and notes
  // What the predicate of a waiting fiber reads.
  struct Read {
    engine::Word word;
    uint32_t object;
    uint64_t value;
  };
  std::vector<Read> predicate_reads(uint32_t fiber);
  bool waiting(uint32_t fiber) const { return slots_[fiber]->state.stage == Stage::kWaiting; }
  // Calls `look` as if on a fiber, but without steps: what it reads of the engine knows the faults of this run.
  template <class F>
  void inside(F look) {
    engine::Driver* const outer = engine::driver();
    engine::set_driver(this);
    look();
    engine::set_driver(outer);
  }
  uint32_t last() const { return last_; }        // the fiber of the last step
  uint32_t chooser() const { return chooser_; }  // the fiber whose data choice is the decision, or ~0

  const std::vector<TracedStep>& trace() const { return trace_; }
  std::string_view fiber_name(uint32_t fiber) const { return slots_[fiber]->state.name; }
  uint32_t running() const { return current_; }
  observe::Emitter& emitter() { return *emitter_; }

  // A finding of the oracle. Called on a fiber: abandons the run and does not return, unless the rule is
  // noted or off.
  void oracle_violation(uint32_t rule, uint32_t span, std::string sentence);

  // Driver
  void step(const engine::Access& access) override;
  void stepped(const engine::Access& access, uint64_t before, uint64_t after) override;
  void wait(const engine::Access& access, engine::PredicateRef ready, const void* point) override;
  void woken(const void* point, Wake whom) override;
  uint32_t choose(engine::Step what, uint32_t n) override;
  void name_alternatives(std::span<const std::string_view> names) override { named_alternatives_ = names; }
  uint32_t spawn(std::string_view name, std::function<void()> body) override;
  bool finished(uint32_t fiber) const override;
  [[noreturn]] void violation(engine::Context& context, engine::FatalCode code,
                              std::span<const engine::Operand> operands) override;
  bool tolerates(engine::Context& context, engine::FatalCode code,
                 std::span<const engine::Operand> operands) override;
  uint64_t now() const override { return trace_.size(); }
  bool fault(engine::Fault fault) const override { return settings_.fault == fault; }
  std::byte* lend(size_t bytes, size_t alignment) override { return image_.lend(bytes, alignment); }
  void note_access(engine::Word word, uint32_t object, bool write, uint64_t value) override;
  uint64_t reads() const override { return slots_[current_]->state.reads; }
  void restrict_reads(uint64_t reads, uint64_t result) override;
  void add_shared_data(const void* data, size_t bytes) override;
  void bound(const void* word) override;

 private:
  static constexpr uint32_t kRoot = ~0u;  // no fiber: the caller of run()

  friend struct Snapshot;

  enum class Stage : uint8_t { kReady, kWaiting, kFinished };
  static constexpr size_t kNameBytes = 32;
  struct FiberState {  // copied as bytes by save()
    Stage stage = Stage::kFinished;
    bool holds_fresh_lock = false;  // its last step took a lock: see merges()
    engine::Access pending{"start", engine::Word::kThread, engine::Op::kRmw, 0};
    std::optional<engine::PredicateRef> ready;  // kWaiting
    const void* point = nullptr;                // kWaiting: where it sleeps; null: it spins
    bool asleep = false;                        // kWaiting: found `ready` false, and no wake-up came since
    std::function<void()>* body = nullptr;      // in the run's memory
    char name[kNameBytes] = {};                 // truncated to fit, zero-terminated
    uint64_t reads = 0;
  };
  static_assert(std::is_trivially_copyable_v<FiberState>);
  struct Slot {  // a fiber and its state
    Fiber fiber;
    FiberState state;
    Scheduler* owner = nullptr;
    uint32_t id = 0;
  };

  static void fiber_entry(void* slot);
  void begin(std::string_view name, std::function<void()> main, Strategy* strategy,
             const RunSettings& settings);
  void give_way();             // switches to the next fiber; returns when the caller is picked again
  void resume(uint32_t to);    // from the root; returns when a fiber switches back to it
  void leave_to(uint32_t to);  // switches, kRoot included
  [[noreturn]] void abandon();
  uint32_t decide();  // picks the next fiber and records the step; kRoot: the run is over
  uint32_t list_enabled();
  void take(const engine::Access& access, uint32_t fiber);  // notes the step that begins
  bool merges(FiberState& state, const engine::Access& access) const;
  bool is_unread(engine::Word word) const;
  bool merges_mark_work(const engine::Access& access) const;
  void read(uint64_t value);  // the running fiber has seen `value`
  uint32_t take_turns() const;
  void begin_footprint(Slot& slot);
  void report_deadlock();
  void report_livelock();
  void note(std::string rule, std::string sentence);
  void emit_check(uint8_t code, uint32_t oracle_rule, std::span<const engine::Operand> operands);
  void found(ViolationKind kind, std::string_view rule, std::string_view sentence, uint32_t code);

  // Of the current run; only the OS thread that called run() touches any of it.
  Fiber root_;
  uint32_t current_ = kRoot;
  uint32_t last_ = 0;  // the fiber of the last step
  uint32_t used_ = 0;  // slots_[0, used_) are this run's fibers
  uint32_t unfinished_ = 0;
  Strategy* strategy_ = nullptr;  // null: by hand
  uint32_t alternatives_ = 0;     // by hand: of the current decision
  uint32_t chooser_ = ~0u;  // by hand: the fiber of the data choice; ~0: the decision is which fiber runs
  uint32_t chosen_ = 0;
  engine::Step choosing_{"none"};  // by hand: what the chooser chooses
  std::span<const std::string_view> named_alternatives_;
  std::vector<Read>* collected_ = nullptr;  // predicate_reads() is under way
  bool at_checkpoint_ = false;
  RunSettings settings_;
  RunReport report_;
  std::optional<observe::Emitter> emitter_;
  RunImage image_;
  std::vector<std::span<const std::byte>> shared_;  // additional parts of the state: add_shared_data()
  std::vector<const void*> bound_;                  // bound_words()
  Footprint footprint_;                             // of the current step
  std::vector<TracedStep> trace_;
  std::vector<Candidate> enabled_;
  std::vector<uint32_t> live_;  // unfinished fibers, ascending
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace sweepscope::laboratory
