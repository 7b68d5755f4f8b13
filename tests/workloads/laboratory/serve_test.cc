// `sweepctl step --serve`, stepped over its socket by small viewers.
#include "workloads/laboratory/serve_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "telemetry/client/live_session.h"
#include "telemetry/transport/address.h"
#include "telemetry/wire/bench_messages.h"
#include "tests/telemetry/support/private_directory.h"
#include "workloads/laboratory/step_command.h"

namespace sweepscope::workloads {
namespace {

using namespace telemetry;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// A viewer that waits for each answer.
class BenchViewer {
 public:
  explicit BenchViewer(const std::string& address) {
    auto live = LiveSession::connect(address);
    EXPECT_TRUE(live) << live.error().message;
    if (!live) return;
    live_ = std::move(*live);
    while (live_->state() == LiveSession::State::kConnecting) std::this_thread::yield();
  }

  BenchAnswer ask(BenchRequestBody body) {
    const uint64_t id = ++requests_;
    EXPECT_TRUE(live_->send(BenchRequest{id, std::move(body)}));
    while (live_->state() == LiveSession::State::kLive) {
      if (auto answer = live_->take_bench_answer()) {
        EXPECT_EQ(answer->request, id);
        return *answer;
      }
      std::this_thread::yield();
    }
    ADD_FAILURE() << live_->message();
    return {};
  }
  // The first state from now on that fits.
  template <class F>
  BenchState state(F fits) {
    while (live_->state() == LiveSession::State::kLive) {
      if (auto state = live_->take_bench_state(); state && fits(*state)) return *state;
      std::this_thread::yield();
    }
    ADD_FAILURE() << live_->message();
    return {};
  }
  BenchState watch() {
    const BenchAnswer answer = ask(BenchWatch{});
    EXPECT_EQ(answer.error, "");
    EXPECT_EQ(answer.catalogue.size(), 1u);
    number_ = answer.viewer;
    return state([](const BenchState&) { return true; });
  }
  uint64_t number() const { return number_; }
  LiveSession& live() { return *live_; }

 private:
  std::unique_ptr<LiveSession> live_;
  uint64_t requests_ = 0;
  uint64_t number_ = 0;
};

// The thread that must choose, or the first at or after `from` that can run.
BenchStepRequest next_step(const BenchView& view, uint32_t from, BenchStepKind kind) {
  for (const BenchThread& t : view.threads)
    if (t.state == BenchThreadState::kMustChoose) return {view.node, BenchStepKind::kChoice, t.thread, 0};
  for (size_t i = 0; i < view.threads.size(); ++i) {
    const BenchThread& t = view.threads[(from + i) % view.threads.size()];
    if (t.state == BenchThreadState::kCanRun) return {view.node, kind, t.thread, 0};
  }
  return {view.node, kind, 0, 0};
}

class ServedBench : public ::testing::Test {
 protected:
  void TearDown() override { stop(); }

  // Serves on a thread of its own, until stop(); returns when it listens.
  void start(const std::string& schedule = {}, const std::string& save = {}) {
    interrupted_ = false;
    thread_ = std::thread([this, schedule, save] {
      ServeOptions options;
      options.schedule = schedule;
      options.address = address_;
      options.save = save;
      options.quiet = true;
      options.interrupted = &interrupted_;
      exit_code_ = serve_command(options);
    });
    while (!connect_to(address_)) std::this_thread::yield();
  }
  int stop() {
    interrupted_ = true;
    if (thread_.joinable()) thread_.join();
    return exit_code_;
  }

