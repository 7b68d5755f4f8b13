// Takes the engine's records and makes them the session: converted, numbered, encoded once, handed to every
// sink.
//
// Called by the engine's threads (the Observer's side) and by the composition root. With a thread of its own
// it wakes every 16 ms to ask for chunks and drains them in the order of hand-over; without one (the
// laboratory) each hand-over is drained at once by the caller, and stamps stay what they are, so two runs of
// one schedule give equal bytes.
//
// Invariants:
//   1. seq counts the events given to sinks: batch.first_seq = the sum of the counts of all batches before
//   it.
//   2. emitted = consumed + lost + waiting, per stream and in sum: no record vanishes silently. Except that a
//   session of the production engine ends with its failed check: what other threads still say after it is not
//   part of it.
//   3. Sinks are called under consume_mutex_ alone, never two at a time; hold() sees the session between two
//   batches.
// Locks: the pool's and the queue's own, leaves, held for a few instructions; consume_mutex_ is taken before
// any lock of a sink. No engine thread takes consume_mutex_, except in the laboratory and at a crash.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/observe/observer.h"
#include "telemetry/probe/stamp_clock.h"
#include "telemetry/ring/chunk_pool.h"
#include "telemetry/ring/hand_over_queue.h"
#include "telemetry/ring/loss_ledger.h"
#include "telemetry/wire/batch.h"
#include "telemetry/wire/batch_sink.h"

namespace sweepscope::telemetry {

enum class Draining : uint8_t {
  kThread,       // production: a drain thread, stamps are ticks
  kSynchronous,  // laboratory: the caller's thread, stamps are step numbers
};

struct CollectorOptions {
  Draining draining = Draining::kThread;
  LossPolicy loss = LossPolicy::kDrop;
  size_t pool_bytes = kDefaultPoolBytes;
};

class Collector final : public observe::Observer {
 public:
  struct Counters {
    uint64_t events = 0;     // given to sinks
    uint64_t lost = 0;       // told to sinks as lost
    uint64_t bytes = 0;      // encoded
    uint64_t malformed = 0;  // records of no known kind, counted in `lost` too
    bool clock_broken = false;
  };
  // Where the session stands, between two batches.
  struct Position {
    uint64_t next_seq;
    int64_t ns;  // of the last event
  };

  explicit Collector(const CollectorOptions& options = {});
  ~Collector() override;  // finish()

  // Sinks are told what comes after the call. They must live until removed or until finish() returned.
  void add_sink(BatchSink& sink);
  void remove_sink(BatchSink& sink);

  // The Observer's side: the engine's threads.
  std::span<observe::Record> take_chunk(uint32_t stream) override;
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) override;
  void drain_for_crash() noexcept override;  // returns within about two seconds

  // Runs `work` while no batch is on its way: what it sees joins exactly with the batch that follows.
  void hold(const std::function<void(const Position&)>& work);

  // After the engine's threads are gone: drains what is left, tells a loss at the very end, drains the sinks,
  // stops the thread. Later hand-overs are dropped. Safe to call again.
  void finish();

  Counters counters() const;

 private:
  struct Sealed {
    std::span<observe::Record> chunk;
    size_t used;
    uint64_t first;
    int64_t handed_ns;
    uint32_t stream;
  };

  void run();
  void consume_taken_locked();
  void consume_locked(const Sealed& sealed);
  void lose_locked(uint64_t records);
  void give_batch_locked();
  void drain_sinks_locked() noexcept;

  const CollectorOptions options_;
  ChunkPool<observe::Record> pool_;
  HandOverQueue<Sealed> queue_;
  std::atomic<uint64_t> refused_{
      0};  // records for which there was no chunk; relaxed: read when the threads are gone
  std::atomic<bool> closed_{false};  // relaxed: a late look only takes a chunk that nobody will read

  // Guarded by consume_mutex_:
  mutable std::mutex consume_mutex_;
  std::optional<StampClock> clock_;  // absent in the laboratory
  BatchEncoder encoder_;
  LossLedger ledger_;
  std::vector<BatchSink*> sinks_;
  std::vector<Event> events_;        // of the batch in the making
  uint64_t lost_before_events_ = 0;  // told with the batch in the making
  Counters counters_;
  int64_t last_ns_ = 0;
  bool finished_ = false;
  bool check_fired_ = false;

  // Guarded by control_mutex_, a leaf:
  mutable std::mutex control_mutex_;
  std::condition_variable drained_;
  uint64_t drains_wanted_ = 0, drains_done_ = 0;
  bool stop_ = false;

  std::vector<Sealed> taken_;  // the drain thread's alone
  std::thread thread_;
};

}  // namespace sweepscope::telemetry
