#include "engine/base/fault.h"

#include <array>

#ifdef SWEEPSCOPE_LABORATORY
#include "engine/base/driver.h"
#endif

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

struct Entry {
  std::string_view name, text;
};
constexpr std::array kEntries{
#define X(id, name, text) Entry{name, text},
    SWEEPSCOPE_FAULTS(X)
#undef X
};
static_assert(kEntries.size() == static_cast<size_t>(Fault::kCount));

}  // namespace

std::string_view name(Fault fault) { return kEntries[static_cast<size_t>(fault)].name; }
std::string_view describe(Fault fault) { return kEntries[static_cast<size_t>(fault)].text; }

std::optional<Fault> find_fault(std::string_view name) {
  for (size_t i = 0; i < kEntries.size(); ++i)
    if (kEntries[i].name == name) return static_cast<Fault>(i);
  return std::nullopt;
}

#ifdef SWEEPSCOPE_LABORATORY
bool fault(Fault fault) { return driver() != nullptr && driver()->fault(fault); }
#endif

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
