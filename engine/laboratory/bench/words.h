// The words of a bench session: accesses, the arcs that they make, and places in the sources. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/laboratory/bench/node_view.h"

namespace sweepscope::laboratory {

// "span 41 sweepgen", "P2 flush_gen", "sg", "mcentral.lock of class 90".
std::string word_name(engine::Word word, uint32_t object);

// "CAS span 41 sweepgen 12 -> 13", "read P1 flush_gen, now 12", "take mheap.lock". now: what the word holds, if known.
std::string access_words(const engine::Access& access, std::optional<uint64_t> now);

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
// sg: before the access.
ArcWords arc_words(const AccessRow& row, uint32_t sg);

const char* list_name(observe::ListMembership list);

// The path from the root of the sources.
std::string_view source_file(const engine::Step& step);

}  // namespace sweepscope::laboratory
