// Reads a text file line by line, plain or compressed (byte_source.h). The file is untrusted: lines and the
// decompressed size are bounded, and every failure is a one-line message. Used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workloads/byte_source.h"
#include "workloads/expected.h"

namespace sweepscope::workloads {

class LineSource {
 public:
  static constexpr size_t kMostLineBytes = 1 << 20;
  static constexpr uint64_t kMostBytes = 16ull << 30;  // decompressed

  static Expected<LineSource> open(const std::string& path);

  // The next line without its newline, valid until the next call; none at the end of the file.
  Expected<std::optional<std::string_view>> next();
  uint64_t line_number() const { return line_number_; }  // of the last returned line; 1 = first
  bool ended_by_newline() const { return newline_; }     // the last returned line

 private:
  explicit LineSource(ByteSource bytes) : bytes_(std::move(bytes)) {}
  Expected<bool> fill();  // reads more bytes into text_; false at the end

  ByteSource bytes_;
  std::string text_;  // decompressed; not yet returned from begin_ on
  size_t begin_ = 0;
  uint64_t line_number_ = 0, total_bytes_ = 0;
  bool ended_ = false, newline_ = false;
};

}  // namespace sweepscope::workloads
