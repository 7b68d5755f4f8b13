// Reads a small text file that is not trusted: a schedule or a lesson.
#pragma once

#include <cstddef>
#include <string>

namespace sweepscope::workloads {

struct TextFile {
  std::string text;   // at most one byte more than asked for, so that its parser can name the limit
  std::string error;  // one line; empty: fine
};
// Regular files only: a FIFO or a device could keep the reader waiting, deaf to Ctrl-C.
TextFile read_text_file(const std::string& path, size_t most_bytes);

}  // namespace sweepscope::workloads
