// One run: an engine, a workload on its mutators, its telemetry, and the results.
//
// The composition root: the only place that includes engine, workloads and telemetry. Called on the
// main thread; starts the mutators and waits for them.
#pragma once

#include "workloads/expected.h"
#include "workloads/runner/interrupts.h"
#include "workloads/runner/run_options.h"
#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

// Every default filled in and every bad value refused, with one line; nothing is started.
Expected<RunSetup> resolve(const RunOptions& options);

// Fails on bad input only; a self-check that fails is an outcome. Two things end the process instead, with
// exit code 1, after the recording is finished and the JSON written (last_words.h): a failed check of the
// engine, and mutators that do not stop when the run is interrupted.
Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, Interrupts& interrupts);
// The same for a workload that need not be in the catalogue.
Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, const Workload& workload,
                        Interrupts& interrupts);

}  // namespace sweepscope::workloads
