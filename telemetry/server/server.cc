#include "telemetry/server/server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "telemetry/server/viewer.h"
#include "telemetry/transport/address.h"

namespace sweepscope::telemetry {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kDrainTimeout = 1s;  // for sending what is queued, at a crash and at the end
constexpr size_t kMaxViewers = 64;
constexpr auto kAcceptAgain = 500ms;  // after there was no descriptor for a viewer

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(0, left));
}

}  // namespace

struct Server::Loop {
  explicit Loop(ServerOptions o)
      : options(std::move(o)), hello(frame_of(Content::kHello, encode_hello(options.hello))) {}

  ServerOptions options;
  const SharedBytes hello;
  std::optional<Listener> listener;
  Fd wake;  // eventfd: a frame was queued, a socket adopted, or a stop requested
  std::thread thread;

  mutable std::mutex mutex;
  // Guarded by mutex; viewers are added and removed by the server's thread alone:
  std::vector<std::unique_ptr<Viewer>> viewers;
  std::vector<Fd> adopted;
  Counters counters;
  uint64_t next_seq = 0;
  uint64_t next_viewer = 1;
  std::optional<std::string> stop_reason;  // set: stop

  void notify() {
    const uint64_t one = 1;
    // Fails only if the counter is full, and then the thread wakes anyway.
    [[maybe_unused]] const ssize_t written = ::write(wake.get(), &one, sizeof one);
  }

  void run();
  void add_viewer(Fd fd);
  void accept_viewers();
  bool read_from(Viewer& viewer);
  bool handle(const Viewer& viewer, const std::string& frame);
  bool granted(ControlKind kind) const;
  Viewer* find(uint64_t viewer);  // under mutex; null: it has left
  void send_snapshots(bool to_all_behind);
  void write_all();
  void remove(const std::vector<Viewer*>& gone);
  void send_bye(const std::string& reason);
};

void Server::Loop::add_viewer(Fd fd) {
  std::lock_guard lock(mutex);
  if (viewers.size() == kMaxViewers) return;  // closes fd
  viewers.push_back(
      std::make_unique<Viewer>(std::move(fd), next_viewer++, options.queue_bytes, options.max_viewer_frame));
  viewers.back()->queue(hello);
  ++counters.viewers;
  ++counters.ever;
}

void Server::Loop::accept_viewers() {
  std::vector<Fd> fds;
  {
    std::lock_guard lock(mutex);
    fds.swap(adopted);
  }
  if (listener)
    while (auto fd = listener->accept()) fds.push_back(std::move(*fd));
  for (Fd& fd : fds) add_viewer(std::move(fd));
}

