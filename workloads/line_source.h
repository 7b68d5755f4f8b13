// Reads a text file line by line, zstd-compressed or plain (told apart by the first bytes). The file is untrusted:
// lines, the decompressed size and the decoder's window are bounded, and every failure is one clear sentence.
// Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/expected.h"

namespace sweepscope::workloads {

class LineSource {
 public:
  static constexpr size_t kMostLineBytes = 1 << 20;
  static constexpr uint64_t kMostBytes = 16ull << 30;  // decompressed

  static Expected<LineSource> open(const std::string& path);
  LineSource(LineSource&&) noexcept;
  ~LineSource();

  // The next line without its newline, good until the next call; none at the end of the file.
  Expected<std::optional<std::string_view>> next();
  uint64_t line_number() const { return line_number_; }  // of the line last returned; 1 = first

 private:
  struct File;
  explicit LineSource(std::unique_ptr<File> file);
  Expected<bool> fill();  // more bytes into text_; false: the end

  std::unique_ptr<File> file_;
  std::string text_;   // decompressed and not yet returned, from begin_ on
  size_t begin_ = 0;
  uint64_t line_number_ = 0, total_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace sweepscope::workloads
