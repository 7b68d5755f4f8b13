// The search of a bench session. The other half of bench_session.cc.
#include "engine/laboratory/bench/bench_session.h"

#include <cstdio>

#include "engine/laboratory/bench/hand_run.h"
#include "engine/laboratory/bench/search_here.h"

namespace sweepscope::laboratory {
namespace {

std::string in_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g s", seconds);
  return text;
}

}  // namespace

std::string BenchSession::start_search(uint32_t node, double seconds) {
  if (!tree_->has(node)) return "there is no node " + std::to_string(node);
  if (tree_->nodes()[node].outcome != NodeOutcome::kRunning) return "the run has ended at this node";
  search_ = std::make_unique<SearchHere>(setup_, tree_->prefix(node), seed_, seconds);
  answer_ = {};
  answer_.standing = SearchStanding::kRunning;
  answer_.node = node;
  answer_.text = "searching for up to " + in_seconds(seconds);
  return {};
}

void BenchSession::search_slice(double seconds) {
  if (search_ == nullptr) return;
  const SearchHere::Progress progress = search_->search(seconds);
  answer_.schedules = search_->schedules();
  answer_.steps = search_->steps();
  answer_.seconds = search_->seconds();
  const std::string bounds = search_->bounds();
  switch (progress) {
    case SearchHere::Progress::kMore: return;
    case SearchHere::Progress::kNothing:
      answer_.standing = SearchStanding::kNothing;
      answer_.text = "none: no schedule from here violates a rule, complete within: " + bounds;
      break;
    case SearchHere::Progress::kTimeIsUp:
      answer_.standing = SearchStanding::kUndecided;
      answer_.text = "not found in " + in_seconds(search_->seconds()) + ", which proves nothing" +
                     (bounds.empty() ? "" : "; there is none within: " + bounds);
      break;
    case SearchHere::Progress::kFound: {
      const size_t prefix = tree_->steps(answer_.node);
      const std::vector<Decision>& all = search_->found();
      const Taken end = follow(answer_.node, {all.begin() + static_cast<ptrdiff_t>(prefix), all.end()});
      answer_.standing = SearchStanding::kFound;
      answer_.found = end.node;
      answer_.text = "a counterexample, " + std::to_string(all.size() - prefix) +
                     " steps from here: " + search_->violation().rule + ": " + search_->violation().sentence;
      answer_.text += "; harm: " + describe(search_->aftermath());
      if (search_->chosen_of() > 1)
        answer_.text += "; chosen of " + std::to_string(search_->chosen_of()) + " counterexamples";
      if (!end.error.empty()) answer_.text += "; " + end.error;
      break;
    }
  }
  search_.reset();
}

void BenchSession::cancel_search() {
  if (search_ == nullptr) return;
  search_.reset();
  answer_.standing = SearchStanding::kCancelled;
  answer_.text = "cancelled";
}

}  // namespace sweepscope::laboratory
