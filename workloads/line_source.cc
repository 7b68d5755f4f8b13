#include "workloads/line_source.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sweepscope::workloads {

struct LineSource::File {
  std::FILE* handle = nullptr;
  ZSTD_DStream* zstd = nullptr;  // null: plain text
  std::vector<char> raw = std::vector<char>(ZSTD_DStreamInSize());
  ZSTD_inBuffer in{raw.data(), 0, 0};
  bool inside_frame = false;

  ~File() {
    if (handle) std::fclose(handle);
    ZSTD_freeDStream(zstd);
  }
  Expected<size_t> read() {
    const size_t got = std::fread(raw.data(), 1, raw.size(), handle);
    if (got == 0 && std::ferror(handle)) return wrong(fmt::format("cannot be read: {}", std::strerror(errno)));
    in = {raw.data(), got, 0};
    return got;
  }
};

LineSource::LineSource(std::unique_ptr<File> file) : file_(std::move(file)) {}
LineSource::LineSource(LineSource&&) noexcept = default;
LineSource::~LineSource() = default;

Expected<LineSource> LineSource::open(const std::string& path) {
  auto file = std::make_unique<File>();
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return wrong(fmt::format("cannot be opened: {}", std::strerror(errno)));
  if (!S_ISREG(status.st_mode)) return wrong("is not a regular file");
  file->handle = std::fopen(path.c_str(), "rb");
  if (!file->handle) return wrong(fmt::format("cannot be opened: {}", std::strerror(errno)));
  const Expected<size_t> got = file->read();
  if (!got) return wrong(got.error());
  if (*got >= 4 && std::memcmp(file->raw.data(), "\x28\xB5\x2F\xFD", 4) == 0) file->zstd = ZSTD_createDStream();
  return LineSource(std::move(file));
}

Expected<bool> LineSource::fill() {
  text_.erase(0, begin_);
  begin_ = 0;
  File& file = *file_;
  for (;;) {
    if (file.in.pos == file.in.size) {
      const Expected<size_t> got = file.read();
      if (!got) return wrong(got.error());
      if (*got == 0) {
        if (file.inside_frame) return wrong("the file is cut off in the middle of a zstd frame");
        return false;
      }
    }
    const size_t before = text_.size();
    if (file.zstd == nullptr) {
      text_.append(file.raw.data() + file.in.pos, file.in.size - file.in.pos);
      file.in.pos = file.in.size;
    } else {
      text_.resize(before + ZSTD_DStreamOutSize());
      ZSTD_outBuffer out{text_.data() + before, text_.size() - before, 0};
      const size_t left = ZSTD_decompressStream(file.zstd, &out, &file.in);
      text_.resize(before + out.pos);
      if (ZSTD_isError(left)) return wrong(fmt::format("damaged zstd data: {}", ZSTD_getErrorName(left)));
      file.inside_frame = left != 0;
    }
    total_bytes_ += text_.size() - before;
    if (total_bytes_ > kMostBytes) return wrong(fmt::format("more than {} GiB of text", kMostBytes >> 30));
    if (text_.size() > before) return true;
  }
}

Expected<std::optional<std::string_view>> LineSource::next() {
  size_t searched = begin_;
  for (;;) {
    const size_t newline = text_.find('\n', searched);
    if (newline != std::string::npos) {
      const std::string_view line(text_.data() + begin_, newline - begin_);
      begin_ = newline + 1;
      ++line_number_;
      return line;
    }
    if (text_.size() - begin_ > kMostLineBytes) {
      ++line_number_;
      return wrong(fmt::format("a line is longer than {} bytes", kMostLineBytes));
    }
    if (ended_) {
      if (begin_ == text_.size()) return std::nullopt;
      const std::string_view line(text_.data() + begin_, text_.size() - begin_);
      begin_ = text_.size();
      ++line_number_;
      return line;
    }
    const size_t seen = text_.size() - begin_;
    const Expected<bool> more = fill();
    if (!more) {
      ++line_number_;  // the failure lies in the line after the last good one
      return wrong(more.error());
    }
    ended_ = !*more;
    searched = seen;
  }
}

}  // namespace sweepscope::workloads
