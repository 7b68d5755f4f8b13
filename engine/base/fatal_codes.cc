#include "engine/base/fatal_codes.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

struct Entry {
  const char* words;
  const char* meaning;
};
constexpr Entry kEntries[] = {
#define X(id, words, meaning) {words, meaning},
    SWEEPSCOPE_FATAL_CODES(X)
#undef X
};

}  // namespace

const char* words(FatalCode code) { return kEntries[static_cast<size_t>(code)].words; }
const char* meaning(FatalCode code) { return kEntries[static_cast<size_t>(code)].meaning; }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
