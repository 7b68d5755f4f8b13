// The static parts of an exported page, embedded by CMake from the folder page/.
#pragma once

#include <span>
#include <string_view>

namespace sweepscope::workloads {

struct PageFile {
  std::string_view name;  // "board.js"
  std::string_view text;
  std::string_view sha256;  // of the text, in hexadecimal
};
// In the order in which the page has them; of the generated source.
std::span<const PageFile> page_files();

}  // namespace sweepscope::workloads
