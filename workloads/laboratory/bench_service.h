// The requests of viewers, carried out on a bench session: who may step, what each is answered, what all see.
//
// No sockets and no threads: serve_command.cc calls it on the thread of the session, tests call it directly.
#pragma once

#include <cstdint>
#include <string>

#include "engine/laboratory/bench/bench_session.h"
#include "engine/laboratory/bench/hand_run.h"
#include "telemetry/lessons/lesson.h"
#include "telemetry/model/bench.h"

namespace sweepscope::workloads {

class BenchService {
 public:
  explicit BenchService(laboratory::RecordListener* listener) : session_(listener) {}

  // Before any viewer: what the command line names. An empty string, or one line: why not.
  std::string begin(const telemetry::BenchSetup& setup);
  std::string load(const std::string& schedule_text);
  // A run of a lesson, from 0.
  std::string open(const telemetry::lessons::Lesson& lesson, uint32_t run);
  // A run, from 1, of a lesson as the text of its file, which is not trusted. If it is refused the session is as before.
  std::string open_text(const std::string& text, uint32_t run);

  // The file that gets the path to the current node as a schedule, now and after every change; empty: none. Returns one
  // line if it cannot be written.
  std::string save_to(std::string path);

  // Carries out one request. changed(): whether state() differs from before.
  telemetry::BenchAnswer handle(uint64_t viewer, const telemetry::BenchRequest& request);
  bool changed() const { return changed_; }
  void viewer_left(uint64_t viewer);

  bool searching() const { return session_.search_answer().standing == laboratory::SearchStanding::kRunning; }
  void search_slice(double seconds);

  telemetry::BenchState state() const;
  const laboratory::BenchSession& session() const { return session_; }

 private:
  struct Carry;
  std::string take_seat(uint64_t viewer);
  void note_change();

  laboratory::BenchSession session_;
  std::string save_to_;
  std::string save_error_;
  uint64_t seat_ = 0;  // the viewer that steps; 0: none
  uint64_t revision_ = 1;
  bool changed_ = false;
};

}  // namespace sweepscope::workloads