  telemetry::testing::PrivateDirectory folder_;
  const std::string address_ = folder_ / "bench.sock";
  std::atomic<bool> interrupted_{false};
  int exit_code_ = -1;
  std::thread thread_;
};

TEST_F(ServedBench, IsSteppedGoesBackForksAndSurvivesARepeatedRequest) {
  const std::string saved = folder_ / "saved.txt";
  start({}, saved);
  BenchViewer viewer(address_);
  EXPECT_THAT(viewer.live().hello().granted, ::testing::Contains(ControlKind::kBench));
  BenchState state = viewer.watch();
  EXPECT_EQ(state.nodes.size(), 1u);
  EXPECT_EQ(state.setup.scenario, "sweep");
  ASSERT_TRUE(state.view.board.known);

  std::vector<double> step_ms;
  std::vector<uint32_t> path{0};
  for (int i = 0; i < 60; ++i) {
    const auto begin = Clock::now();
    const BenchAnswer answer = viewer.ask(next_step(state.view, 1, BenchStepKind::kArc));
    ASSERT_EQ(answer.error, "");
    state = viewer.state([&](const BenchState& s) { return s.current == answer.node; });
    step_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    path.push_back(answer.node);
  }
  EXPECT_EQ(state.seat, viewer.number());
  EXPECT_EQ(state.nodes.size(), 61u);

  // Back to the root, and a step of another thread: a fork. Then far along the first branch again.
  const auto begin = Clock::now();
  const BenchAnswer fork = viewer.ask(BenchStepRequest{0, BenchStepKind::kAccess, 1, 0});
  ASSERT_EQ(fork.error, "");
  const auto forked = Clock::now();
  state = viewer.state([&](const BenchState& s) { return s.current == fork.node; });
  EXPECT_EQ(state.nodes[fork.node].parent, 0u);
  const BenchAnswer look = viewer.ask(BenchLook{path[50]});
  ASSERT_EQ(look.view.size(), 1u);
  const auto back_begin = Clock::now();
  const BenchAnswer back = viewer.ask(next_step(look.view[0], 2, BenchStepKind::kAccess));
  ASSERT_EQ(back.error, "");
  const double back_ms = std::chrono::duration<double, std::milli>(Clock::now() - back_begin).count();
  std::sort(step_ms.begin(), step_ms.end());
  std::printf(
      "step to state: median %.2f ms, longest %.2f ms; step at the root %.2f ms; step at %u accesses "
      "after another branch %.2f ms\n",
      step_ms[step_ms.size() / 2], step_ms.back(),
      std::chrono::duration<double, std::milli>(forked - begin).count(), look.view[0].steps, back_ms);

  state = viewer.state([&](const BenchState& s) { return s.current == back.node; });
  const size_t nodes = state.nodes.size();
  EXPECT_EQ(viewer.ask(BenchStepRequest{0, BenchStepKind::kAccess, 1, 0}).node, fork.node);
  EXPECT_EQ(viewer.ask(BenchName{fork.node, "mine"}).error, "");
  state = viewer.state([&](const BenchState& s) { return s.nodes[fork.node].name == "mine"; });
  EXPECT_EQ(state.nodes.size(), nodes);

  // What was saved opens again, at the same place.
  EXPECT_EQ(stop(), 0);
  start(saved);
  BenchViewer again(address_);
  EXPECT_EQ(again.watch().setup.scenario, "sweep");
}

TEST_F(ServedBench, OneViewerStepsOthersWatchAndTakeOverWhenItLeaves) {
  start();
  auto first = std::make_unique<BenchViewer>(address_);
  BenchState state = first->watch();
  BenchViewer second(address_);
  second.watch();
  const BenchAnswer taken = first->ask(next_step(state.view, 0, BenchStepKind::kArc));
  ASSERT_EQ(taken.error, "");
  EXPECT_EQ(second.state([&](const BenchState& s) { return s.current == taken.node; }).seat, first->number());
  EXPECT_THAT(second.ask(BenchStepRequest{0, BenchStepKind::kArc, 0, 0}).error,
              HasSubstr("another viewer steps"));
  EXPECT_THAT(second.ask(BenchTakeSeat{}).error, HasSubstr("another viewer steps"));
  EXPECT_EQ(second.ask(BenchLook{0}).view.size(), 1u);
  EXPECT_THAT(second.ask(BenchLook{99}).error, HasSubstr("no node 99"));
  EXPECT_THAT(second.ask(BenchGetSchedule{0}).schedule, HasSubstr("sweepscope-schedule 1"));

  first.reset();  // dies in its seat
  second.state([](const BenchState& s) { return s.seat == 0; });
  EXPECT_EQ(second.ask(BenchGo{0}).error, "");
  EXPECT_EQ(second.ask(BenchLeaveSeat{}).error, "");
  // A third finds the whole tree.
  BenchViewer third(address_);
  EXPECT_EQ(third.watch().nodes.size(), 2u);
  EXPECT_EQ(third.ask(BenchTakeSeat{}).error, "");
  EXPECT_EQ(stop(), 0);
}

// A viewer of today: it asks for nothing, and follows the events of the run.
TEST_F(ServedBench, AViewerThatKnowsNoBenchFollowsTheEvents) {
  start();
  auto watcher = LiveSession::connect(address_);
  ASSERT_TRUE(watcher);
  std::vector<Event> events;
  LiveSession::Stretch stretch;
  while (!(stretch = (*watcher)->drain(events, 1 << 20)).snapshot) std::this_thread::yield();
  BenchViewer viewer(address_);
  BenchState state = viewer.watch();
  const auto steps_seen = [&](uint32_t wanted) {
    while ((*watcher)->state() == LiveSession::State::kLive) {
      const LiveSession::Stretch more = (*watcher)->drain(events, 1 << 20);
      if (more.snapshot) events.erase(events.begin(), events.end() - static_cast<ptrdiff_t>(more.events));
      const auto steps = std::count_if(events.begin(), events.end(), [](const Event& e) {
        return std::holds_alternative<StepTaken>(e.body);
      });
      if (static_cast<uint32_t>(steps) >= wanted) return true;
      std::this_thread::yield();
    }
    return false;
  };
  const BenchAnswer run = viewer.ask(next_step(state.view, 0, BenchStepKind::kRun));
  ASSERT_EQ(run.error, "");
  state = viewer.state([&](const BenchState& s) { return s.current == run.node; });
  EXPECT_TRUE(steps_seen(state.nodes[run.node].steps)) << (*watcher)->message();
  // Another branch: the picture begins again, and goes on.
  const BenchAnswer fork = viewer.ask(BenchStepRequest{0, BenchStepKind::kAccess, 1, 0});
  ASSERT_EQ(fork.error, "");
  bool fresh = false;
  while (!fresh && (*watcher)->state() == LiveSession::State::kLive)
    fresh = (*watcher)->drain(events, 1 << 20).snapshot.has_value();
  EXPECT_TRUE(fresh) << (*watcher)->message();
  EXPECT_EQ(stop(), 0);
}

TEST_F(ServedBench, GarbageAndFloodsHurtTheirViewerOnly) {
  start();
  BenchViewer viewer(address_);
  BenchState state = viewer.watch();

  const auto raw = [this] {
    auto fd = connect_to(address_);
    EXPECT_TRUE(fd);
    return Socket(std::move(*fd));
  };
  {
    // A damaged request gets one clear answer; the connection stays.
    Socket socket = raw();
    ASSERT_TRUE(socket.send_frame(envelope(Content::kBenchRequest, "\xFF\xFF garbage")));
    std::string error;
    while (error.empty()) {
      const auto frame = socket.receive_frame();
      ASSERT_TRUE(frame && *frame);
      const auto opened = open_envelope(**frame);
      if (opened && opened->content == Content::kBenchAnswer)
        error = decode_bench_answer(opened->message)->error;
    }
    EXPECT_THAT(error, HasSubstr("damaged bench request"));
  }
  {
    // No envelope: disconnected.
    Socket socket = raw();
    ASSERT_TRUE(socket.send_frame("not a message"));
    while (true) {
      const auto frame = socket.receive_frame();
      if (!frame || !*frame) break;
    }
  }
  {
    // A frame that announces more than a viewer may send: disconnected before it is received.
    Socket socket = raw();
    const std::string head("\xFF\xFF\xFF\x03", 4);
    ASSERT_EQ(::send(socket.fd(), head.data(), head.size(), MSG_NOSIGNAL), 4);
    while (true) {
      const auto frame = socket.receive_frame();
      if (!frame || !*frame) break;
    }
  }
  {
    // Asks without end and reads nothing.
    Socket socket = raw();
    const std::string ask = envelope(Content::kBenchRequest, encode_bench_request({1, BenchWatch{}}));
    for (int i = 0; i < 100'000; ++i)
      if (!socket.send_frame(ask)) break;
  }
  const BenchAnswer answer = viewer.ask(next_step(state.view, 0, BenchStepKind::kArc));
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(stop(), 0);
}

TEST_F(ServedBench, SearchesFromHereAndTheCounterexampleIsAFileOfStep) {
  start();
  BenchViewer viewer(address_);
  viewer.watch();
  EXPECT_THAT(viewer.ask(BenchSetup{"sweep", "eager", "acquirep-no-flush", 2, 2, 1, {}}).error,
              HasSubstr("does not exist under policy 'eager'"));
  ASSERT_EQ(viewer.ask(BenchSetup{"sweep", "lazy", "acquirep-no-flush", 0, 0, 1, {}}).error, "");
  BenchState state = viewer.state([](const BenchState& s) { return s.setup.fault == "acquirep-no-flush"; });
  EXPECT_EQ(state.setup.procs, 2u);
  const BenchAnswer here = viewer.ask(next_step(state.view, 0, BenchStepKind::kRun));
  ASSERT_EQ(viewer.ask(BenchSearchRequest{here.node, true}).error, "");
  state = viewer.state([](const BenchState& s) {
    return s.search.state != BenchSearchState::kRunning && s.search.state != BenchSearchState::kNone;
  });
  ASSERT_EQ(state.search.state, BenchSearchState::kFound) << state.search.text;
  EXPECT_EQ(state.nodes[state.search.found].outcome, BenchOutcome::kViolation);

  const std::string schedule = viewer.ask(BenchGetSchedule{state.search.found}).schedule;
  const std::string file = folder_ / "found.txt";
  std::ofstream(file) << schedule;
  StepOptions replay;
  replay.schedule = file;
  replay.quiet = true;
  EXPECT_EQ(step_command(replay), 1);

  // Loaded as text, it opens as one branch; a broken one is refused with its line.
  EXPECT_THAT(viewer.ask(BenchLoad{"sweepscope-schedule 1\nmoon 3\n"}).error, HasSubstr("line 2"));
  ASSERT_EQ(viewer.ask(BenchLoad{schedule}).error, "");
  state = viewer.state([](const BenchState& s) { return s.search.state == BenchSearchState::kNone; });
  EXPECT_EQ(state.nodes.back().outcome, BenchOutcome::kViolation);

  // A search can be cancelled.
  ASSERT_EQ(viewer.ask(BenchSetup{"sweep", "lazy", "", 2, 2, 1, {}}).error, "");
  ASSERT_EQ(viewer.ask(BenchSearchRequest{0, true}).error, "");
  ASSERT_EQ(viewer.ask(BenchSearchRequest{0, false}).error, "");
  viewer.state([](const BenchState& s) { return s.search.state == BenchSearchState::kCancelled; });
  EXPECT_EQ(stop(), 0);
}

TEST_F(ServedBench, WhatCannotBeOpenedIsRefusedWithOneLine) {
  const auto refused = [](const ServeOptions& options) {
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(serve_command(options), 2);
    const std::string line = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    return line;
  };
  ServeOptions options;
  options.address = address_;
  options.schedule = folder_ / "missing.txt";
  EXPECT_THAT(refused(options), HasSubstr("Cannot open"));
  options.schedule = folder_ / "bad.txt";
  std::ofstream(options.schedule) << "moon\n";
  EXPECT_THAT(refused(options), HasSubstr("line 1"));
  options.schedule.clear();
  options.save = folder_ / "none/x";
  EXPECT_THAT(refused(options), HasSubstr("Cannot write"));
  options.save.clear();
  start();
  EXPECT_NE(refused(options), "");  // the address is in use
}

}  // namespace
}  // namespace sweepscope::workloads
