// Turns the engine's records into the session: converts and numbers them, encodes them once, and passes the
// batches to every sink.
//
// Called by the engine's threads (the Observer interface) and by the composition root. In production a drain
// thread consumes chunks in the order of hand-over and requests partly filled ones every 16 ms; in the
// laboratory the caller of each hand-over consumes the chunk at once, and stamps are not converted, so two
// runs of one schedule give equal bytes.
//
// Invariants:
//   1. seq counts the events given to sinks: batch.first_seq = the sum of the counts of all batches before
//   it.
//   2. emitted = consumed + lost + waiting, per stream and in sum: every record is accounted for. Exception:
//   a session of the production engine ends with its failed check, and records that other threads hand over
//   afterwards are dropped.
//   3. Sinks are called one at a time, under consume_mutex_; hold() runs between two batches.
// Locks: the pool's and the queue's own are leaves, held for a few instructions; consume_mutex_ is taken
// before any lock of a sink. No engine thread takes consume_mutex_, except in the laboratory.
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
    uint64_t lost = 0;       // reported to sinks as lost
    uint64_t bytes = 0;      // encoded
    uint64_t malformed = 0;  // records that did not translate, counted in `lost` too
    bool clock_broken = false;
  };
  // A place in the session between two batches.
  struct Position {
    uint64_t next_seq;
    int64_t ns;  // of the last event
  };

  explicit Collector(const CollectorOptions& options = {});
  ~Collector() override;  // finish()

  // Now on the clock of the events, which starts with the collector; 0 in the laboratory. Any thread.
  int64_t now_ns() const { return clock_ ? clock_->monotonic_ns() : 0; }

  // The sink gets the batches after the call. It must live until it is removed or finish() has returned.
  void add_sink(BatchSink& sink);
  void remove_sink(BatchSink& sink);

  // The Observer interface, called by the engine's threads.
  std::span<observe::Record> take_chunk(uint32_t stream) override;
  void hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) override;
  void drain_for_crash() noexcept override;  // returns within about two seconds

  // Runs `work` between two batches: the state it reads is exactly the state before the next batch.
  void hold(const std::function<void(const Position&)>& work);

  // After the engine's threads have ended: consumes what is queued, reports a loss at the very end, drains
  // the sinks, stops the drain thread. Later hand-overs are dropped. Safe to call again.
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
  void add_loss_locked(uint64_t records);
  void emit_batch_locked();
  void drain_sinks_locked() noexcept;

  const CollectorOptions options_;
  ChunkPool<observe::Record> pool_;
  HandOverQueue<Sealed> queue_;
  // Records for which there was no chunk; relaxed: read after the engine's threads have ended.
  std::atomic<uint64_t> refused_{0};
  std::atomic<bool> closed_{false};  // relaxed: a stale read only takes a chunk that is never consumed

  // Guarded by consume_mutex_:
  mutable std::mutex consume_mutex_;
  std::optional<StampClock> clock_;  // absent in the laboratory
  BatchEncoder encoder_;
  LossLedger ledger_;
  std::vector<BatchSink*> sinks_;
  std::vector<Event> events_;        // of the next batch
  uint64_t lost_before_events_ = 0;  // lost_before of the next batch
  Counters counters_;
  int64_t last_ns_ = 0;
  bool finished_ = false;
  bool check_fired_ = false;

  // Guarded by control_mutex_, a leaf:
  mutable std::mutex control_mutex_;
  std::condition_variable drained_;
  uint64_t drains_requested_ = 0, drains_done_ = 0;
  bool stop_ = false;

  std::vector<Sealed> taken_;  // used by the drain thread only
  std::thread thread_;
};

}  // namespace sweepscope::telemetry
