#include "workloads/laboratory/bench_stream.h"

#include "telemetry/store/keyframe.h"

namespace sweepscope::workloads {

BenchStream::Run::Run()
    : picture(&telemetry::encode_keyframe),
      collector({.draining = telemetry::Draining::kSynchronous,
                 .loss = telemetry::LossPolicy::kDrop,
                 .pool_bytes = telemetry::kChunkBytes}) {
  collector.add_sink(picture);
}

BenchStream::BenchStream() : run_(std::make_unique<Run>()) {}
BenchStream::~BenchStream() = default;

void BenchStream::attach(telemetry::Server& server) {
  std::lock_guard lock(mutex_);
  server_ = &server;
  run_->collector.add_sink(server);
  server.begin_again();
}

void BenchStream::detach() {
  std::lock_guard lock(mutex_);
  if (server_ != nullptr) run_->collector.remove_sink(*server_);
  server_ = nullptr;
}

void BenchStream::with_snapshot(const std::function<void(telemetry::Snapshot)>& use) {
  std::lock_guard lock(mutex_);
  run_->collector.hold(
      [&](const telemetry::Collector::Position& at) { use(run_->picture.snapshot(at.next_seq, at.ns)); });
}

void BenchStream::run_begins() {
  entries_.clear();
  begins_ = true;
}

void BenchStream::record(uint32_t stream, uint64_t number, const observe::Record& record) {
  entries_.push_back({stream, number, record});
}

void BenchStream::flush() {
  std::lock_guard lock(mutex_);
  const bool begins = std::exchange(begins_, false);
  if (begins) {
    // A collector that ends waits until its sinks have sent everything; the server goes on with the next one.
    if (server_ != nullptr) run_->collector.remove_sink(*server_);
    run_ = std::make_unique<Run>();
  }
  // Consecutive records of one stream share a chunk.
  telemetry::Collector& collector = run_->collector;
  for (size_t i = 0; i < entries_.size();) {
    const Entry& first = entries_[i];
    const std::span<observe::Record> chunk = collector.take_chunk(first.stream);
    size_t n = 0;
    for (; n < chunk.size() && i < entries_.size() && entries_[i].stream == first.stream; ++i, ++n)
      chunk[n] = entries_[i].record;
    collector.hand_over(first.stream, chunk, n, first.number);
  }
  entries_.clear();
  if (!begins || server_ == nullptr) return;
  // Viewers get a picture of the run so far, then what follows.
  server_->begin_again();
  collector.add_sink(*server_);
}

}  // namespace sweepscope::workloads
