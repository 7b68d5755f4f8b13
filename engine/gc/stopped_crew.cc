#include "engine/gc/stopped_crew.h"

#include "engine/gc/threads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

StoppedCrew::StoppedCrew(Threads& threads, uint32_t helpers) {
  for (uint32_t i = 0; i < helpers; ++i) helpers_.push_back(&threads.add());
  for (uint32_t i = 0; i < helpers; ++i)
    threads_.emplace_back("gcmark", [this, i] { work(i + 1, *helpers_[i]); });
}

StoppedCrew::~StoppedCrew() {
  quit_.put(1);
  begin_.wake_all();
  for (Thread& thread : threads_) thread.join();
}

void StoppedCrew::run(MarkThread& m, const std::function<void(uint32_t, MarkThread&)>& job) {
  job_ = &job;
  busy_.store(workers() - 1, std::memory_order_relaxed, "stopped crew: all helpers are needed");
  round_.add(1, std::memory_order_release, "stopped crew: begin");
  begin_.wake_all();
  job(0, m);
  done_.wait_until("stopped crew: wait for the helpers",
                   [this] { return busy_.peek(std::memory_order_acquire) == 0; });
  job_ = nullptr;
  for (MarkThread* helper : helpers_) m.take_flushes_of(*helper);
}

void StoppedCrew::work(uint32_t worker, MarkThread& m) {
  uint32_t round = 0;
  while (true) {
    begin_.wait_until("stopped crew: helper sleeps", [this, round] {
      return round_.peek(std::memory_order_acquire) != round || quit_.peek() != 0;
    });
    if (quit_.peek() != 0) return;
    ++round;
    (*job_)(worker, m);
    m.emitter.seal();
    if (busy_.fetch_sub(1, std::memory_order_acq_rel, "stopped crew: helper is done") == 1) done_.wake_all();
  }
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
