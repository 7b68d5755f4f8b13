#include "engine/gc/mark/mark_crew.h"

#include "engine/gc/threads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

MarkCrew::MarkCrew(Threads& threads, uint32_t helpers) : helpers_(helpers) {
  for (uint32_t i = 0; i < helpers; ++i) {
    MarkThread& m = threads.add();
    threads_.emplace_back("gcmark", [this, i, &m] { work(i + 1, m); });
  }
}

MarkCrew::~MarkCrew() {
  quit_.put(1);
  begin_.wake_all();
  for (Thread& thread : threads_) thread.join();
}

void MarkCrew::run(MarkThread& m, const std::function<void(uint32_t, MarkThread&)>& job) {
  job_ = &job;
  busy_.store(helpers_, std::memory_order_relaxed, "mark crew: all helpers are needed");
  round_.add(1, std::memory_order_release, "mark crew: begin");
  begin_.wake_all();
  job(0, m);
  done_.wait_until("mark crew: wait for the helpers",
                   [this] { return busy_.peek(std::memory_order_acquire) == 0; });
  job_ = nullptr;
}

void MarkCrew::work(uint32_t worker, MarkThread& m) {
  uint32_t round = 0;
  while (true) {
    begin_.wait_until("mark crew: helper sleeps", [this, round] {
      return round_.peek(std::memory_order_acquire) != round || quit_.peek() != 0;
    });
    if (quit_.peek() != 0) return;
    ++round;
    (*job_)(worker, m);
    m.emitter.seal();
    if (busy_.fetch_sub(1, std::memory_order_acq_rel, "mark crew: helper is done") == 1) done_.wake_all();
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
