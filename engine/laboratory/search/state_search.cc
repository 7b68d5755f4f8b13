#include "engine/laboratory/search/state_search.h"

#include <algorithm>

#include "engine/laboratory/seam/digest.h"

namespace sweepscope::laboratory {

uint64_t StateSearch::key(uint32_t preemptions) const {
  const uint64_t state = experiment_.state();
  if (!bound_) return state;
  Digest digest;
  digest.add(state);
  digest.add((uint64_t{experiment_.scheduler().last()} << 32) | preemptions);
  return digest.value();
}

bool StateSearch::arrive() {
  Scheduler& scheduler = experiment_.scheduler();
  const size_t length = scheduler.trace().size();
  steps_ += length - steps_at_;
  steps_at_ = length;
  deepest_ = std::max(deepest_, length);
  const uint32_t alternatives = scheduler.alternatives();
  if (alternatives == 0) {
    ++ends_;
    return false;
  }
  const uint64_t state = key(preemptions_);
  if (audited_hashes_ && (state & *audited_hashes_) == 0) compare_futures(state);
  if (!seen_.insert(state)) return false;
  if (note_decisions_ && scheduler.all_at_decisions()) at_decisions_.insert(state);

  if (depth_ == path_.size()) path_.emplace_back();
  Branch& branch = path_[depth_];
  branch.preemptions = preemptions_;
  branch.left.clear();
  // The alternative that continues the last fiber is tried first, so it goes to the back.
  for (uint32_t index = alternatives; index-- > 0;)
    if (scheduler.preempts(index) && (!bound_ || preemptions_ < *bound_)) branch.left.push_back(index);
  for (uint32_t index = alternatives; index-- > 0;)
    if (!scheduler.preempts(index)) branch.left.push_back(index);
  if (depth_ % kSaveEvery == 0) scheduler.save(branch.state);
  ++depth_;
  return true;
}

void StateSearch::compare_futures(uint64_t state) {
  Scheduler& scheduler = experiment_.scheduler();
  Snapshot here;
  scheduler.save(here);
  Digest future;
  for (uint32_t i = 0; i < kAuditDecisions && scheduler.alternatives() > 0; ++i) {
    future.add(experiment_.state());
    scheduler.pick(0);
  }
  future.add(scheduler.alternatives());
  scheduler.restore(here);
  const auto [known, first] = futures_.try_emplace(state, future.value());
  if (first) return;
  ++audited_;
  if (known->second != future.value()) ++differences_;
}

void StateSearch::take_next(Branch& branch) {
  Scheduler& scheduler = experiment_.scheduler();
  const uint32_t index = branch.taken = branch.left.back();
  branch.left.pop_back();
  preemptions_ = branch.preemptions + (scheduler.preempts(index) ? 1 : 0);
  scheduler.pick(index);
}

// Restores the run at the last branch.
void StateSearch::go_back_to_last() {
  Scheduler& scheduler = experiment_.scheduler();
  const size_t last = depth_ - 1;
  size_t at = last - last % kSaveEvery;
  for (scheduler.restore(path_[at].state); at < last; ++at) scheduler.pick(path_[at].taken);
  steps_at_ = scheduler.trace().size();
}

StateSearch::Progress StateSearch::search(uint64_t decisions) {
  if (!begun_) {
    begun_ = true;
    experiment_.start(merge_);
    steps_at_ = experiment_.scheduler().trace().size();
  }
  Scheduler& scheduler = experiment_.scheduler();
  while (decisions-- > 0) {
    if (scheduler.violated()) return Progress::kViolation;
    if (arrive()) {
      take_next(path_[depth_ - 1]);
      continue;
    }
    while (depth_ > 0 && path_[depth_ - 1].left.empty()) --depth_;
    if (depth_ == 0) return Progress::kComplete;
    go_back_to_last();
    take_next(path_[depth_ - 1]);
  }
  return Progress::kMore;
}

}  // namespace sweepscope::laboratory
