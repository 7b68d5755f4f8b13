#include "workloads/laboratory/serve_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>

#include "engine/base/fatal_codes.h"
#include "telemetry/transport/address.h"
#include "telemetry/wire/bench_messages.h"
#include "workloads/laboratory/bench_service.h"
#include "workloads/laboratory/bench_stream.h"
#include "workloads/laboratory/lesson_file.h"
#include "workloads/laboratory/report.h"
#include "workloads/laboratory/text_file.h"

namespace sweepscope::workloads {
namespace {

using namespace std::chrono_literals;

constexpr double kSearchSlice = 0.02;    // seconds between two looks at the requests
constexpr auto kProgressEvery = 200ms;   // of a search, to the viewers
constexpr auto kInterruptEvery = 100ms;  // looks for Ctrl-C
constexpr size_t kMostWaiting = 256;     // requests of one viewer
constexpr size_t kMostWaitingBytes = 4u << 20;

// What the server's thread hands to the session's: requests, and the viewers that left.
class Inbox {
 public:
  struct Item {
    uint64_t viewer;
    std::optional<std::string> request;  // nothing: the viewer has left
  };

  // False: the viewer has too many requests waiting.
  bool add(uint64_t viewer, std::string_view request) {
    std::lock_guard lock(mutex_);
    Waiting& waiting = waiting_[viewer];
    if (waiting.count == kMostWaiting || waiting.bytes + request.size() > kMostWaitingBytes) return false;
    ++waiting.count;
    waiting.bytes += request.size();
    items_.push_back({viewer, std::string(request)});
    arrived_.notify_one();
    return true;
  }
  void left(uint64_t viewer) {
    std::lock_guard lock(mutex_);
    std::erase_if(items_, [viewer](const Item& item) { return item.viewer == viewer; });
    waiting_.erase(viewer);
    items_.push_back({viewer, std::nullopt});
    arrived_.notify_one();
  }
  // The next item; waits for it at most so long.
  std::optional<Item> take(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, most, [this] { return !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    Item item = std::move(items_.front());
    items_.pop_front();
    if (item.request) {
      Waiting& waiting = waiting_[item.viewer];
      --waiting.count;
      waiting.bytes -= item.request->size();
    }
    return item;
  }

 private:
  struct Waiting {
    size_t count = 0, bytes = 0;
  };
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Item> items_;
  std::map<uint64_t, Waiting> waiting_;  // by viewer
};

telemetry::SessionInfo describe(const telemetry::BenchSetup& setup) {
  telemetry::SessionInfo info;
  info.engine_build = "laboratory";
  info.workload = setup.scenario;
  info.policy = setup.policy;
  info.command_line = "sweepctl step --serve";
  info.fault = setup.fault;
  info.seed = setup.seed;
  info.procs = setup.procs;
  for (uint32_t code = 0; code < static_cast<uint32_t>(engine::FatalCode::kCount); ++code)
    info.check_names.emplace_back(code, engine::words(static_cast<engine::FatalCode>(code)));
  return info;
}

class Serving {
 public:
  Serving(BenchService& service, BenchStream& stream, Inbox& inbox, telemetry::Server& server)
      : service_(service), stream_(stream), inbox_(inbox), server_(server) {}

  void run(const std::atomic<bool>* interrupted) {
    // relaxed: a flag alone, it publishes no other data
    while (interrupted == nullptr || !interrupted->load(std::memory_order_relaxed)) {
      const std::optional<Inbox::Item> item = inbox_.take(service_.searching() ? 0ms : kInterruptEvery);
      if (item) carry_out(*item);
      if (!service_.searching()) continue;
      service_.search_slice(kSearchSlice);
      const auto now = std::chrono::steady_clock::now();
      if (service_.searching() && now < next_progress_) continue;
      next_progress_ = now + kProgressEvery;
      publish();
    }
  }

