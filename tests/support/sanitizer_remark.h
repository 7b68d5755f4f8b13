// What a sanitizer build prints on its own account.
#pragma once

#include <string>

namespace sweepscope::testing {

// Drops AddressSanitizer's remark on the fibers of the laboratory, which is not the program's own output.
inline void drop_sanitizer_remark(std::string& err) {
  const size_t at = err.find("WARNING: ASan doesn't fully support makecontext");
  if (at == std::string::npos) return;
  const size_t begin = err.rfind('\n', at) + 1;  // npos + 1 is 0: the first line
  err.erase(begin, err.find('\n', at) + 1 - begin);
}

}  // namespace sweepscope::testing
