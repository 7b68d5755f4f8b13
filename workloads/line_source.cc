#include "workloads/line_source.h"

#include <fmt/format.h>

namespace sweepscope::workloads {

Expected<LineSource> LineSource::open(const std::string& path) {
  Expected<ByteSource> bytes = ByteSource::open(path);
  if (!bytes) return wrong(bytes.error());
  return LineSource(std::move(*bytes));
}

Expected<bool> LineSource::fill() {
  text_.erase(0, begin_);
  begin_ = 0;
  const size_t before = text_.size();
  const Expected<bool> more = bytes_.read(text_);
  if (!more) return wrong(more.error());
  total_bytes_ += text_.size() - before;
  if (total_bytes_ > kMostBytes) return wrong(fmt::format("more than {} GiB of text", kMostBytes >> 30));
  return *more;
}

Expected<std::optional<std::string_view>> LineSource::next() {
  size_t searched = begin_;
  for (;;) {
    const size_t newline = text_.find('\n', searched);
    if (newline != std::string::npos) {
      const std::string_view line(text_.data() + begin_, newline - begin_);
      begin_ = newline + 1;
      newline_ = true;
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
      newline_ = false;
      ++line_number_;
      return line;
    }
    const size_t seen = text_.size() - begin_;
    const Expected<bool> more = fill();
    if (!more) {
      ++line_number_;  // the failure is in the line after the last returned one
      return wrong(more.error());
    }
    ended_ = !*more;
    searched = seen;
  }
}

}  // namespace sweepscope::workloads
