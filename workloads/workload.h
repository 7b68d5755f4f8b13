// The interface of workloads. A Workload is the description (stateless, in the catalogue); a Program is one
// run of it, with the parameters bound.
//
// A new workload is one file in this folder and one line in catalogue.cc. Of the engine it includes only
// engine/engine.h.
//
// A seed fixes each mutator's operations, not their interleaving.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "workloads/expected.h"
#include "workloads/parameter.h"
#include "workloads/run_control.h"

namespace sweepscope::workloads {

// A counter of the program for the result ("trees", "allocations"...).
using Figure = std::pair<std::string, uint64_t>;

class Program {
 public:
  virtual ~Program() = default;

  // The work of one mutator, 0 <= thread < threads, on its own OS thread. Runs one round, or as many as
  // control.another_round() allows. Polls control.finished() every few milliseconds and returns soon after it
  // is true.
  virtual void run(engine::Mutator& mutator, RunControl& control, uint32_t thread, uint32_t threads) = 0;

  // Called after all mutators have returned. One line about a wrong result; none if all results are right.
  virtual std::optional<std::string> self_check() const = 0;
  virtual std::vector<Figure> figures() const { return {}; }

  // A lower bound of the heap size, so that a run that cannot fit is refused before it starts. 0: unknown.
  virtual uint64_t heap_bytes_needed(uint32_t procs, uint32_t threads) const { return 0; }
};

// The options of a run without flags.
struct Defaults {
  engine::EngineOptions engine;
  std::optional<uint32_t> threads;  // none: min(procs, 256)
  uint32_t most_threads = 4096;
  RunLimits limits;  // none: one round
};

class Workload {
 public:
  virtual ~Workload() = default;

  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;
  virtual std::span<const Parameter> parameters() const = 0;

  // Changes the defaults for this workload. The flags of the user are applied afterwards.
  virtual void adjust(Defaults& defaults) const {}

  // The parameters are complete and in range. Fails on errors that only the workload can detect (a file that
  // does not parse).
  virtual Expected<std::unique_ptr<Program>> create(const ParameterValues& values, uint64_t seed) const = 0;
};

}  // namespace sweepscope::workloads
