// Plays a lesson on the real laboratory in this process, as the lesson window does through a client: the run of the beat is
// open in the service, and the scene has the views that it wants.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gui/models/lesson_run.h"
#include "gui/session/lesson_source.h"

namespace sweepscope::testing {

class LessonPlayer {
 public:
  explicit LessonPlayer(const QString& id);
  ~LessonPlayer();

  void show(uint32_t node);
  bool forward();
  bool back();
  // A step of the student's, at the node that is shown. An empty string, or why not.
  std::string step(telemetry::BenchStepKind kind, const std::string& thread, uint32_t choice = 0);

  gui::LessonSource source;
  gui::LessonRun run;
  gui::BenchScene scene;

 private:
  struct Session;
  void arrive();  // at a beat that was entered
  bool moved(bool did, uint32_t beatBefore);

  std::optional<uint32_t> openRun_;
  std::unique_ptr<Session> session_;
};

}  // namespace sweepscope::testing
