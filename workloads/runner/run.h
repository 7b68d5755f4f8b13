// One run: an engine, a workload on its mutators, telemetry beside them, and what came out.
//
// The composition root: the only place that knows the engine, the workloads and the telemetry. Called on the main
// thread; starts the mutators and waits for them.
#pragma once

#include "workloads/expected.h"
#include "workloads/runner/interrupts.h"
#include "workloads/runner/run_options.h"
#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

// Every default filled in and every bad value refused, with one line; nothing is started.
Expected<RunSetup> resolve(const RunOptions& options);

// Fails on bad input only; a check or self-check that fails is an outcome. A failed engine check ends the process.
Expected<RunResult> run(const RunOptions& options, const RunSetup& setup, Interrupts& interrupts);

}  // namespace sweepscope::workloads
