// trace: replays the allocations of a real program, recorded with `heaptrack --raw`.
//
// Each live block is an object held by one reference in a table, which a Global keeps alive. A free in the
// trace clears that reference; the collector frees the object later. Blocks contain no references: the file
// does not record which words were pointers. Each mutator replays the whole trace with its own table.
#include <cstring>
#include <mutex>

#include <fmt/format.h>

#include "workloads/heaptrack.h"
#include "workloads/workload.h"

namespace sweepscope::workloads {
namespace {

using engine::Array;
using engine::Global;
using engine::Mutator;
using engine::Ref;

using Table = Array<Ref<std::byte>>;  // one reference per slot of the trace
constexpr uint64_t kOperationsPerTick = 64;

enum class Verify : bool { kNo, kYes };

struct Replayed {
  uint64_t allocations = 0, deaths = 0, bytes = 0, verified = 0;
};

class TraceReplay final : public Program {
 public:
  TraceReplay(AllocationTrace trace, uint64_t repeat, Verify verify)
      : trace_(std::move(trace)), repeat_(repeat), verify_(verify) {}

  void run(Mutator& mutator, RunControl& control, uint32_t thread, uint32_t) override {
    Global<Table> table(control.engine());
    Replayed replayed;
    uint64_t rounds = 0;
    bool more = true;
    std::optional<std::string> complaint;
    while (more && !complaint) {
      table.set(mutator, engine::make_array<Ref<std::byte>>(mutator, trace_.slots));
      const Replayed before = replayed;
      complaint = replay(mutator, control, thread, table, rounds, replayed);
      if (!complaint && control.finished(mutator)) break;  // cut short: do not compare
      if (!complaint) complaint = compare_counts(before, replayed);
      ++rounds;
      more = rounds < repeat_ || control.another_round(mutator);
    }
    std::lock_guard lock(mutex_);
    total_.allocations += replayed.allocations;
    total_.deaths += replayed.deaths;
    total_.bytes += replayed.bytes;
    total_.verified += replayed.verified;
    rounds_ += rounds;
    if (!complaint_) complaint_ = complaint;
  }

  std::optional<std::string> self_check() const override { return complaint_; }
  std::vector<Figure> figures() const override {
    return {{"rounds", rounds_},
            {"trace_allocations", trace_.allocations},
            {"trace_frees", trace_.frees},
            {"trace_bytes", trace_.bytes},
            {"trace_peak_bytes", trace_.peak_bytes},
            {"trace_unknown_frees", trace_.unknown_frees},
            {"trace_unknown_records", trace_.unknown_records},
            {"trace_cut_records", trace_.cut_records},
            {"replayed_allocations", total_.allocations},
            {"replayed_deaths", total_.deaths},
            {"replayed_bytes", total_.bytes},
            {"blocks_verified", total_.verified}};
  }
  uint64_t heap_bytes_needed(uint32_t, uint32_t threads) const override {
    return (trace_.peak_bytes + trace_.slots * sizeof(Ref<std::byte>)) * threads;
  }

 private:
  std::optional<std::string> replay(Mutator& mutator, RunControl& control, uint32_t thread,
                                    Global<Table>& table, uint64_t round, Replayed& replayed) {
    std::vector<uint32_t> sizes(verify_ == Verify::kYes ? trace_.slots : 0);  // of the block in each slot
    const auto& operations = trace_.operations;
    for (size_t i = 0; i < operations.size(); ++i) {
      const auto [slot, size] = operations[i];
      Ref<std::byte>& block = table->at(mutator, slot);
      if (size == TraceOperation::kFree) {
        if (verify_ == Verify::kYes) {
          if (!intact(block.get(), sizes[slot], slot))
            return fmt::format("the block in slot {} was overwritten before it was freed (operation {})",
                               slot, i);
          ++replayed.verified;
        }
        block.set(mutator, nullptr);
        ++replayed.deaths;
      } else {
        std::byte* const bytes = engine::make_bytes(mutator, std::max<uint32_t>(size, 1));
        if (verify_ == Verify::kYes) {
          sign(bytes, size, slot);
          sizes[slot] = size;
        }
        block.set(mutator, bytes);
        ++replayed.allocations;
        replayed.bytes += size;
      }
      if (i % kOperationsPerTick != 0) continue;
      mutator.poll();
      control.gaps(thread).tick();
      if (i % (kOperationsPerTick * 64) != 0) continue;
      if (control.finished(mutator)) return std::nullopt;
      if (thread == 0) report(mutator, control, round, double(i) / double(operations.size()));
    }
    return std::nullopt;
  }

