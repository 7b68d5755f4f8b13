#include "engine/gc/stopped_crew.h"

#include "engine/base/fault.h"
#include "engine/base/reads.h"
#include "engine/base/witness.h"
#include "engine/gc/threads.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

StoppedCrew::StoppedCrew(Threads& threads, uint32_t helpers) {
  round_.bind(Word::kCrew, object(CrewWord::kRound));
  busy_.bind(Word::kCrew, object(CrewWord::kBusy));
  next_piece_.bind(Word::kCrew, object(CrewWord::kPiece));
  quit_.bind(Word::kCrew, object(CrewWord::kQuit));
  begin_.bind(Word::kCrew, object(CrewWord::kRound));
  done_.bind(Word::kCrew, object(CrewWord::kBusy));
  for (uint32_t i = 0; i < helpers; ++i) helpers_.push_back({&threads.add()});
  witness_crew_made(helpers);
  for (uint32_t i = 0; i < helpers; ++i)
    threads_.emplace_back("gcmark", [this, i] { work(i + 1, helpers_[i]); });
}

StoppedCrew::~StoppedCrew() {
  quit_.put(1);
  begin_.wake_all();
  for (Thread& thread : threads_) thread.join();
}

void StoppedCrew::run(MarkThread& m, Job job) {
  job_ = job;
  next_piece_.put(0);
  busy_.store(workers() - 1, std::memory_order_relaxed, "stopped crew: all helpers are needed");
  m.emitter.seal();  // ahead of what helpers emit of the Ps that m owned
  round_.add(1, std::memory_order_release, "stopped crew: begin");
  begin_.wake_all();
  job_(0, m);
  if (!fault(Fault::kCrewNotAwaited))
    done_.wait_until("stopped crew: wait for the helpers",
                     [this] { return busy_.peek(std::memory_order_acquire) == 0; });
  for (const Helper& helper : helpers_) m.take_flushes_of(*helper.m);
}

void StoppedCrew::work(uint32_t worker, Helper& helper) {
  while (true) {
    begin_operation(0);
    begin_.wait_until("stopped crew: helper sleeps", [this, &helper] {
      return round_.peek(std::memory_order_acquire) != helper.round || quit_.peek() != 0;
    });
    if (quit_.peek() != 0) return;
    ++helper.round;
    witness_helper_begun();
    // A copy in the laboratory, where a coordinator that does not wait (fault crew-not-awaited) may replace job_ meanwhile.
    Job copy = kLaboratory ? job_ : Job();
    (kLaboratory ? copy : job_)(worker, *helper.m);
    helper.m->emitter.seal();
    witness_helper_ended();
    if (busy_.fetch_sub(1, std::memory_order_acq_rel, "stopped crew: helper is done") == 1) done_.wake_all();
  }
}

uint32_t StoppedCrew::take_piece() {
  if (fault(Fault::kCrewFlushesTwice)) return take_piece_in_two_steps();
  // relaxed: see next_piece_.
  return next_piece_.fetch_add(1, std::memory_order_relaxed, "stopped crew: take a piece of work");
}

// Fault crew-flushes-twice.
uint32_t StoppedCrew::take_piece_in_two_steps() {
  // relaxed, both: see next_piece_.
  const uint32_t piece =
      next_piece_.load(std::memory_order_relaxed, "stopped crew: read the next piece of work");
  next_piece_.store(piece + 1, std::memory_order_relaxed, "stopped crew: store the one after it");
  return piece;
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
