// The words of a bench session: accesses, the arcs that they make, waits, and places in the sources. Pure functions; what the
// words of the engine hold is in value_words.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/laboratory/bench/node_view.h"
#include "engine/laboratory/bench/value_words.h"

namespace sweepscope::laboratory {

// "mheap.lock", "mcentral.lock of class 90".
std::string lock_name(engine::Word word, uint32_t object);

// An access that a thread is about to make, in words that follow its name: "claims span 41 ...", "takes mheap.lock", "reads
// the status of P1: idle". now: what the word holds, if known.
std::string access_words(const engine::Access& access, Value now, const WordContext& context);
// The same of an access that was made.
std::string row_words(const AccessRow& row, const WordContext& context);
// Why a thread waits: "waits until span 41 is swept".
std::string wait_words(const engine::Access& access, const WordContext& context);

// Whether an arc step ends with an access that writes it: sg, sweepgen, span state, flushGen, queue, completion. Lists
// have no word of their own.
bool is_protocol_word(engine::Word word);
bool writes(engine::Op op);  // a CAS that lost does not

// The span that the word belongs to; nothing: another word.
std::optional<uint32_t> span_of(engine::Word word, uint32_t object);

// What a write of a protocol word is: the arc's letter ("T6"; empty: none) and a sentence ("claims span 41 to sweep it").
struct ArcWords {
  std::string arc, sentence;
};
// context: before the access.
ArcWords arc_words(const AccessRow& row, const WordContext& context);

const char* list_name(observe::ListMembership list);

// The path from the root of the sources.
std::string_view source_file(const engine::Step& step);

}  // namespace sweepscope::laboratory
