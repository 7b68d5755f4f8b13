#include "telemetry/store/recorder.h"

#include <algorithm>

#include "telemetry/proto/sweepscope.pb.h"
#include "telemetry/store/keyframe.h"
#include "telemetry/store/marks_builder.h"
#include "telemetry/store/topics.h"
#include "telemetry/wire/batch.h"
#include "telemetry/wire/messages.h"
#include "telemetry/wire/schema.h"

namespace sweepscope::telemetry {

namespace {

constexpr size_t kChunkBytes = 1 << 20;
// A seek folds the events between two keyframes: keyframes are frequent where they are small. Bytes of
// batches, before compression.
constexpr uint64_t kMinKeyframeBytes = 256 << 10, kMaxKeyframeBytes = 8 << 20;
constexpr uint64_t kBytesPerKeyframeByte = 16;
constexpr int64_t kKeyframeNs = 1'000'000'000;
constexpr uint64_t kIndexBytes = 8 << 20;
constexpr int64_t kIndexNs = 1'000'000'000;

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::create(const std::string& path, const SessionInfo& info,
                                                   const Replica* from, std::chrono::milliseconds chunk_age) {
  std::unique_ptr<Recorder> recorder(new Recorder);
  recorder->chunk_age_ = chunk_age;
  McapWriter& writer = recorder->writer_;
  if (auto opened = writer.open(path); !opened) return tl::unexpected(opened.error());
  const std::string& schema = schema_descriptors();
  recorder->hello_ = writer.add_channel(topics::kHello, "sweepscope.v1.Hello", schema);
  recorder->batch_ = writer.add_channel(topics::kBatch, "sweepscope.v1.Batch", schema);
  recorder->keyframe_ = writer.add_channel(topics::kKeyframe, "sweepscope.v1.Keyframe", schema);
  recorder->index_ = writer.add_channel(topics::kIndex, "sweepscope.v1.Index", schema);
  recorder->metrics_ = writer.add_channel(topics::kMetrics, "sweepscope.v1.Metrics", schema);
  recorder->started_unix_ns_ = info.started_unix_ns;
  const auto put = writer.message(recorder->hello_, recorder->log_time(0), encode_hello(Hello{info, {}}));
  if (auto closed = put ? writer.close_chunk() : put; !closed) return tl::unexpected(closed.error());
  recorder->chunk_opened_ = std::chrono::steady_clock::now();
  recorder->part_.first_chunk = writer.next_chunk();
  if (from != nullptr) {
    recorder->replica_ = *from;
    recorder->write_keyframe();
    if (recorder->error_) return tl::unexpected(*recorder->error_);
  }
  recorder->closer_ = std::thread([self = recorder.get()] { self->close_old_chunks(); });
  return recorder;
}

Recorder::~Recorder() {
  {
    const std::scoped_lock lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  if (closer_.joinable()) closer_.join();
}

void Recorder::close_old_chunks() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, chunk_age_, [&] { return done_; })) {
    if (writer_.open_bytes() > 0 && std::chrono::steady_clock::now() - chunk_opened_ >= chunk_age_ / 2)
      close_chunk();
  }
}

void Recorder::close_chunk() {
  auto closed = writer_.close_chunk();
  if (closed) kept_events_ = events_;
  note(std::move(closed));
}

void Recorder::note(Result<> result) {
  if (result || error_) return;
  error_ = result.error();
  if (on_error_) on_error_(*error_, {writer_.bytes(), kept_events_});
}

void Recorder::on_error(OnError report) {
  const std::scoped_lock lock(mutex_);
  on_error_ = std::move(report);
}

uint64_t Recorder::log_time(int64_t ns) const {
  return static_cast<uint64_t>(std::max<int64_t>(0, started_unix_ns_ + ns));
}

void Recorder::consume(const Batch& batch) {
  const std::scoped_lock lock(mutex_);
  if (done_ || error_) return;
  if (writer_.open_bytes() == 0) chunk_opened_ = std::chrono::steady_clock::now();
  const int64_t ns = batch.events.empty() ? last_ns_ : batch.events.front().ns;
  index_batch(batch, writer_.next_chunk(), writer_.next_message());
  note(writer_.message(batch_, log_time(ns), batch.bytes));
  fold(batch);
  events_ += batch.count;
  bytes_since_keyframe_ += batch.bytes.size();
  part_bytes_ += batch.bytes.size();
  const bool due = last_ns_ - keyframe_ns_ >= kKeyframeNs ||
                   bytes_since_keyframe_ >= std::clamp(kBytesPerKeyframeByte * keyframe_bytes_,
                                                       kMinKeyframeBytes, kMaxKeyframeBytes);
  if (due && replica_.settled()) write_keyframe();
  if (last_ns_ - part_ns_ >= kIndexNs || part_bytes_ >= kIndexBytes || part_.marks.size() >= kBatchEvents)
    write_index();
  if (writer_.open_bytes() >= kChunkBytes || std::chrono::steady_clock::now() - chunk_opened_ >= chunk_age_)
    close_chunk();
}

void Recorder::fold(const Batch& batch) {
  if (batch.lost_before > 0) {
    replica_.declare_loss(batch.lost_before);
    heap_.lose(batch.events.empty() ? last_ns_ : batch.events.front().ns);
  }
  if (!batch.events.empty()) heap_.begin(batch.events.front().ns, replica_);
  for (const Event& event : batch.events) {
    replica_.apply(event);
    heap_.add(replica_.heap_changes());
    last_ns_ = std::max(last_ns_, event.ns);
    if (const auto* stw = std::get_if<Stw>(&event.body)) {
      if (stw->edge == StwEdge::kStopped) last_ttsp_ns_ = stw->ns;
      if (stw->edge == StwEdge::kReleased) {
        last_pause_ns_ = uint64_t{last_ttsp_ns_} + stw->ns;
        last_stop_ = *stw;
      }
      if (stw->edge == StwEdge::kStarted) last_pause_ns_ += stw->ns;
    }
    if (std::holds_alternative<PhaseChange>(event.body)) write_metrics(event.ns);
  }
}

