// How long the dashboard's step mode takes from a key to the painted window: a step, and a look at the step before. Starts
// `sweepctl step --serve` as the dashboard does. Offscreen: the time of the window system is not in it.
//
//   step_bench [SCENARIO [STEPS]]     prints a table
#include <QApplication>
#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

#include "gui/app/step_window.h"
#include "gui/views/bench_form.h"
#include "gui/views/threads_panel.h"

namespace {

using namespace sweepscope;
using gui::BenchScene;

constexpr int kPatienceMs = 60'000;

void print(const char* what, std::vector<double> ms) {
  std::sort(ms.begin(), ms.end());
  if (ms.empty()) return;
  const auto part = [&](double share) { return ms[static_cast<size_t>(share * double(ms.size() - 1))]; };
  std::printf("%-22s %6zu %9.1f %9.1f %9.1f\n", what, ms.size(), part(0.5), part(0.99), ms.back());
}

struct Request {
  telemetry::BenchStepKind kind;
  uint32_t thread;
};
// Each thread in turn, from the one after `last`.
std::optional<Request> next(const telemetry::BenchView& view, uint32_t last) {
  std::optional<Request> first;
  for (const telemetry::BenchThread& thread : view.threads) {
    using State = telemetry::BenchThreadState;
    if (thread.state == State::kMustChoose) return Request{telemetry::BenchStepKind::kChoice, thread.thread};
    if (thread.state != State::kCanRun) continue;
    const Request request{telemetry::BenchStepKind::kArc, thread.thread};
    if (thread.thread > last) return request;
    if (!first) first = request;
  }
  return first;
}

// Until the window shows another node than `from`, painted. In milliseconds; negative: never.
double shown(gui::StepWindow& window, uint32_t from, const QElapsedTimer& since) {
  const BenchScene& scene = window.client().scene();
  const bool arrived = QTest::qWaitFor(
      [&] { return scene.shown() != from && scene.shownView() != nullptr && !window.client().stepping(); },
      kPatienceMs);
  window.repaint();
  return arrived ? double(since.nsecsElapsed()) / 1e6 : -1;
}

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication app(argc, argv);
  gui::Options options;
  options.step = true;
  options.screenshot = QStringLiteral("none");  // leaves the settings alone
  options.size = QSize(1440, 840);
  gui::StepWindow window(options);
  window.show();
  window.begin();
  const BenchScene& scene = window.client().scene();
  if (!QTest::qWaitFor([&] { return window.client().ready() && scene.begun(); }, kPatienceMs))
    return std::fprintf(stderr, "step_bench: no session: is sweepctl in this program's folder or in PATH?\n"),
           1;
  auto* const form = window.findChild<gui::BenchForm*>();
  form->setSetup({argc > 1 ? argv[1] : "sweep", "lazy", "", 0, 0, 1, {}});
  emit form->beginRequested();
  auto* const threads = window.findChild<gui::ThreadsPanel*>();
  if (!QTest::qWaitFor([&] { return threads->isVisible() && scene.shownView() != nullptr; }, kPatienceMs))
    return std::fprintf(stderr, "step_bench: the scenario did not begin\n"), 1;

  std::vector<double> steps, backs;
  const int most = argc > 2 ? std::atoi(argv[2]) : 200;
  uint32_t last = 0;
  while (std::ssize(steps) < most) {
    const auto request = next(*scene.shownView(), last);
    if (!request) break;  // the run has ended
    last = request->thread;
    const uint32_t from = scene.shown();
    QElapsedTimer timer;
    timer.start();
    emit threads->stepRequested(request->kind, request->thread, 0);
    steps.push_back(shown(window, from, timer));
    if (steps.back() < 0) return std::fprintf(stderr, "step_bench: a step was not answered\n"), 1;
  }
  for (int i = 0; i < most && scene.back(); ++i) {
    const uint32_t from = scene.shown();
    QElapsedTimer timer;
    timer.start();
    QTest::keyClick(&window, Qt::Key_Left);
    backs.push_back(shown(window, from, timer));
  }
  std::printf("%-22s %6s %9s %9s %9s\n", "ms", "n", "p50", "p99", "most");
  print("a step", steps);
  print("a look at the one before", backs);
  return 0;
}
