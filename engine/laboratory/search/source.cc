#include "engine/laboratory/search/source.h"

#include "engine/laboratory/search/depth_first.h"
#include "engine/laboratory/search/pct.h"
#include "engine/laboratory/search/random_walk.h"

namespace sweepscope::laboratory {
namespace {

// random, pct and mix. Schedule i depends on the seed, on i and on the lengths of the schedules before it.
class Lottery final : public Source {
 public:
  Lottery(Method method, uint64_t seed) : method_(method), seed_(seed) {}

  Strategy* next(uint64_t index) override {
    const bool pct = method_ == Method::kPct || (method_ == Method::kMix && index % 2 == 1);
    if (pct)
      strategy_ = std::make_unique<Pct>(seed_ + index, Pct::kDefaultDepth, longest_);
    else
      strategy_ = std::make_unique<RandomWalk>(seed_ + index);
    return strategy_.get();
  }
  // Ignores runs that only the fair tail ended: their length is not typical.
  void ran(const RunReport& report) override {
    if (report.steps < kUsual) longest_ = std::max(longest_, static_cast<uint32_t>(report.steps));
  }

 private:
  static constexpr uint64_t kUsual = 10'000;
  Method method_;
  uint64_t seed_;
  uint32_t longest_ = 200;
  std::unique_ptr<Strategy> strategy_;
};

class Exhaustive final : public Source {
 public:
  explicit Exhaustive(std::optional<uint32_t> preemptions) : most_(preemptions) {
    start(preemptions ? 0 : ~0u);
  }

  Strategy* next(uint64_t index) override {
    if (index > 0 && !search_->next()) {
      completed_ = bound_ == ~0u ? "all interleavings" : "preemptions <= " + std::to_string(bound_);
      if (bound_ == ~0u || bound_ == *most_) return nullptr;
      start(bound_ + 1);
    }
    search_->begin();
    return search_.get();
  }
  std::string complete() const override { return completed_; }

 private:
  void start(uint32_t bound) {
    bound_ = bound;
    search_ = std::make_unique<DepthFirst>(bound == ~0u ? std::nullopt : std::optional(bound),
                                           DepthFirst::Reduce::kNo);
  }

  std::optional<uint32_t> most_;
  uint32_t bound_ = 0;
  std::string completed_;
  std::unique_ptr<DepthFirst> search_;
};

constexpr std::string_view kNames[] = {"random", "pct", "mix", "dfs"};

}  // namespace

std::unique_ptr<Source> make_source(Method method, uint64_t seed, std::optional<uint32_t> preemptions) {
  if (method == Method::kDfs) return std::make_unique<Exhaustive>(preemptions);
  return std::make_unique<Lottery>(method, seed);
}

std::optional<Method> find_method(std::string_view wanted) {
  for (size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == wanted) return static_cast<Method>(i);
  return std::nullopt;
}

std::string_view name(Method method) { return kNames[static_cast<size_t>(method)]; }

}  // namespace sweepscope::laboratory
