#include "engine/laboratory/bench/search_here.h"

#include <algorithm>

#include "engine/laboratory/search/explorer.h"
#include "engine/laboratory/search/stale_watch.h"

namespace sweepscope::laboratory {

// Follows the prefix, then another strategy.
class SearchHere::FromPrefix final : public Strategy {
 public:
  FromPrefix(const std::vector<Decision>& prefix, Strategy& then) : prefix_(prefix), then_(then) {}

  uint32_t pick(std::span<const Candidate> enabled) override {
    if (at_ == prefix_.size()) return then_.pick(enabled);
    const Decision& decision = prefix_[at_++];
    for (uint32_t i = 0; i < enabled.size(); ++i)
      if (enabled[i].fiber == decision.fiber && !decision.choice) return i;
    return kNoFit;
  }
  uint32_t choose(uint32_t fiber, engine::Step what, uint32_t n) override {
    if (at_ == prefix_.size()) return then_.choose(fiber, what, n);
    const Decision& decision = prefix_[at_++];
    return decision.fiber == fiber && decision.choice && *decision.choice < n ? *decision.choice : kNoFit;
  }

 private:
  const std::vector<Decision>& prefix_;
  Strategy& then_;
  size_t at_ = 0;
};

SearchHere::SearchHere(Setup setup, std::vector<Decision> prefix, uint64_t seed, double seconds)
    : experiment_(setup),
      replays_(std::move(setup)),
      prefix_(std::move(prefix)),
      limit_(seconds),
      lottery_(make_source(Method::kMix, seed, std::nullopt)),
      exhaustive_(make_source(Method::kDfs, seed, kMostPreemptions)) {
  if (!kRunsHaveImages) return;
  // Once to the end of the prefix; every run starts from a copy of that.
  Scheduler& scheduler = experiment_.start_stepping(nullptr);
  for (const Decision& decision : prefix_) {
    const Experiment::Turn turn(experiment_);
    uint32_t index = decision.choice.value_or(0);
    const auto enabled = scheduler.enabled();
    while (!decision.choice && enabled[index].fiber != decision.fiber) ++index;  // it was taken before
    scheduler.pick(index);
    if (scheduler.stands_at_checkpoint()) scheduler.pick(0);
  }
  experiment_.keep_made();
}

SearchHere::~SearchHere() = default;

double SearchHere::seconds() const { return spent_; }

RunReport SearchHere::run(Strategy& strategy) {
  if (kRunsHaveImages) return experiment_.run_made(strategy);
  FromPrefix whole(prefix_, strategy);
  return experiment_.run(whole, Experiment::FairTail::kYes);
}

bool SearchHere::run_one(Source& source, uint64_t index) {
  Strategy* const strategy = source.next(index);
  if (strategy == nullptr) return false;
  const RunReport report = run(*strategy);
  source.ran(report);
  ++schedules_;
  steps_ += report.steps - prefix_.size();
  if (report.outcome != Outcome::kViolation) return true;
  meet(report);
  return true;
}

void SearchHere::meet(const RunReport& report) {
  if (++met_ == 1) first_after_ = schedules_;
  Met met;
  met.violation = report.violation;
  for (const TracedStep& step : experiment_.scheduler().trace())
    met.decisions.push_back(
        {step.fiber, step.choice == kNotAChoice ? std::nullopt : std::optional(step.choice)});
  const Schedule schedule = experiment_.schedule(0, report);
  met.aftermath = what_follows(experiment_.setup(), schedule, met.violation);
  met.stale = had_stale_span(replays_, schedule);
  const auto order = [](const Met& m) {
    return teaching_order(m.aftermath.harm, m.stale, m.decisions.size());
  };
  if (!best_ || order(met) < order(*best_)) best_ = std::move(met);
}

bool SearchHere::goes_further(double spent) const {
  return met_ <= kFurther && schedules_ < first_after_ + schedules_further(first_after_) &&
         spent < first_spent_ + kMostFurtherSeconds;
}

SearchHere::Progress SearchHere::search(double seconds) {
  const auto begin = Clock::now();
  const auto since = [&begin] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  const double most = std::min(seconds, limit_ - spent_);
  Progress progress = Progress::kMore;
  while (progress == Progress::kMore && since() < most) {
    const bool lottery = lottery_runs_ <= exhaustive_runs_;
    const bool left =
        lottery ? run_one(*lottery_, lottery_runs_++) : run_one(*exhaustive_, exhaustive_runs_++);
    if (best_ && met_ == 1 && first_spent_ == 0) first_spent_ = spent_ + since();
    if (best_ && !goes_further(spent_ + since())) progress = Progress::kFound;
    if (!left) progress = best_ ? Progress::kFound : Progress::kNothing;
  }
  spent_ += since();
  if (progress == Progress::kMore && spent_ >= limit_)
    progress = best_ ? Progress::kFound : Progress::kTimeIsUp;
  return progress;
}

std::string SearchHere::bounds() const {
  const std::string complete = exhaustive_->complete();
  if (complete.empty()) return {};
  const Setup& setup = experiment_.setup();
  return setup.scenario->bounds(setup.size) + ", after here " + complete;
}

}  // namespace sweepscope::laboratory