// False: the viewer closed the connection or sent an invalid message.
bool Server::Loop::read_from(Viewer& viewer) {
  std::array<char, 4096> bytes;
  const ssize_t got = ::recv(viewer.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (got == 0) return false;
  viewer.reader().add({bytes.data(), static_cast<size_t>(got)});
  for (;;) {
    const auto frame = viewer.reader().next();
    if (!frame) return false;
    if (!*frame) return true;
    if (!handle(viewer, **frame)) return false;
  }
}

bool Server::Loop::granted(ControlKind kind) const {
  const auto& list = options.hello.granted;
  return std::find(list.begin(), list.end(), kind) != list.end();
}

bool Server::Loop::handle(const Viewer& viewer, const std::string& frame) {
  const auto envelope = open_envelope(frame);
  if (!envelope) return false;
  if (envelope->content == Content::kBenchRequest && options.on_bench_request && granted(ControlKind::kBench))
    return options.on_bench_request(viewer.number(), envelope->message);
  if (envelope->content != Content::kControl) return false;
  const auto control = decode_control(envelope->message);
  if (control && options.on_control && granted(control->kind)) {
    options.on_control(*control);
    return true;
  }
  std::lock_guard lock(mutex);
  ++counters.refused_controls;
  return true;
}

Viewer* Server::Loop::find(uint64_t viewer) {
  for (auto& candidate : viewers)
    if (candidate->number() == viewer) return candidate.get();
  return nullptr;
}

void Server::Loop::send_snapshots(bool to_all_behind) {
  const auto wants = [&](const Viewer& v) {
    return v.needs_snapshot() || (to_all_behind && v.standing() == Viewer::Standing::kBehind);
  };
  {
    std::lock_guard lock(mutex);
    if (std::none_of(viewers.begin(), viewers.end(), [&](const auto& v) { return wants(*v); })) return;
  }
  options.with_snapshot([&](const Snapshot& snapshot) {
    const SharedBytes frame = frame_of(Content::kSnapshot, encode_snapshot(snapshot));
    std::lock_guard lock(mutex);
    for (auto& viewer : viewers)
      if (wants(*viewer)) viewer->queue_snapshot(frame);
  });
}

void Server::Loop::write_all() {
  std::vector<Viewer*> gone;
  {
    std::lock_guard lock(mutex);
    for (auto& viewer : viewers)
      if (viewer->write_some() == Viewer::Progress::kGone) gone.push_back(viewer.get());
  }
  remove(gone);
}

void Server::Loop::remove(const std::vector<Viewer*>& gone) {
  std::vector<uint64_t> numbers;
  {
    std::lock_guard lock(mutex);
    for (const Viewer* viewer : gone) {
      numbers.push_back(viewer->number());
      counters.lost_events += viewer->lost_events();
      counters.viewers -= 1;
      std::erase_if(viewers, [viewer](const auto& v) { return v.get() == viewer; });
    }
  }
  if (options.on_gone)
    for (const uint64_t number : numbers) options.on_gone(number);
}

// Sends the final picture to viewers that missed batches, then Bye to all, within kDrainTimeout.
void Server::Loop::send_bye(const std::string& reason) {
  send_snapshots(true);
  const auto deadline = Clock::now() + kDrainTimeout;
  {
    std::lock_guard lock(mutex);
    const SharedBytes bye = frame_of(Content::kBye, encode_bye({reason, next_seq}));
    for (auto& viewer : viewers) viewer->queue(bye);
  }
  for (;;) {
    write_all();
    std::vector<pollfd> waiting;
    {
      std::lock_guard lock(mutex);
      for (const auto& viewer : viewers)
        if (!viewer->idle()) waiting.push_back({viewer->fd(), POLLOUT, 0});
    }
    if (waiting.empty() || Clock::now() >= deadline) return;
    ::poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
  }
}

void Server::Loop::run() {
  std::vector<pollfd> polled;
  std::vector<Viewer*> polled_viewers;
  for (;;) {
    std::optional<std::string> reason;
    // A connection that cannot be accepted would end every poll at once.
    const bool rests = listener && listener->exhausted();
    polled.assign({{wake.get(), POLLIN, 0}, {listener && !rests ? listener->fd() : -1, POLLIN, 0}});
    polled_viewers.clear();
    {
      std::lock_guard lock(mutex);
      reason = stop_reason;
      for (const auto& viewer : viewers) {
        polled.push_back({viewer->fd(), static_cast<short>(viewer->idle() ? POLLIN : POLLIN | POLLOUT), 0});
        polled_viewers.push_back(viewer.get());
      }
    }
    if (reason) {
      accept_viewers();
      return send_bye(*reason);
    }
    ::poll(polled.data(), polled.size(), rests ? static_cast<int>(kAcceptAgain.count()) : -1);
    if (polled[0].revents != 0) {
      uint64_t count;
      [[maybe_unused]] const ssize_t got = ::read(wake.get(), &count, sizeof count);
    }
    std::vector<Viewer*> gone;
    for (size_t i = 0; i < polled_viewers.size(); ++i)
      if ((polled[i + 2].revents & ~POLLOUT) != 0 && !read_from(*polled_viewers[i]))
        gone.push_back(polled_viewers[i]);
    remove(gone);
    accept_viewers();
    write_all();
    send_snapshots(false);
  }
}

Server::Server(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  auto loop = std::make_unique<Loop>(std::move(options));
  loop->wake = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!loop->wake) return fail("cannot create an eventfd for the telemetry server");
  const std::string& address = loop->options.address;
  if (address.rfind("fd:", 0) == 0) {
    auto fd = connect_to(address);
    if (!fd) return tl::unexpected(fd.error());
    loop->adopted.push_back(std::move(*fd));
  } else if (!address.empty()) {
    auto listener = Listener::open(address);
    if (!listener) return tl::unexpected(listener.error());
    loop->listener.emplace(std::move(*listener));
  }
  loop->notify();
  loop->thread = std::thread(&Loop::run, loop.get());
  return std::unique_ptr<Server>(new Server(std::move(loop)));
}

