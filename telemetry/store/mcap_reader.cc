#include "telemetry/store/mcap_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>

#include "telemetry/store/mcap_format.h"

namespace sweepscope::telemetry {

using mcap::In;
using mcap::Opcode;
using mcap::Record;

namespace {

const char* file_type_text(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory, not a recording";
  if (S_ISFIFO(mode)) return "a pipe, not a recording; write it to a file first";
  return "not a file";
}

}  // namespace

McapReader::~McapReader() {
  if (!file_.empty()) ::munmap(const_cast<char*>(file_.data()), file_.size());
}

Result<> McapReader::open(const std::string& path) {
  path_ = path;
  // O_NONBLOCK: a pipe is opened without waiting for its other end, and refused below.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail(file_error("open", path, std::strerror(errno)));
  struct stat info {};
  const bool regular = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  const auto size = regular ? static_cast<size_t>(info.st_size) : 0;
  void* mapped =
      size >= mcap::kMagic.size() ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
  const int why = errno;
  ::close(fd);
  if (!regular) return fail(fmt::format("{} is {}.", path, file_type_text(info.st_mode)));
  if (size < mcap::kMagic.size())
    return fail(fmt::format("{} is not a recording: it has only {} bytes.", path, size));
  if (mapped == MAP_FAILED) return fail(file_error("read", path, std::strerror(why)));
  file_ = {static_cast<const char*>(mapped), size};
  if (!file_.starts_with(mcap::kMagic))
    return fail(fmt::format("{} is not a recording: it does not begin with the MCAP magic.", path));
  has_summary_ = read_summary(file_);
  if (!has_summary_) walk_records();
  return {};
}

void McapReader::take_channel(std::string_view content) {
  In in(content);
  const auto id = in.get<uint16_t>();
  in.get<uint16_t>();  // schema
  const std::string_view topic = in.text();
  if (in.ok() && topic.size() < 4096) channels_.try_emplace(std::string(topic), id);
}

void McapReader::list_channel(Chunk& chunk, uint16_t channel) {
  if (channel < kListedChannels) chunk.channels |= uint64_t{1} << channel;
}

bool McapReader::read_summary(std::string_view file) {
  const size_t tail = mcap::kFooterRecord + mcap::kMagic.size();
  if (file.size() < tail + mcap::kMagic.size() || !file.ends_with(mcap::kMagic)) return false;
  In footer(file.substr(file.size() - tail, mcap::kFooterRecord));
  Record record;
  if (!mcap::next_record(footer, record) || record.opcode != Opcode::kFooter || record.content.size() != 20)
    return false;
  In fields(record.content);
  const auto start = fields.get<uint64_t>();
  fields.get<uint64_t>();
  const auto sum = fields.get<uint32_t>();
  const size_t end = file.size() - tail;
  if (start == 0 || start < mcap::kMagic.size() || start > end) return false;
  const std::string_view covered = file.substr(start, end + mcap::kFooterRecord - 4 - start);
  if (sum != 0 && mcap::crc(covered) != sum) return false;

  std::vector<Chunk> chunks;
  In summary(file.substr(start, end - start));
  while (mcap::next_record(summary, record)) {
    if (record.opcode == Opcode::kChannel) take_channel(record.content);
    if (record.opcode == Opcode::kChunkIndex) {
      In index(record.content);
      index.get<uint64_t>();
      index.get<uint64_t>();
      const auto offset = index.get<uint64_t>();
      if (!index.ok() || offset >= start) return false;
      chunks.push_back({offset, 0});
      index.get<uint64_t>();
      In places(index.raw(index.get<uint32_t>()));
      while (!places.empty()) {
        list_channel(chunks.back(), places.get<uint16_t>());
        places.get<uint64_t>();
      }
    }
  }
  std::sort(chunks.begin(), chunks.end(), [](const Chunk& a, const Chunk& b) { return a.offset < b.offset; });
  chunks_ = std::move(chunks);
  return true;
}

void McapReader::walk_records() {
  channels_.clear();
  In in(file_.substr(mcap::kMagic.size()));
  while (true) {
    const uint64_t offset = file_.size() - in.left();
    Record record;
    if (!mcap::next_record(in, record)) {
      dropped_bytes_ = file_.size() - offset;
      return;
    }
    if (record.opcode == Opcode::kChannel) take_channel(record.content);
    if (record.opcode == Opcode::kChunk) chunks_.push_back({offset, 0});
    if (record.opcode == Opcode::kMessageIndex && !chunks_.empty()) {
      In index(record.content);
      list_channel(chunks_.back(), index.get<uint16_t>());
    }
    if (record.opcode == Opcode::kDataEnd) {
      const size_t end = end_of_summary(file_.size() - in.left());
      has_summary_ = end != 0 && read_summary(file_.substr(0, end));
      if (has_summary_) trailing_bytes_ = file_.size() - end;
      return;
    }
  }
}

// The end of the file whose summary begins there; 0: it is cut off.
size_t McapReader::end_of_summary(size_t begin) const {
  In in(file_.substr(begin));
  Record record;
  while (mcap::next_record(in, record)) {
    if (record.opcode != Opcode::kFooter) continue;
    return in.raw(mcap::kMagic.size()) == mcap::kMagic ? file_.size() - in.left() : 0;
  }
  return 0;
}

Result<std::vector<McapMessage>> McapReader::read_chunk(size_t index, std::string& bytes) const {
  const auto bad = [&](std::string_view what) {
    return fail(fmt::format("Chunk {} of {} at byte {} {}.", index, path_, chunks_[index].offset, what));
  };
  In in(file_.substr(chunks_[index].offset));
  Record record;
  if (!mcap::next_record(in, record) || record.opcode != Opcode::kChunk)
    return bad("is cut off or not a chunk");
  In fields(record.content);
  fields.get<uint64_t>();
  fields.get<uint64_t>();
  const auto size = fields.get<uint64_t>();
  const auto sum = fields.get<uint32_t>();
  const std::string_view compression = fields.text();
  const std::string_view packed = fields.raw(fields.get<uint64_t>());
  if (!fields.ok()) return bad("is shorter than its declared size");
  if (size > mcap::kMaxChunk) return bad("exceeds the size limit of a chunk");
  if (compression == "zstd") {
    if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != size)
      return bad("does not unpack to its declared size");
    bytes.resize(size);
    const size_t unpacked = ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size());
    if (ZSTD_isError(unpacked) || unpacked != size) return bad("cannot be unpacked");
  } else if (compression.empty() && packed.size() == size) {
    bytes = packed;
  } else {
    return bad("has an unsupported compression");
  }
  if (sum != 0 && mcap::crc(bytes) != sum) return bad("does not match its checksum");

  std::vector<McapMessage> messages;
  In inside{std::string_view(bytes)};
  while (mcap::next_record(inside, record)) {
    if (record.opcode != Opcode::kMessage) continue;
    In message(record.content);
    McapMessage each{};
    each.channel = message.get<uint16_t>();
    message.get<uint32_t>();
    each.log_time = message.get<uint64_t>();
    message.get<uint64_t>();
    if (!message.ok()) return bad("holds a message without a header");
    each.data = message.raw(message.left());
    messages.push_back(each);
  }
  return messages;
}

uint16_t McapReader::channel(std::string_view topic) const {
  const auto found = channels_.find(topic);
  return found == channels_.end() ? 0 : found->second;
}

}  // namespace sweepscope::telemetry