  // The signature of a block is derived from its slot and is in its first and its last bytes. It is never 0,
  // the content of fresh memory.
  static uint32_t signature(uint32_t slot) { return (slot + 1) * 2654435761u | 1; }
  static size_t signed_bytes(uint32_t size) { return std::min<size_t>(size, sizeof(uint32_t)); }
  static void sign(std::byte* block, uint32_t size, uint32_t slot) {
    const uint32_t mark = signature(slot);
    std::memcpy(block, &mark, signed_bytes(size));
    std::memcpy(block + size - signed_bytes(size), &mark, signed_bytes(size));
  }
  static bool intact(const std::byte* block, uint32_t size, uint32_t slot) {
    const uint32_t mark = signature(slot);
    const size_t n = signed_bytes(size);
    if (block == nullptr) return false;
    // sign() writes the last bytes last, so only they are compared if the two overlap.
    return std::memcmp(block + size - n, &mark, n) == 0 &&
           (size < 2 * n || std::memcmp(block, &mark, n) == 0);
  }

  std::optional<std::string> compare_counts(const Replayed& before, const Replayed& after) const {
    const uint64_t deaths = trace_.frees - trace_.unknown_frees + trace_.replaced;
    if (after.allocations - before.allocations == trace_.allocations &&
        after.deaths - before.deaths == deaths && after.bytes - before.bytes == trace_.bytes)
      return std::nullopt;
    return fmt::format("replayed {} allocations of {} bytes and {} deaths; the file has {}, {} and {}",
                       after.allocations - before.allocations, after.bytes - before.bytes,
                       after.deaths - before.deaths, trace_.allocations, trace_.bytes, deaths);
  }

  void report(Mutator& mutator, RunControl& control, uint64_t round, double part) const {
    if (control.limits().cycles > 0) return control.report_cycles(mutator);
    control.report_progress((double(round) + part) / double(repeat_));
  }

  const AllocationTrace trace_;
  const uint64_t repeat_;
  const Verify verify_;
  std::mutex mutex_;  // guards the members below until all mutators are joined
  Replayed total_;
  uint64_t rounds_ = 0;
  std::optional<std::string> complaint_;
};

class TraceWorkload final : public Workload {
 public:
  std::string_view name() const override { return "trace"; }
  std::string_view summary() const override {
    return "replays the allocations of a real program, recorded with `heaptrack --raw`";
  }
  // One thread replays the trace unless --threads asks for more.
  void adjust(Defaults& defaults) const override { defaults.threads = 1; }
  std::span<const Parameter> parameters() const override {
    static constexpr Parameter kParameters[] = {
        {"file", "", "a recording of `heaptrack --raw`, plain or compressed", std::nullopt},
        {"repeat", "1", "how many times the whole trace is replayed", Parameter::Range{1, 1'000'000'000}},
        {"verify", "1", "1: sign every block and check the signature when the block is freed",
         Parameter::Range{0, 1}},
    };
    return kParameters;
  }
  Expected<std::unique_ptr<Program>> create(const ParameterValues& values, uint64_t) const override {
    Expected<AllocationTrace> trace = read_heaptrack(values.text("file"));
    if (!trace) return wrong(trace.error());
    return std::make_unique<TraceReplay>(std::move(*trace), values.integer("repeat"),
                                         values.integer("verify") == 1 ? Verify::kYes : Verify::kNo);
  }
};

}  // namespace

const Workload& trace() {
  static const TraceWorkload workload;
  return workload;
}

}  // namespace sweepscope::workloads
