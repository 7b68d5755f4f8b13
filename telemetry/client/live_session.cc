#include "telemetry/client/live_session.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "telemetry/transport/address.h"
#include "telemetry/wire/batch.h"
#include "telemetry/wire/bench_messages.h"

namespace sweepscope::telemetry {

struct LiveSession::Reader {
  Reader(Fd fd, size_t queue_bytes) : socket(std::move(fd)), cap(queue_bytes) {}

  // An entry of the queue: a snapshot, or the events of a batch, of which `taken` were drained.
  struct Item {
    std::optional<Snapshot> snapshot;
    uint64_t lost_before = 0;
    uint64_t first_seq = 0;
    std::vector<Event> events;
    size_t taken = 0;
    size_t bytes() const {
      return sizeof(Item) + events.size() * sizeof(Event) + (snapshot ? snapshot->keyframe.size() : 0);
    }
  };

  Socket socket;  // the reader thread receives, the owner sends
  const size_t cap;
  std::thread thread;

  mutable std::mutex mutex;
  std::condition_variable room;
  // Guarded by mutex:
  std::deque<Item> items;
  size_t queued_bytes = 0;
  State state = State::kConnecting;
  std::string message;
  Hello hello;
  std::vector<LossMark> losses;
  uint64_t received = 0;
  std::optional<uint64_t> next_seq;  // first_seq required of the next batch
  int64_t last_ns = 0;
  bool closing = false;
  std::optional<BenchState> bench_state;  // not taken yet
  std::deque<BenchAnswer> bench_answers;  // the same

  static constexpr size_t kMaxBenchAnswers = 1024;

