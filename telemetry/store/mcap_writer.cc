#include "telemetry/store/mcap_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>

namespace sweepscope::telemetry {

using mcap::Opcode;
using mcap::Out;

McapWriter::~McapWriter() {
  if (fd_ >= 0) ::close(fd_);
}

namespace {

// A reader of an existing file has it mapped: truncating the file would crash that program.
void unlink_existing(const std::string& path) {
  struct stat there;
  const bool ours =
      ::lstat(path.c_str(), &there) == 0 && S_ISREG(there.st_mode) && ::access(path.c_str(), W_OK) == 0;
  if (ours) ::unlink(path.c_str());  // if this fails, open() below truncates the file all the same
}

}  // namespace

Result<> McapWriter::open(const std::string& path) {
  path_ = path;
  unlink_existing(path);
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    error_ = Error{file_error("write", path, std::strerror(errno))};
    return tl::unexpected(*error_);
  }
  return {};
}

Result<> McapWriter::write(std::string_view bytes) {
  if (error_) return tl::unexpected(*error_);
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      error_ = Error{fmt::format("Writing {} failed after {} bytes: {}. The recording up to there is kept.",
                                 path_, offset_, std::strerror(errno))};
      [[maybe_unused]] const int cut =
          ::ftruncate(fd_, static_cast<off_t>(offset_));  // readers skip a torn end, too
      return tl::unexpected(*error_);
    }
    left.remove_prefix(static_cast<size_t>(written));
  }
  offset_ += bytes.size();
  crc_ = mcap::crc(bytes, crc_);
  return {};
}

uint16_t McapWriter::add_channel(std::string_view topic, std::string_view type,
                                 std::string_view descriptors) {
  descriptors_ = descriptors;
  channels_.push_back({std::string(topic), std::string(type)});
  return static_cast<uint16_t>(channels_.size());
}

void McapWriter::put_schemas(Out& out) const {
  for (size_t i = 0; i < channels_.size(); ++i) {
    const size_t begun = out.begin(Opcode::kSchema);
    out.put(static_cast<uint16_t>(i + 1)).text(channels_[i].type).text("protobuf").text(descriptors_);
    out.end(begun);
  }
}

void McapWriter::put_channels(Out& out) const {
  for (size_t i = 0; i < channels_.size(); ++i) {
    const auto id = static_cast<uint16_t>(i + 1);
    const size_t begun = out.begin(Opcode::kChannel);
    out.put(id).put(id).text(channels_[i].topic).text("protobuf").put(uint32_t{0});
    out.end(begun);
  }
}

Result<> McapWriter::message(uint16_t channel, uint64_t log_time, std::string_view data) {
  if (error_) return tl::unexpected(*error_);
  if (chunk_.size() == 0) {
    chunk_first_time_ = log_time;
    chunk_last_time_ = log_time;
  }
  chunk_first_time_ = std::min(chunk_first_time_, log_time);
  chunk_last_time_ = std::max(chunk_last_time_, log_time);
  chunk_index_[channel].emplace_back(log_time, chunk_.size());
  const size_t begun = chunk_.begin(Opcode::kMessage);
  chunk_.put(channel)
      .put(static_cast<uint32_t>(channels_[channel - 1].messages++))
      .put(log_time)
      .put(log_time)
      .raw(data);
  chunk_.end(begun);
  ++chunk_messages_;
  return {};
}

