// What the words of the engine hold, in the terms of the field: "P1: idle -> running", "spans in the unswept queue: 2". Pure.
//
// A value that has a name is never written as a number: states, statuses, phases, flags, packed words. Numbers are counts,
// bytes in units, and distances to sg. Each Word of engine/base/step.h has its words here; a test goes through all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/driver.h"
#include "engine/base/step.h"

namespace sweepscope::laboratory {

// What of the engine the words depend on, at the moment of the access.
struct WordContext {
  uint32_t sg = 0;
  uint32_t swept_queue = 0;     // the number of the sweep queue that swept spans enter
  bool in_use = true;           // the span of the word: of a free one the distance has no meaning
  std::vector<uint32_t> spans;  // that the access takes from a sweep queue or puts into it; empty: not known
  std::string thread;           // the name of the thread that the word belongs to; empty: not known
};

using Value = std::optional<uint64_t>;  // nothing: not known

// The word and its value: "sweepgen of span 41: needs sweep (-2)". Empty: the value means nothing to a reader.
std::string says(engine::Word word, uint32_t object, uint64_t value, const WordContext& context);

// "reads the status of P1: idle", "reads whether spans are left to sweep: no".
std::string read_words(const engine::Access& access, Value value, const WordContext& context);
// "counts itself as a sweeper; 2 threads sweep", "sets P1: idle -> running". before, after: of the access; after of an access that was not made yet is
// what its step announces.
std::string write_words(const engine::Access& access, Value before, Value after, const WordContext& context);
// "loses the CAS on the status of P1: running".
std::string lost_words(const engine::Access& access, Value value, const WordContext& context);

// The value that a read-modify-write will leave, as the name of its step announces it.
Value announced(const engine::Access& access, Value now);

std::string count_words(uint64_t number, const std::string& noun);  // "1 span", "2 spans"
std::string byte_words(uint64_t bytes);                             // "12 bytes", "1.5 KiB"

}  // namespace sweepscope::laboratory
