// Reads the bytes of a regular file: plain, zstd or gzip, detected by its first bytes, not by its name.
//
// The file is untrusted: the decoders' windows are bounded, and every failure is a one-line message.
// Concatenated zstd frames or gzip members are one text. Used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "workloads/expected.h"

namespace sweepscope::workloads {

class ByteSource {
 public:
  static Expected<ByteSource> open(const std::string& path);
  ByteSource(ByteSource&&) noexcept;
  ~ByteSource();

  // Appends more decompressed bytes to `text`. False at the end of the file.
  Expected<bool> read(std::string& text);

 private:
  struct File;
  explicit ByteSource(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace sweepscope::workloads
