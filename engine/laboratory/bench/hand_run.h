// One run of a scenario, driven decision by decision: what the last access was, who holds which lock, which fiber is
// which thread of the engine.
//
// Used by the bench session and its search, on one OS thread; other runs may be made on it in between.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/laboratory/bench/branch_tree.h"
#include "engine/laboratory/bench/node_view.h"
#include "engine/laboratory/search/experiment.h"

namespace sweepscope::laboratory {

// The events of a run, one by one, in the order in which they were emitted; for telemetry.
class RecordListener {
 public:
  virtual ~RecordListener() = default;
  virtual void run_begins() = 0;
  virtual void record(uint32_t stream, uint64_t number, const observe::Record& record) = 0;
};

class HandRun final : private observe::Observer {
 public:
  HandRun(Setup setup, RecordListener* listener) : experiment_(std::move(setup)), listener_(listener) {}
  ~HandRun() override { end(); }

  // From the start, to the first decision.
  void begin();
  // Takes one decision: false if it is impossible here (why_not()). row() is then what it did.
  bool take(const Decision& decision);
  const std::string& why_not() const { return why_not_; }
  // The decisions that create the engine, up to where the program begins.
  std::vector<Decision> create();

  enum class Next : uint8_t { kStep, kChoice, kNothing };  // kNothing: the run has ended
  Next next() const;
  uint32_t chooser() const;            // kChoice: the fiber that must choose
  uint32_t alternatives() const;       // kChoice
  bool can_run(uint32_t fiber) const;  // kStep: is enabled
  bool ended(uint32_t fiber) const;    // the fiber's body has returned
  engine::Access pending(uint32_t fiber) const;

  const AccessRow& row() const { return row_; }  // of the last decision, without its words
  uint64_t steps() const { return steps_; }

  struct Held {
    uint32_t fiber;
    engine::Word word;
    uint32_t object;
  };
  const std::vector<Held>& locks() const { return locks_; }  // in the order taken
  uint32_t holder(engine::Word word, uint32_t object) const;
  // The fiber of a thread of the engine, by what it emitted so far.
  uint32_t fiber_of(uint32_t thread) const;
  // Whether the fiber has read this word, and has not written it since.
  bool has_read(uint32_t fiber, engine::Word word, uint32_t object) const;

  bool engine_stands() const { return experiment_.engine_stands(); }
  engine::Runtime& runtime() { return experiment_.runtime(); }
  Scheduler& scheduler() { return experiment_.scheduler(); }
  const Scheduler& scheduler() const { return experiment_.scheduler(); }
  Experiment& experiment() { return experiment_; }
  RunReport so_far() const { return experiment_.so_far(); }
  NodeOutcome outcome() const;

 private:
  // observe::Observer: a chunk holds one record, so an emitter hands over each record at once.
  std::span<observe::Record> take_chunk(uint32_t stream) override { return {&pending_[stream], 1}; }
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) override;
  void drain_for_crash() noexcept override {}

  void end();
  bool refuse(const std::string& what);
  void pick(uint32_t index);
  void note_lock();
  void note_read();

  Experiment experiment_;
  RecordListener* const listener_;
  bool begun_ = false;
  uint64_t steps_ = 0;
  AccessRow row_;
  std::vector<Held> locks_;
  std::map<uint32_t, uint32_t> fibers_;  // by thread of the engine
  struct ReadWord {
    uint32_t fiber;
    engine::Word word;
    uint32_t object;
    bool operator==(const ReadWord&) const = default;
  };
  std::vector<ReadWord> reads_;
  std::map<uint32_t, observe::Record> pending_;  // by stream; a map, so that records keep their addresses
  std::string why_not_;
};

}  // namespace sweepscope::laboratory
