#include "tests/gui/support/lesson_player.h"

#include <gtest/gtest.h>

#include "workloads/laboratory/bench_service.h"

namespace sweepscope::testing {

using namespace telemetry;

struct LessonPlayer::Session {
  workloads::BenchService service{nullptr};
  BenchAnswer ask(BenchRequestBody body) { return service.handle(1, BenchRequest{1, std::move(body)}); }
};

LessonPlayer::LessonPlayer(const QString& id)
    : source(gui::embeddedLesson(id)), run(source.lesson.value()), session_(std::make_unique<Session>()) {
  arrive();
}

LessonPlayer::~LessonPlayer() = default;

void LessonPlayer::arrive() {
  if (openRun_ != run.run()) {
    openRun_ = run.run();
    EXPECT_EQ(session_->ask(BenchOpenLesson{source.text, run.run() + 1}).error, "");
  }
  scene.setState(session_->service.state());
  run.setTree(scene.state().nodes);
  EXPECT_TRUE(run.ready()) << source.key.toStdString() << " " << run.beat().name;
  show(run.node());
}

void LessonPlayer::show(uint32_t node) {
  scene.show(node);
  for (auto wanted = scene.wanted(8); !wanted.empty(); wanted = scene.wanted(8))
    for (const uint32_t one : wanted) {
      const auto answer = session_->ask(BenchLook{one});
      ASSERT_EQ(answer.view.size(), 1u) << answer.error;
      scene.addView(answer.view.front());
    }
  run.look(scene);
}

bool LessonPlayer::moved(bool did, uint32_t beatBefore) {
  if (!did) return false;
  run.beatNumber() == beatBefore ? show(run.node()) : arrive();
  return true;
}

bool LessonPlayer::forward() {
  const uint32_t beat = run.beatNumber();
  return moved(run.forward(), beat);
}

bool LessonPlayer::back() {
  const uint32_t beat = run.beatNumber();
  return moved(run.back(), beat);
}

std::string LessonPlayer::step(BenchStepKind kind, const std::string& thread, uint32_t choice) {
  for (const BenchThread& t : scene.shownView()->threads) {
    if (t.name != thread) continue;
    const auto answer = session_->ask(BenchStepRequest{scene.shown(), kind, t.thread, choice});
    if (!answer.error.empty()) return answer.error;
    scene.setState(session_->service.state());
    show(answer.node);
    return "";
  }
  return "no thread " + thread;
}

}  // namespace sweepscope::testing
