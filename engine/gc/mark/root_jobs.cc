#include "engine/gc/mark/root_jobs.h"

#include <algorithm>

#include "engine/base/witness.h"
#include "engine/gc/mark/roots.h"
#include "engine/gc/threads.h"
#include "engine/sched/sched.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

RootJobs::RootJobs(const Layers& layers) : layers_(layers) {
  jobs_.bind(Word::kMarkWork, object(MarkWord::kRootJobs));
  next_.bind(Word::kMarkWork, object(MarkWord::kRootJobs));
}

void RootJobs::plan(Program program) {
  program_ = program;
  spans_ = layers_.heap.swept().size();
  jobs_.put(kFirstOfSpans + (spans_ + kSpansOfAJob - 1) / kSpansOfAJob);
  next_.put(0);
}

bool RootJobs::do_next(Marker& marker, MarkThread& m) {
  const uint32_t end = jobs_.peek();
  if (next_.peek() >= end) return false;
  // relaxed: the stop published what the jobs are about.
  const uint32_t job = next_.fetch_add(1, std::memory_order_relaxed, "mark: take a root job");
  if (job >= end) return false;
  do_job(marker, m, job);
  return true;
}

void RootJobs::do_job(Marker& marker, MarkThread& m, uint32_t job) {
  if (job == kGlobals) {
    layers_.globals.for_each(m, [&](uintptr_t root) { marker.mark_root(root); });
    witness_globals_visited();
  } else if (job == kQueue) {
    layers_.heap.specials.for_each_queued(
        m, [&](const QueuedFinalizer& queued) { marker.mark_root(queued.object); });
  } else if (job == kStopped) {
    if (program_ == Program::kStopped) mark_stopped(marker);
  } else {
    const uint32_t begin = (job - kFirstOfSpans) * kSpansOfAJob;
    mark_root_spans(m, layers_.heap, begin, std::min(begin + kSpansOfAJob, spans_),
                    [&](uintptr_t object) { marker.scan_root(object); });
  }
}

void RootJobs::mark_stopped(Marker& marker) {
  layers_.threads.for_each([&](const MarkThread& thread) {
    thread.stack.for_each([&](uintptr_t root) { marker.mark_root(root); });
  });
  // Whatever the policy: what is carved from a block later does not mark it.
  for (uint32_t id = 0; id < layers_.sched.procs(); ++id)
    if (const uintptr_t tiny = layers_.sched.p(id).mcache.tiny; tiny != 0) marker.mark_root(tiny);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