 private:
  void carry_out(const Inbox::Item& item) {
    if (!item.request) {
      service_.viewer_left(item.viewer);
      if (service_.changed()) publish();
      return;
    }
    const auto request = telemetry::decode_bench_request(*item.request);
    telemetry::BenchAnswer answer;
    answer.viewer = item.viewer;
    if (!request) {
      answer.request = telemetry::bench_request_id(*item.request);
      answer.error = request.error().message;
      server_.answer(item.viewer, telemetry::encode_bench_answer(answer));
      return;
    }
    answer = service_.handle(item.viewer, *request);
    answer.error = one_line(answer.error);  // it may quote the request
    stream_.flush();
    server_.answer(item.viewer, telemetry::encode_bench_answer(answer));
    const bool watches = std::holds_alternative<telemetry::BenchWatch>(request->body);
    if (watches) server_.watch(item.viewer);
    if (watches || service_.changed()) publish();
  }

  void publish() { server_.publish(telemetry::encode_bench_state(service_.state())); }

  BenchService& service_;
  BenchStream& stream_;
  Inbox& inbox_;
  telemetry::Server& server_;
  std::chrono::steady_clock::time_point next_progress_{};
};

// Saving replaces the file: only that of the schedule that is opened. An empty string, or one line: why not.
std::string problem_with_saving(const ServeOptions& options) {
  std::error_code none;
  if (options.save == "-") return "--save takes a file, not standard output";
  if (options.save.empty()) return {};
  if (!std::filesystem::exists(options.save, none)) return problem_with_output(options.save);
  if (!std::filesystem::is_regular_file(options.save, none))
    return telemetry::file_error("write", options.save, "not a regular file");
  if (!options.schedule.empty() && std::filesystem::equivalent(options.save, options.schedule, none))
    return {};
  return options.save + " exists already. Open it: sweepctl step " + options.save + " --serve --save " +
         options.save + ", or save to another file";
}

// Ends the stream's use of the server in every case, before the server ends.
class Attached {
 public:
  Attached(BenchStream& stream, telemetry::Server& server) : stream_(stream) { stream_.attach(server); }
  ~Attached() { stream_.detach(); }
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

 private:
  BenchStream& stream_;
};

}  // namespace

int serve_command(const ServeOptions& options) {
  if (const std::string problem = problem_with_saving(options); !problem.empty()) return bad_input(problem);
  BenchStream stream;
  BenchService service(&stream);
  telemetry::BenchSetup setup;
  setup.scenario = "sweep";
  if (!options.lesson.empty()) {
    const FoundLesson found = find_lesson(options.lesson);
    if (!found.lesson) return bad_input(found.errors.front());
    if (const std::string error = service.open(*found.lesson, options.run - 1); !error.empty())
      return bad_input(error);
  } else if (options.schedule.empty()) {
    if (const std::string error = service.begin(setup); !error.empty()) return bad_input(error);
  } else {
    const TextFile file = read_text_file(options.schedule, laboratory::kMaxScheduleBytes);
    if (!file.error.empty()) return bad_input(file.error);
    if (const std::string error = service.load(file.text); !error.empty())
      return bad_input(options.schedule + ": " + error);
  }
  stream.flush();

  Inbox inbox;
  telemetry::ServerOptions server_options;
  server_options.address = options.address.empty() ? telemetry::default_address() : options.address;
  server_options.hello = {describe(service.state().setup), {telemetry::ControlKind::kBench}};
  server_options.with_snapshot = [&stream](const auto& use) { stream.with_snapshot(use); };
  server_options.on_bench_request = [&inbox](uint64_t viewer, std::string_view request) {
    return inbox.add(viewer, request);
  };
  server_options.on_gone = [&inbox](uint64_t viewer) { inbox.left(viewer); };
  server_options.max_viewer_frame = telemetry::kMaxBenchRequest + 16;  // with its envelope
  const std::string where = server_options.address;
  auto server = telemetry::Server::start(std::move(server_options));
  if (!server) return bad_input(server.error().message);
  // Only now: a session that cannot be served must not overwrite a file.
  if (const std::string error = service.save_to(options.save); !error.empty()) return bad_input(error);
  const Attached attached(stream, **server);
  // Not fmt::print, which throws if standard error is closed.
  if (!options.quiet) std::fputs(fmt::format("sweepctl: serving at {}\n", where).c_str(), stderr);

  Serving(service, stream, inbox, **server).run(options.interrupted);
  (*server)->stop("the session has ended");
  return 0;
}

}  // namespace sweepscope::workloads
