#include "telemetry/probe/collector.h"

#include <algorithm>
#include <chrono>

#include "telemetry/probe/translate.h"

namespace sweepscope::telemetry {
namespace {

using namespace std::chrono_literals;

constexpr auto kSealInterval = 16ms;
constexpr auto kCrashDrainTimeout = 2s;

// The queue length that wakes the drain thread: a whole batch, or a quarter of a small pool.
size_t wake_threshold(size_t pool_bytes) {
  constexpr size_t kBatchChunks = kBatchEvents / ChunkPool<observe::Record>::kRecords;
  return std::clamp<size_t>(pool_bytes / kChunkBytes / 4, 1, kBatchChunks);
}

}  // namespace

Collector::Collector(const CollectorOptions& options)
    : options_(options), pool_(options.pool_bytes), queue_(wake_threshold(options.pool_bytes)) {
  if (options_.draining == Draining::kSynchronous) return;
  clock_.emplace();
  events_.reserve(kBatchEvents);
  thread_ = std::thread(&Collector::run, this);
}

Collector::~Collector() { finish(); }

void Collector::add_sink(BatchSink& sink) {
  std::lock_guard lock(consume_mutex_);
  sinks_.push_back(&sink);
}

void Collector::remove_sink(BatchSink& sink) {
  std::lock_guard lock(consume_mutex_);
  std::erase(sinks_, &sink);
}

std::span<observe::Record> Collector::take_chunk(uint32_t) {
  const auto chunk = closed_.load(std::memory_order_relaxed) ? ChunkPool<observe::Record>::Chunk{}
                                                             : pool_.take(options_.loss);
  // The emitter asks again for each record without room: one refusal is one lost record.
  if (chunk.empty()) refused_.fetch_add(1, std::memory_order_relaxed);
  return chunk;
}

void Collector::hand_over(uint32_t stream, std::span<observe::Record> chunk, size_t used, uint64_t first) {
  Sealed sealed{chunk, used, first, 0, stream};
  if (used == 0 || closed_.load(std::memory_order_relaxed)) {
    pool_.give_back(chunk);
  } else if (options_.draining == Draining::kSynchronous) {
    std::lock_guard lock(consume_mutex_);
    consume_locked(sealed);
    emit_batch_locked();
  } else {
    queue_.push(sealed, [this](Sealed& item) { item.handed_ns = clock_->monotonic_ns(); });
  }
}

void Collector::drain_for_crash() noexcept {
  if (options_.draining == Draining::kSynchronous) {
    std::lock_guard lock(consume_mutex_);
    drain_sinks_locked();
    return;
  }
  std::unique_lock lock(control_mutex_);
  const uint64_t ticket = ++drains_requested_;
  queue_.wake();
  drained_.wait_for(lock, kCrashDrainTimeout, [&] { return drains_done_ >= ticket || stop_; });
}

void Collector::hold(const std::function<void(const Position&)>& work) {
  std::lock_guard lock(consume_mutex_);
  work({counters_.events, last_ns_});
}

void Collector::run() {
  auto next_seal = std::chrono::steady_clock::now() + kSealInterval;
  for (;;) {
    queue_.take_all(taken_, next_seal - std::chrono::steady_clock::now());
    const bool seal_due = std::chrono::steady_clock::now() >= next_seal;
    if (seal_due) {
      // Relaxed: emitters only compare the number with the last one they read; it publishes no data.
      seal_requests.fetch_add(1, std::memory_order_relaxed);
      next_seal = std::chrono::steady_clock::now() + kSealInterval;
    }
    uint64_t drain_ticket;
    bool stop;
    {
      std::lock_guard lock(control_mutex_);
      drain_ticket = drains_requested_;
      stop = stop_;
    }
    const bool drain = drain_ticket != drains_done_;  // written by this thread alone
    {
      std::lock_guard lock(consume_mutex_);
      if (seal_due) clock_->tick();
      consume_taken_locked();
      if (drain || stop) {  // chunks handed over between take_all and the ticket
        queue_.take_all(taken_, 0ns);
        consume_taken_locked();
      }
      if (drain) drain_sinks_locked();
    }
    if (drain) {
      std::lock_guard lock(control_mutex_);
      drains_done_ = drain_ticket;
      drained_.notify_all();
    }
    if (stop) return;
  }
}

void Collector::consume_taken_locked() {
  for (const Sealed& sealed : taken_) consume_locked(sealed);
  taken_.clear();
  emit_batch_locked();
}

void Collector::consume_locked(const Sealed& sealed) {
  if (check_fired_) return pool_.give_back(sealed.chunk);
  if (const uint64_t missing = ledger_.note(sealed.stream, sealed.first, sealed.used); missing != 0)
    add_loss_locked(missing);
  const auto records = sealed.chunk.first(sealed.used);
  const bool exact =
      !clock_ || clock_->trusts(records.front().header.stamp, records.back().header.stamp, sealed.handed_ns);
  for (const observe::Record& record : records) {
    std::optional<Body> body = translate(record);
    if (!body) {
      ++counters_.malformed;
      add_loss_locked(1);
      continue;
    }
    const uint64_t stamp = record.header.stamp;
    const int64_t ns = !clock_ ? static_cast<int64_t>(stamp) : exact ? clock_->ns(stamp) : sealed.handed_ns;
    events_.push_back({ns, sealed.stream, *body});
    // In the laboratory the check ends the run, not the process: the run's closing events follow.
    if (clock_ && std::holds_alternative<CheckFired>(*body)) check_fired_ = true;
    if (events_.size() == kBatchEvents) emit_batch_locked();
  }
  last_ns_ = std::max(last_ns_, events_.empty() ? last_ns_ : events_.back().ns);
  pool_.give_back(sealed.chunk);
}

// A loss lies between two batches, so that it has a place in the session.
void Collector::add_loss_locked(uint64_t records) {
  if (!events_.empty()) emit_batch_locked();
  lost_before_events_ += records;
}

void Collector::emit_batch_locked() {
  if (events_.empty()) return;
  Batch batch{counters_.events, static_cast<uint32_t>(events_.size()), lost_before_events_, {}, events_};
  if (!sinks_.empty()) batch.bytes = encoder_.encode(events_, batch.first_seq, batch.lost_before);
  counters_.events += batch.count;
  counters_.lost += batch.lost_before;
  counters_.bytes += batch.bytes.size();
  for (BatchSink* sink : sinks_) sink->consume(batch);
  events_.clear();
  lost_before_events_ = 0;
}

void Collector::drain_sinks_locked() noexcept {
  for (BatchSink* sink : sinks_) sink->drain();
}

void Collector::finish() {
  closed_.store(true, std::memory_order_relaxed);
  pool_.stop_waiting();
  if (thread_.joinable()) {
    {
      std::lock_guard lock(control_mutex_);
      stop_ = true;
    }
    drained_.notify_all();
    queue_.wake();
    thread_.join();
  }
  std::lock_guard lock(consume_mutex_);
  if (finished_) return;
  finished_ = true;
  // A stream that got no chunk until its end has no gap in its numbers: only the refusals count its loss.
  const uint64_t refused = refused_.load(std::memory_order_relaxed);
  lost_before_events_ += refused > ledger_.lost() ? refused - ledger_.lost() : 0;
  if (lost_before_events_ != 0 && !check_fired_) {
    const Batch batch{counters_.events,
                      0,
                      lost_before_events_,
                      encoder_.encode({}, counters_.events, lost_before_events_),
                      {}};
    counters_.lost += batch.lost_before;
    counters_.bytes += batch.bytes.size();
    for (BatchSink* sink : sinks_) sink->consume(batch);
    lost_before_events_ = 0;
  }
  drain_sinks_locked();
}

Collector::Counters Collector::counters() const {
  std::lock_guard lock(consume_mutex_);
  Counters counters = counters_;
  counters.clock_broken = clock_ && clock_->broken();
  return counters;
}

}  // namespace sweepscope::telemetry
