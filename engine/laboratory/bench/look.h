// The view of a run by hand between two decisions: its threads in words, the board, the rules, the verdict.
#pragma once

#include "engine/laboratory/bench/hand_run.h"
#include "engine/laboratory/bench/value_words.h"

namespace sweepscope::laboratory {

// StopReason::kBetween: the fiber has read a word of the protocol, is about to write it, and another thread can write it
// now: a span that needs sweeping is claimed by any thread that can run; of other words, a thread whose next access is
// to it.
bool stands_between(HandRun& run, uint32_t fiber);

// Why the fiber cannot continue, in words.
std::string why_blocked(HandRun& run, uint32_t fiber);

// "P2" if it owns that P, else the thread's name.
std::string subject(HandRun& run, uint32_t fiber);

// Of the choice that a thread must make now.
std::vector<std::string> alternatives_of(HandRun& run);

// What the words of this access depend on, now; without the spans of a sweep queue.
WordContext context_of(HandRun& run, const engine::Access& access);
// The spans that an access to a sweep queue takes or puts, which changes its size from before to after. Of a span that is put
// only after the access.
std::vector<uint32_t> queued_spans(HandRun& run, const engine::Access& access, Value before, Value after);

// All of NodeView but node and rows. before: the board of an earlier node, kept if the engine has ended.
NodeView look(HandRun& run, const BoardState& before);

}  // namespace sweepscope::laboratory
