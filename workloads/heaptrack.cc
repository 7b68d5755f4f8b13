#include "workloads/heaptrack.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "workloads/line_source.h"

namespace sweepscope::workloads {
namespace {

constexpr uint64_t kFormat = 3;
constexpr uint64_t kMostAllocation = TraceOperation::kFree - 1;
// Bytes of the lines from `X` to `I`. heaptrack writes at most 4 KiB of /proc/self/cmdline.
constexpr size_t kMostCommandLine = 1 << 16;
constexpr char kInterpreted[] =
    "an interpreted heaptrack file cannot be replayed: its frees name a kind of block, not the block; record "
    "the program with `heaptrack --raw`";

// The hexadecimal numbers of a line, after its record letter.
class Numbers {
 public:
  explicit Numbers(std::string_view line) : rest_(line.substr(1)) {}
  bool next(uint64_t& number) {
    if (rest_.empty() || rest_[0] != ' ') return false;
    const char* first = rest_.data() + 1;
    const char* last = rest_.data() + rest_.size();
    const auto [end, error] = std::from_chars(first, last, number, 16);
    if (error != std::errc()) return false;
    rest_ = std::string_view(end, size_t(last - end));
    return true;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

class Reader {
 public:
  Expected<> line(std::string_view line) {
    if (in_command_line_) return command_line(line);
    if (line.empty()) return {};
    if (!versioned_) return version(line);
    switch (line[0]) {
      case '+': return allocation(line);
      case '-': return death(line);
      case 'X':
        in_command_line_ = true;
        command_line_bytes_ = line.size();
        return {};
      case 'x':  // executable
      case 'I':  // page size and number of pages
      case 'm':  // module
      case 't':  // backtrace node
      case 'c':  // milliseconds
      case 'R':  // resident size
      case 'S':  // suppression
      case 'A':  // attached to a running program
      case '#':  // comment
        return {};
      case 's':
      case 'a':
      case 'i': return wrong(kInterpreted);
      default: return unknown(line);
    }
  }

  // The last line of the file, without a newline.
  Expected<> unfinished(std::string_view line) {
    if (!versioned_) return this->line(line);
    ++trace_.cut_records;
    return {};
  }

  Expected<AllocationTrace> finish() && {
    if (!versioned_) return wrong("no heaptrack version line: is this a `heaptrack --raw` file?");
    if (in_command_line_) return wrong("the trace is cut off in its command line: no `I` record follows `X`");
    trace_.operations.shrink_to_fit();
    return std::move(trace_);
  }

 private:
  struct Block {
    uint32_t slot, size;
  };

  static std::string printable(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes)
      text += byte >= ' ' && byte <= '~' ? std::string(1, byte) : fmt::format("\\x{:02x}", uint8_t(byte));
    return text;
  }

  Expected<> version(std::string_view line) {
    uint64_t program = 0, format = 0;
    Numbers numbers(line);
    if (line[0] != 'v' || !numbers.next(program) || !numbers.next(format) || !numbers.at_end())
      return wrong("no heaptrack version line: is this a `heaptrack --raw` file?");
    if (format != kFormat)
      return wrong(fmt::format("heaptrack file format {} is not supported, only {} is", format, kFormat));
    versioned_ = true;
    return {};
  }

  // heaptrack does not escape newlines in arguments, so the command line ends where the next record, `I`,
  // begins. Lines that look like other records may be part of an argument.
  Expected<> command_line(std::string_view line) {
    uint64_t page_size = 0, pages = 0;
    Numbers numbers(line.empty() ? std::string_view(" ") : line);
    if (line.starts_with('I') && numbers.next(page_size) && numbers.next(pages) && numbers.at_end()) {
      in_command_line_ = false;
      return {};
    }
    command_line_bytes_ += line.size() + 1;
    if (command_line_bytes_ <= kMostCommandLine) return {};
    return wrong(fmt::format("the command line does not end: no `I` record within {} KiB of `X`",
                             kMostCommandLine >> 10));
  }

  // A record of a later heaptrack. Only allocations and frees are replayed, so it is skipped, and counted for
  // the result.
  Expected<> unknown(std::string_view line) {
    const bool letter = line[0] > ' ' && line[0] <= '~';
    if (!letter || (line.size() > 1 && line[1] != ' '))
      return wrong(fmt::format("damaged: no record begins with '{}'", printable(line.substr(0, 2))));
    ++trace_.unknown_records;
    return {};
  }

  Expected<> allocation(std::string_view line) {
    uint64_t size = 0, backtrace = 0, address = 0;
    Numbers numbers(line);
    if (!numbers.next(size)) return wrong("expected `+ size trace address` in hexadecimal");
    if (numbers.at_end()) return wrong(kInterpreted);
    if (!numbers.next(backtrace) || !numbers.next(address) || !numbers.at_end())
      return wrong("expected `+ size trace address` in hexadecimal");
    if (size > kMostAllocation)
      return wrong(fmt::format("an allocation of {} bytes: 4 GiB is the limit", size));
    if (const auto old = blocks_.find(address); old != blocks_.end()) {
      ++trace_.replaced;
      kill(old);
    }
    uint32_t slot = trace_.slots;
    if (free_slots_.empty()) {
      ++trace_.slots;
    } else {
      slot = free_slots_.back();
      free_slots_.pop_back();
    }
    blocks_.emplace(address, Block{slot, uint32_t(size)});
    trace_.operations.push_back({slot, uint32_t(size)});
    ++trace_.allocations;
    trace_.bytes += size;
    live_bytes_ += size;
    trace_.peak_bytes = std::max(trace_.peak_bytes, live_bytes_);
    return bounded();
  }

  Expected<> death(std::string_view line) {
    uint64_t address = 0;
    Numbers numbers(line);
    if (!numbers.next(address) || !numbers.at_end()) return wrong("expected `- address` in hexadecimal");
    ++trace_.frees;
    const auto block = blocks_.find(address);
    if (block == blocks_.end())
      ++trace_.unknown_frees;
    else
      kill(block);
    return bounded();
  }

  void kill(std::unordered_map<uint64_t, Block>::iterator block) {
    trace_.operations.push_back({block->second.slot, TraceOperation::kFree});
    free_slots_.push_back(block->second.slot);
    live_bytes_ -= block->second.size;
    blocks_.erase(block);
  }

  Expected<> bounded() const {
    if (trace_.operations.size() <= kMostTraceOperations) return {};
    return wrong(fmt::format("more than {} operations", kMostTraceOperations));
  }

  AllocationTrace trace_;
  bool versioned_ = false, in_command_line_ = false;
  size_t command_line_bytes_ = 0;
  uint64_t live_bytes_ = 0;
  std::unordered_map<uint64_t, Block> blocks_;  // by address
  std::vector<uint32_t> free_slots_;
};

}  // namespace

Expected<AllocationTrace> read_heaptrack(const std::string& path) {
  Expected<LineSource> source = LineSource::open(path);
  if (!source) return wrong(fmt::format("{}: {}", path, source.error()));
  const auto located = [&](const std::string& sentence) {
    return wrong(fmt::format("{}: line {}: {}", path, source->line_number(), sentence));
  };
  Reader reader;
  for (;;) {
    const auto line = source->next();
    if (!line) return located(line.error());
    if (!*line) break;
    const Expected<> read = source->ended_by_newline() ? reader.line(**line) : reader.unfinished(**line);
    if (!read) return located(read.error());
  }
  Expected<AllocationTrace> trace = std::move(reader).finish();
  if (!trace) return located(trace.error());
  return trace;
}

}  // namespace sweepscope::workloads
