// The end of every run: invariants that need the whole engine, checked in a stopped world.
//
// Called on the run's main fiber after the scenario's program; joins its mutators. Checks twice, the heap as
// the program left it and after a closing cycle, so that a span that was never swept is detected.
//
//   I9               heap_live = marked at the last termination + allocated since + promised to mcaches;
//                    the oracle counts the allocations independently of the engine
//
//   I1 I6 I7 I8 I10 I11 I12 I15   by the engine's heap verifier (gc/verifier.h)
//
//   I11              after the closing cycle, under lazy-seed too (D2)
//
//   accounting       mallocs - frees = live, and both as the oracle counted them
//
//   I13              the closing cycle returned, so every span is swept
#pragma once

#include "engine/engine.h"
#include "engine/laboratory/oracle/oracle.h"

namespace sweepscope::laboratory {

void close_run(engine::Engine& engine, Oracle& oracle);

}  // namespace sweepscope::laboratory