void Recorder::index_batch(const Batch& batch, uint32_t chunk, uint32_t message) {
  const int64_t first_ns = batch.events.empty() ? last_ns_ : batch.events.front().ns;
  int64_t reach_ns = first_ns;
  for (const Event& event : batch.events) {
    reach_ns = std::max(reach_ns, event.ns);
    if (MarksBuilder::uses(event, sweepgen_known_)) {
      part_.marks.push_back(event);
      part_.mark_places.push_back(part_events_);
    }
    ++part_events_;
  }
  part_.batches.push_back(
      {chunk, message, batch.count, batch.first_seq, batch.lost_before, first_ns, reach_ns});
}

// Alone in its chunk, so that a reader unpacks nothing else.
void Recorder::write_index() {
  close_chunk();
  part_.heap = heap_.take_part();
  part_.chunks = writer_.next_chunk() - part_.first_chunk;
  note(writer_.message(index_, log_time(last_ns_), encode_index(part_)));
  close_chunk();
  part_ = {};
  part_.first_chunk = writer_.next_chunk();
  part_bytes_ = part_events_ = 0;
  part_ns_ = last_ns_;
}

void Recorder::resume_from(const Replica& state, uint64_t next_seq) {
  const std::scoped_lock lock(mutex_);
  if (done_ || error_) return;
  const Batch nothing{next_seq, 0, 0, encode_batch({}, next_seq, 0), {}};
  index_batch(nothing, writer_.next_chunk(), writer_.next_message());
  note(writer_.message(batch_, log_time(last_ns_), nothing.bytes));
  replica_ = state;
  heap_.resume(last_ns_, state);
  write_keyframe();
}

void Recorder::write_keyframe() {
  const std::string bytes = encode_keyframe(replica_);
  part_.keyframes.push_back(
      {writer_.next_chunk(), writer_.next_message(), static_cast<uint32_t>(part_.batches.size())});
  note(writer_.message(keyframe_, log_time(last_ns_), bytes));
  keyframe_bytes_ = bytes.size();
  write_metrics(last_ns_);
  keyframe_ns_ = last_ns_;
  bytes_since_keyframe_ = 0;
}

void Recorder::write_metrics(int64_t ns) {
  v1::Metrics m;
  const Census& census = replica_.census();
  const auto spans = [&](SweepState state) { return census.spans[static_cast<size_t>(state)]; };
  m.set_ns(ns);
  m.set_cycle(replica_.cycle());
  m.set_phase(static_cast<uint32_t>(replica_.phase()));
  if (const auto live = replica_.heap_live()) m.set_heap_live(*live);
  if (const auto marked = replica_.heap_marked()) m.set_heap_marked(*marked);
  const auto or_off = [](uint64_t bytes) { return bytes == ~uint64_t{0} ? 0 : bytes; };
  if (const auto trigger = replica_.trigger()) m.set_trigger(or_off(*trigger));
  if (const auto goal = replica_.goal()) m.set_goal(or_off(*goal));
  m.set_sweepgen(replica_.sweepgen());
  m.set_spans_needs_sweep(spans(SweepState::kNeeds));
  m.set_spans_being_swept(spans(SweepState::kSweeping));
  m.set_spans_swept(spans(SweepState::kSwept));
  m.set_spans_stale_cached(spans(SweepState::kStale));
  m.set_spans_cached(spans(SweepState::kCached));
  m.set_free_pages(census.free_pages);
  m.set_manual_pages(census.manual_pages);
  m.set_last_pause_us(last_pause_ns_ / 1e3);
  m.set_last_ttsp_us(last_ttsp_ns_ / 1e3);
  m.set_last_pause_reason(static_cast<uint32_t>(last_stop_.reason));
  uint32_t running = 0, idle = 0;
  for (const PPicture& p : replica_.ps()) {
    running += p.status == PStatus::kRunning ? 1 : 0;
    idle += p.status == PStatus::kIdle ? 1 : 0;
  }
  m.set_ps_running(running);
  m.set_ps_idle(idle);
  m.set_events(replica_.events());
  m.set_lost(replica_.lost());
  note(writer_.message(metrics_, log_time(ns), m.SerializeAsString()));
}

void Recorder::drain() noexcept {
  const std::scoped_lock lock(mutex_);
  if (!done_) close_chunk();
}

Result<> Recorder::finish() {
  {
    const std::scoped_lock lock(mutex_);
    if (!done_) {
      heap_.close();
      if (replica_.settled() && !error_) write_keyframe();
      if (!error_) write_index();
      note(writer_.finish());
      done_ = true;
    }
  }
  wake_.notify_all();
  const std::scoped_lock lock(mutex_);
  if (error_) return tl::unexpected(*error_);
  return {};
}

std::optional<Error> Recorder::error() const {
  const std::scoped_lock lock(mutex_);
  return error_;
}
uint64_t Recorder::bytes() const {
  const std::scoped_lock lock(mutex_);
  return writer_.bytes();
}
Recorder::Kept Recorder::kept() const {
  const std::scoped_lock lock(mutex_);
  return {writer_.bytes(), kept_events_};
}
uint64_t Recorder::events() const {
  const std::scoped_lock lock(mutex_);
  return events_;
}

}  // namespace sweepscope::telemetry
