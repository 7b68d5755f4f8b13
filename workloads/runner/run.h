// One run: an engine, a workload on its mutators, the telemetry, and the result.
//
// The composition root: the only place that uses the engine, the workloads and the telemetry together. Called
// on the main thread; starts the mutators and waits for them.
#pragma once

#include "workloads/expected.h"
#include "workloads/runner/interrupts.h"
#include "workloads/runner/run_options.h"
#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

// Fills in every default and refuses bad values with a one-line message; starts nothing.
Expected<RunSetup> resolve(const RunOptions& options);

// Fails on bad input only; a failed self-check is an outcome. A failed check of the engine, and mutators that
// do not stop after an interrupt or the time limit, end the process with exit code 1 after the recording is
// finished and the JSON written (partial_result.h).
Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, Interrupts& interrupts);
// The same for a workload outside the catalogue.
Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, const Workload& workload,
                        Interrupts& interrupts);

}  // namespace sweepscope::workloads
