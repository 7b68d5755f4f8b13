// What several random programs share: an engine, finalizers, a graph under a mutex, and how far they are.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "tests/engine/support/shadow_finalizers.h"
#include "tests/engine/support/shadow_graph.h"

namespace sweepscope::engine {

// The graph that all programs change. Its roots belong to a Global, and it is published from one thread to the next
// by a mutex that a program takes in a blocking region.
class ShadowShared {
 public:
  static constexpr uint32_t kRoots = 16;

  explicit ShadowShared(Engine& engine) : table_(engine) {
    engine.runtime().on_p([this](Mutator& m) {
      table_.set(m, make_refs<std::byte>(m, kRoots));
      graph_.emplace(table_.get(), kRoots, uint64_t{1} << 60);
    });
  }
  // `use(ShadowGraph&)` has the graph to itself. Raw pointers of the caller die.
  template <class F>
  void with(Mutator& m, F use) {
    m.blocking([this] { mutex_.lock(); });
    const std::lock_guard guard(mutex_, std::adopt_lock);
    use(*graph_);
  }

 private:
  std::mutex mutex_;
  Global<Ref<std::byte>> table_;
  std::optional<ShadowGraph> graph_;
};

class ShadowWorld {
 public:
  // milestone: operations, of all programs together, between two changes from outside.
  ShadowWorld(Engine& of, uint32_t programs, uint64_t milestone)
      : engine(of), shared(of), running_(programs), milestone_(milestone) {}

  // By a program, now and then.
  void done(uint64_t operations) {
    // relaxed: a sum; the programs are joined before it is read for good.
    const uint64_t before = operations_.fetch_add(operations, std::memory_order_relaxed);
    if (before / milestone_ != (before + operations) / milestone_) signal();
  }
  void ended() {
    running_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: signal() publishes it
    signal();
  }
  // From outside: returns at the next milestone, false: all programs have ended.
  bool next_milestone() {
    signals_.wait(seen_, std::memory_order_acquire);  // acquire: pairs with signal()
    seen_ = signals_.load(std::memory_order_acquire);
    return running_.load(std::memory_order_relaxed) > 0;
  }

  Engine& engine;
  ShadowShared shared;
  ShadowFinalizers finalizers;

 private:
  void signal() {
    signals_.fetch_add(1, std::memory_order_release);
    signals_.notify_all();
  }

  std::atomic<uint64_t> operations_{0};
  std::atomic<uint32_t> running_, signals_{0};
  uint32_t seen_ = 0;
  const uint64_t milestone_;
};

}  // namespace sweepscope::engine