  void run();
  Result<bool> take(std::string_view frame);  // true: the stream ends here
  Result<> take_batch(std::string_view bytes);
  void note_loss(LossMark mark);  // mutex is held
  void push(Item item);
  void end(State how, std::string why);
  Result<> check_granted(ControlKind kind) const;
};

void LiveSession::Reader::run() {
  for (;;) {
    const auto frame = socket.receive_frame();
    if (!frame) return end(State::kFailed, frame.error().message);
    if (!*frame) return end(State::kFailed, "the engine closed the connection without ending the session");
    const auto last = take(**frame);
    if (!last) return end(State::kFailed, last.error().message);
    if (*last) return;
    std::lock_guard lock(mutex);
    if (closing) return;
  }
}

Result<bool> LiveSession::Reader::take(std::string_view frame) {
  const auto envelope = open_envelope(frame);
  if (!envelope) return tl::unexpected(envelope.error());
  const bool first = [this] {
    std::lock_guard lock(mutex);
    return state == State::kConnecting;
  }();
  if (first != (envelope->content == Content::kHello))
    return fail(first ? "the stream does not begin with a Hello" : "the engine sent a second Hello");
  switch (envelope->content) {
    case Content::kHello: {
      auto decoded = decode_hello(envelope->message);
      if (!decoded) return tl::unexpected(decoded.error());
      std::lock_guard lock(mutex);
      hello = std::move(*decoded);
      state = State::kLive;
      return false;
    }
    case Content::kSnapshot: {
      auto decoded = decode_snapshot(envelope->message);
      if (!decoded) return tl::unexpected(decoded.error());
      Item item;
      {
        std::lock_guard lock(mutex);
        next_seq = item.first_seq = decoded->next_seq;
        last_ns = decoded->ns;
      }
      item.snapshot = std::move(*decoded);
      push(std::move(item));
      return false;
    }
    case Content::kBatch: return take_batch(envelope->message).map([] { return false; });
    case Content::kLoss: {
      const auto loss = decode_loss(envelope->message);
      if (!loss) return tl::unexpected(loss.error());
      std::lock_guard lock(mutex);
      note_loss({loss->first_seq + loss->events, last_ns, loss->events, "viewer too slow"});
      next_seq.reset();  // the snapshot that follows sets it
      return false;
    }
    case Content::kBye: {
      auto bye = decode_bye(envelope->message);
      if (!bye) return tl::unexpected(bye.error());
      end(State::kEnded, std::move(bye->reason));
      return true;
    }
    case Content::kControl:
    case Content::kBenchRequest: break;
    case Content::kBenchState: {
      auto decoded = decode_bench_state(envelope->message);
      if (!decoded) return tl::unexpected(decoded.error());
      std::lock_guard lock(mutex);
      bench_state = std::move(*decoded);
      return false;
    }
    case Content::kBenchAnswer: {
      auto decoded = decode_bench_answer(envelope->message);
      if (!decoded) return tl::unexpected(decoded.error());
      std::lock_guard lock(mutex);
      if (bench_answers.size() == kMaxBenchAnswers)
        return fail("the engine sends more answers than the viewer takes");
      bench_answers.push_back(std::move(*decoded));
      return false;
    }
  }
  return fail("the engine sent a message that only viewers send");
}

Result<> LiveSession::Reader::take_batch(std::string_view bytes) {
  Item item;
  const auto header = decode_batch(bytes, item.events);
  if (!header) return tl::unexpected(header.error());
  item.lost_before = header->lost_before;
  item.first_seq = header->first_seq;
  {
    std::lock_guard lock(mutex);
    if (next_seq != header->first_seq)
      return fail("the stream has a gap: received event " + std::to_string(header->first_seq) +
                  ", expected " + (next_seq ? "event " + std::to_string(*next_seq) : "a snapshot"));
    next_seq = header->first_seq + header->count;
    if (header->lost_before != 0)
      losses.push_back({header->first_seq, header->count != 0 ? header->base_ns : last_ns,
                        header->lost_before, "the engine's chunk pool was full"});
    received += header->count;
    if (!item.events.empty()) last_ns = item.events.back().ns;
  }
  push(std::move(item));
  return {};
}

void LiveSession::Reader::note_loss(LossMark mark) {
  constexpr size_t kMaxMarks = 4096;  // further losses are added to the last one
  if (losses.size() < kMaxMarks)
    losses.push_back(std::move(mark));
  else
    losses.back().count += mark.count;
}

// Waits for room: the socket then fills up, and the engine's server sees that this viewer is slow.
void LiveSession::Reader::push(Item item) {
  std::unique_lock lock(mutex);
  room.wait(lock, [this] { return closing || items.empty() || queued_bytes < cap; });
  queued_bytes += item.bytes();
  items.push_back(std::move(item));
}

void LiveSession::Reader::end(State how, std::string why) {
  std::lock_guard lock(mutex);
  state = how;
  message = std::move(why);
}

LiveSession::LiveSession(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}

Result<std::unique_ptr<LiveSession>> LiveSession::connect(const std::string& address, size_t queue_bytes) {
  auto fd = connect_to(address);
  if (!fd) return tl::unexpected(fd.error());
  auto reader = std::make_unique<Reader>(std::move(*fd), queue_bytes);
  reader->thread = std::thread(&Reader::run, reader.get());
  return std::unique_ptr<LiveSession>(new LiveSession(std::move(reader)));
}

LiveSession::~LiveSession() {
  {
    std::lock_guard lock(reader_->mutex);
    reader_->closing = true;
  }
  reader_->room.notify_all();
  reader_->socket.shutdown();
  reader_->thread.join();
}

LiveSession::Stretch LiveSession::drain(std::vector<Event>& out, size_t max) {
  Reader& r = *reader_;
  Stretch stretch;
  {
    std::lock_guard lock(r.mutex);
    while (!r.items.empty()) {
      Reader::Item& item = r.items.front();
      const bool breaks = item.taken == 0 && (item.snapshot || item.lost_before != 0);
      if (breaks && !stretch.empty()) break;
      if (stretch.empty()) stretch.first_seq = item.first_seq + item.taken;
      if (breaks) {
        stretch.snapshot = std::move(item.snapshot);
        stretch.lost_before = item.lost_before;
        item.snapshot.reset();
        item.lost_before = 0;
      }
      const size_t count = std::min(max - stretch.events, item.events.size() - item.taken);
      const auto from = item.events.begin() + static_cast<ptrdiff_t>(item.taken);
      out.insert(out.end(), from, from + static_cast<ptrdiff_t>(count));
      item.taken += count;
      stretch.events += count;
      if (item.taken < item.events.size()) break;  // reached `max`
      r.items.pop_front();
    }
    r.queued_bytes = 0;
    for (const Reader::Item& item : r.items) r.queued_bytes += item.bytes();
  }
  r.room.notify_one();
  return stretch;
}

LiveSession::State LiveSession::state() const {
  std::lock_guard lock(reader_->mutex);
  return reader_->state;
}

std::string LiveSession::message() const {
  std::lock_guard lock(reader_->mutex);
  return reader_->message;
}

Hello LiveSession::hello() const {
  std::lock_guard lock(reader_->mutex);
  return reader_->hello;
}

std::vector<LossMark> LiveSession::losses() const {
  std::lock_guard lock(reader_->mutex);
  return reader_->losses;
}

uint64_t LiveSession::received() const {
  std::lock_guard lock(reader_->mutex);
  return reader_->received;
}

bool LiveSession::drained() const {
  std::lock_guard lock(reader_->mutex);
  return reader_->items.empty() && (reader_->state == State::kEnded || reader_->state == State::kFailed);
}

Result<> LiveSession::Reader::check_granted(ControlKind kind) const {
  std::lock_guard lock(mutex);
  if (state != State::kLive) return fail("the session is not live");
  if (std::find(hello.granted.begin(), hello.granted.end(), kind) == hello.granted.end())
    return fail("the engine does not grant this control to its viewers");
  return {};
}

Result<> LiveSession::send(const Control& control) {
  if (auto granted = reader_->check_granted(control.kind); !granted) return granted;
  return reader_->socket.send_frame(envelope(Content::kControl, encode_control(control)));
}

Result<> LiveSession::send(const BenchRequest& request) {
  if (auto granted = reader_->check_granted(ControlKind::kBench); !granted) return granted;
  return reader_->socket.send_frame(envelope(Content::kBenchRequest, encode_bench_request(request)));
}

std::optional<BenchState> LiveSession::take_bench_state() {
  std::lock_guard lock(reader_->mutex);
  return std::exchange(reader_->bench_state, std::nullopt);
}

std::optional<BenchAnswer> LiveSession::take_bench_answer() {
  std::lock_guard lock(reader_->mutex);
  if (reader_->bench_answers.empty()) return std::nullopt;
  BenchAnswer answer = std::move(reader_->bench_answers.front());
  reader_->bench_answers.pop_front();
  return answer;
}

}  // namespace sweepscope::telemetry
