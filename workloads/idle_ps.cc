// idle_ps: the case for which lazy flushing was designed. Measures the mark-termination pause of a forced
// collection while every P is idle and every mcache holds a span of every span class.
//
// One mutator visits each P in turn and allocates one object of each of the 66 size classes, once with and
// once without references, and drops them: only the mcaches hold the spans. GOGC is off, so that filling the
// mcaches triggers no cycle (a full mcache counts 2.61 MiB in heap_live). Huge pages are off, so that memory
// is committed page by page as in Go's measurements. Repeats for --cycles collections.
#include <fmt/format.h>

#include "workloads/workload.h"

namespace sweepscope::workloads {
namespace {

using engine::Mutator;

class IdlePs final : public Program {
 public:
  void run(Mutator& mutator, RunControl& control, uint32_t, uint32_t) override {
    do {
      for (uint32_t p = 0; p < mutator.procs() && !control.finished(mutator); ++p) {
        mutator.move_to_p(p);
        fill_mcache(mutator);
      }
      if (control.finished(mutator)) return;  // some mcaches are empty: do not measure a pause
      if (rounds_ == 0) count_cached_spans(mutator, control);
      mutator.collect();
      ++rounds_;
      control.report_cycles(mutator);
    } while (control.another_round(mutator));
  }

  std::optional<std::string> self_check() const override {
    if (rounds_ == 0) return std::nullopt;
    if (filled_.caching_ps != filled_.procs)
      return fmt::format("only {} of {} Ps held spans when the collection began", filled_.caching_ps,
                         filled_.procs);
    if (filled_.min_cached_per_p != span_classes_ || filled_.max_cached_per_p != span_classes_)
      return fmt::format("the Ps held {} to {} spans instead of {} when the collection began",
                         filled_.min_cached_per_p, filled_.max_cached_per_p, span_classes_);
    return std::nullopt;
  }
  std::vector<Figure> figures() const override {
    return {{"rounds", rounds_},
            {"span_classes", filled_.max_cached_per_p},
            {"cached_spans", filled_.cached_spans}};
  }
  uint64_t heap_bytes_needed(uint32_t procs, uint32_t) const override {
    return procs * engine::full_mcache_bytes();
  }

 private:
  void fill_mcache(Mutator& mutator) const {
    for (const uint32_t bytes : sizes_) {
      engine::allocate(mutator, bytes, bytes / 8);
      engine::allocate(mutator, bytes, 0);
    }
  }

  // Only in the first round, as stats() stops the world. It flushes nothing.
  void count_cached_spans(Mutator& mutator, RunControl& control) {
    filled_ = mutator.blocking([&] { return control.engine().stats(); });
  }

  const std::vector<uint32_t> sizes_ = engine::small_sizes();  // bytes
  const uint64_t span_classes_ = 2 * sizes_.size();
  uint64_t rounds_ = 0;
  engine::EngineStats filled_;
};

class IdlePsWorkload final : public Workload {
 public:
  std::string_view name() const override { return "idle_ps"; }
  std::string_view summary() const override {
    return "fills every P's mcache with all 132 span classes, leaves the Ps idle and forces collections";
  }
  std::span<const Parameter> parameters() const override { return {}; }
  void adjust(Defaults& defaults) const override {
    defaults.engine.gogc = engine::kGcOff;
    defaults.engine.huge_pages = false;
    defaults.engine.tiny_blocks = false;  // else no object has span class 3 (8 bytes without references)
    defaults.threads = 1;
    defaults.most_threads = 1;
    defaults.limits.cycles = 20;
  }
  Expected<std::unique_ptr<Program>> create(const ParameterValues&, uint64_t) const override {
    return std::make_unique<IdlePs>();
  }
};

}  // namespace

const Workload& idle_ps() {
  static const IdlePsWorkload workload;
  return workload;
}

}  // namespace sweepscope::workloads