Result<> McapWriter::close_chunk() {
  if (error_) return tl::unexpected(*error_);
  Out out;
  if (!preamble_written_) {
    out.raw(mcap::kMagic);
    const size_t begun = out.begin(Opcode::kHeader);
    out.text("").text("sweepscope");
    out.end(begun);
    put_schemas(out);
    put_channels(out);
    preamble_written_ = true;
  }
  if (chunk_.size() == 0) return out.size() == 0 ? Result<>{} : write(out.bytes());

  std::string packed(ZSTD_compressBound(chunk_.size()), '\0');
  const size_t size = ZSTD_compress(packed.data(), packed.size(), chunk_.bytes().data(), chunk_.size(), 1);
  if (ZSTD_isError(size)) {
    error_ = Error{fmt::format("Compressing a chunk of {} failed: {}.", path_, ZSTD_getErrorName(size))};
    return tl::unexpected(*error_);
  }
  packed.resize(size);

  ChunkIndex index{
      chunk_first_time_, chunk_last_time_, offset_ + out.size(), 0, 0, packed.size(), chunk_.size(), {}};
  const size_t before = out.size();
  const size_t begun = out.begin(Opcode::kChunk);
  out.put(chunk_first_time_)
      .put(chunk_last_time_)
      .put(uint64_t{chunk_.size()})
      .put(mcap::crc(chunk_.bytes()))
      .text("zstd");
  out.put(uint64_t{packed.size()}).raw(packed);
  out.end(begun);
  index.length = out.size() - before;
  const size_t before_indexes = out.size();
  for (const auto& [channel, entries] : chunk_index_) {
    index.index_offsets[channel] = offset_ + out.size();
    const size_t entry = out.begin(Opcode::kMessageIndex);
    out.put(channel).put(static_cast<uint32_t>(entries.size() * 16));
    for (const auto& [time, at] : entries) out.put(time).put(at);
    out.end(entry);
  }
  index.index_length = out.size() - before_indexes;
  if (auto written = write(out.bytes()); !written) return written;
  first_time_ = std::min(first_time_, chunk_first_time_);
  last_time_ = std::max(last_time_, chunk_last_time_);
  chunks_.push_back(std::move(index));
  chunk_.clear();
  chunk_messages_ = 0;
  chunk_index_.clear();
  return {};
}

Result<> McapWriter::finish() {
  if (auto closed = close_chunk(); !closed) return closed;
  Out out;
  size_t begun = out.begin(Opcode::kDataEnd);
  out.put(crc_);
  out.end(begun);

  const size_t summary = out.size();
  struct Group {
    Opcode opcode;
    size_t start, length;
  };
  std::vector<Group> groups;
  const auto group = [&](Opcode opcode, auto fill) {
    const size_t start = out.size();
    fill();
    if (out.size() > start) groups.push_back({opcode, start, out.size() - start});
  };
  group(Opcode::kSchema, [&] { put_schemas(out); });
  group(Opcode::kChannel, [&] { put_channels(out); });
  group(Opcode::kStatistics, [&] {
    uint64_t messages = 0;
    for (const Channel& channel : channels_) messages += channel.messages;
    const size_t at = out.begin(Opcode::kStatistics);
    out.put(messages)
        .put(static_cast<uint16_t>(channels_.size()))
        .put(static_cast<uint32_t>(channels_.size()));
    out.put(uint32_t{0}).put(uint32_t{0}).put(static_cast<uint32_t>(chunks_.size()));
    out.put(chunks_.empty() ? 0 : first_time_).put(last_time_);
    out.put(static_cast<uint32_t>(channels_.size() * 10));
    for (size_t i = 0; i < channels_.size(); ++i)
      out.put(static_cast<uint16_t>(i + 1)).put(channels_[i].messages);
    out.end(at);
  });
  group(Opcode::kChunkIndex, [&] {
    for (const ChunkIndex& chunk : chunks_) {
      const size_t at = out.begin(Opcode::kChunkIndex);
      out.put(chunk.first_time).put(chunk.last_time).put(chunk.offset).put(chunk.length);
      out.put(static_cast<uint32_t>(chunk.index_offsets.size() * 10));
      for (const auto& [channel, offset] : chunk.index_offsets) out.put(channel).put(offset);
      out.put(chunk.index_length).text("zstd").put(chunk.compressed).put(chunk.uncompressed);
      out.end(at);
    }
  });
  const size_t offsets = out.size();
  for (const Group& each : groups) {
    begun = out.begin(Opcode::kSummaryOffset);
    out.put(static_cast<uint8_t>(each.opcode)).put(offset_ + each.start).put(uint64_t{each.length});
    out.end(begun);
  }
  begun = out.begin(Opcode::kFooter);
  out.put(offset_ + summary).put(offset_ + offsets);
  out.put(uint32_t{0});
  out.end(begun);
  // The checksum covers the footer's opcode and length too, so they must be written before it is computed.
  std::string finished = out.bytes();
  const uint32_t sum = mcap::crc(std::string_view(finished).substr(summary, finished.size() - summary - 4));
  for (size_t i = 0; i < 4; ++i) finished[finished.size() - 4 + i] = static_cast<char>(sum >> (8 * i));
  finished.append(mcap::kMagic);
  if (auto written = write(finished); !written) return written;
  const int fd = std::exchange(fd_, -1);
  if (::close(fd) != 0) return fail(fmt::format("Closing {} failed: {}.", path_, std::strerror(errno)));
  return {};
}

}  // namespace sweepscope::telemetry