Server::~Server() { stop("the engine has ended"); }

void Server::consume(const Batch& batch) {
  {
    std::lock_guard lock(loop_->mutex);
    loop_->next_seq = batch.first_seq + batch.count;
    if (loop_->viewers.empty()) return;
    const SharedBytes frame = frame_of(Content::kBatch, batch.bytes);
    for (auto& viewer : loop_->viewers) viewer->queue_batch(frame, batch.first_seq, batch.count);
  }
  loop_->notify();
}

void Server::answer(uint64_t viewer, std::string_view bench_answer) {
  const SharedBytes frame = frame_of(Content::kBenchAnswer, bench_answer);
  {
    std::lock_guard lock(loop_->mutex);
    Viewer* const to = loop_->find(viewer);
    // The server's thread finds the closed socket, and removes the viewer.
    if (to != nullptr && !to->queue_answer(frame)) ::shutdown(to->fd(), SHUT_RDWR);
  }
  loop_->notify();
}

void Server::watch(uint64_t viewer) {
  std::lock_guard lock(loop_->mutex);
  if (Viewer* const watcher = loop_->find(viewer)) watcher->watch();
}

void Server::publish(std::string_view bench_state) {
  const SharedBytes frame = frame_of(Content::kBenchState, bench_state);
  {
    std::lock_guard lock(loop_->mutex);
    for (auto& viewer : loop_->viewers) viewer->set_newest(frame);
  }
  loop_->notify();
}

void Server::begin_again() {
  {
    std::lock_guard lock(loop_->mutex);
    for (auto& viewer : loop_->viewers) viewer->begin_again();
  }
  loop_->notify();
}

// Writes on the calling thread: the server's thread may be waiting for the lock that the caller holds.
void Server::drain() noexcept {
  const auto deadline = Clock::now() + kDrainTimeout;
  for (;;) {
    std::vector<pollfd> waiting;
    {
      std::lock_guard lock(loop_->mutex);
      for (auto& viewer : loop_->viewers)
        if (viewer->write_some() == Viewer::Progress::kBlocked) waiting.push_back({viewer->fd(), POLLOUT, 0});
      if (waiting.empty() || Clock::now() >= deadline) return;
      // Under the lock, so that no socket in `waiting` is closed.
      ::poll(waiting.data(), waiting.size(), milliseconds_until(deadline));
    }
  }
}

Result<> Server::adopt(int fd) {
  Fd owned(fd);
  if (auto peer = check_peer(fd); !peer) return peer;
  {
    std::lock_guard lock(loop_->mutex);
    if (loop_->stop_reason) return fail("the telemetry server has stopped");
    loop_->adopted.push_back(std::move(owned));
  }
  loop_->notify();
  return {};
}

void Server::stop(const std::string& reason) {
  {
    std::lock_guard lock(loop_->mutex);
    if (loop_->stop_reason) return;
    loop_->stop_reason = reason;
  }
  loop_->notify();
  loop_->thread.join();
  std::lock_guard lock(loop_->mutex);
  for (const auto& viewer : loop_->viewers) loop_->counters.lost_events += viewer->lost_events();
  loop_->viewers.clear();
  loop_->counters.viewers = 0;
  loop_->listener.reset();
}

Server::Counters Server::counters() const {
  std::lock_guard lock(loop_->mutex);
  Counters counters = loop_->counters;
  for (const auto& viewer : loop_->viewers) counters.lost_events += viewer->lost_events();
  return counters;
}

}  // namespace sweepscope::telemetry
