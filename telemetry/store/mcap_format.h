// The MCAP container format (mcap.dev/spec) as far as Sweepscope writes and reads it: opcodes, and
// little-endian primitives with bounds. No file access, no compression. Any thread.
//
//   file   = magic, Header, data section, DataEnd, summary section, summary offsets, Footer, magic
//   record = opcode (1 byte), length (8 bytes), that many bytes; fields may be added at the end of a record
//   data   = Schemas, Channels, then chunks, each followed by a MessageIndex for each channel in it
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace sweepscope::telemetry::mcap {

inline constexpr std::string_view kMagic{"\x89MCAP0\r\n", 8};
inline constexpr size_t kRecordHead = 9;  // opcode and length
inline constexpr size_t kFooterRecord = kRecordHead + 20;
inline constexpr uint64_t kMaxChunk = 256u << 20;  // uncompressed; a reader refuses larger ones
inline constexpr uint32_t kMaxText = 64u << 20;    // a string or a schema

enum class Opcode : uint8_t {
  kHeader = 0x01,
  kFooter,
  kSchema,
  kChannel,
  kMessage,
  kChunk,
  kMessageIndex,
  kChunkIndex,
  kAttachment,
  kAttachmentIndex,
  kStatistics,
  kMetadata,
  kMetadataIndex,
  kSummaryOffset,
  kDataEnd,
};

inline uint32_t crc(std::string_view bytes, uint32_t before = 0) {
  return static_cast<uint32_t>(
      crc32_z(before, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

// Appends fields. A record is begun, filled and ended; its length is filled in at the end.
class Out {
 public:
  template <class T>
  Out& put(T value) {
    for (size_t i = 0; i < sizeof(T); ++i)
      bytes_.push_back(static_cast<char>(static_cast<uint64_t>(value) >> (8 * i)));
    return *this;
  }
  Out& text(std::string_view s) {
    put(static_cast<uint32_t>(s.size()));
    bytes_.append(s);
    return *this;
  }
  Out& raw(std::string_view s) {
    bytes_.append(s);
    return *this;
  }
  size_t begin(Opcode opcode) {
    put(static_cast<uint8_t>(opcode)).put(uint64_t{0});
    return bytes_.size();
  }
  void end(size_t begun) {
    const uint64_t length = bytes_.size() - begun;
    for (size_t i = 0; i < 8; ++i) bytes_[begun - 8 + i] = static_cast<char>(length >> (8 * i));
  }
  const std::string& bytes() const { return bytes_; }
  size_t size() const { return bytes_.size(); }
  void clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

// Takes fields from the front. Past the end, fields are 0 and ok() is false; check it once, at the end.
class In {
 public:
  explicit In(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T get() {
    uint64_t value = 0;
    const std::string_view taken = raw(sizeof(T));
    for (size_t i = 0; i < taken.size(); ++i)
      value |= uint64_t{static_cast<unsigned char>(taken[i])} << (8 * i);
    return static_cast<T>(value);
  }
  std::string_view raw(uint64_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  std::string_view text() { return raw(get<uint32_t>()); }
  bool ok() const { return ok_; }
  bool empty() const { return bytes_.empty() || !ok_; }
  size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

struct Record {
  Opcode opcode;
  std::string_view content;
};

// Takes the next record; false at the end or if the record is cut off.
inline bool next_record(In& in, Record& record) {
  if (in.left() < kRecordHead) return false;
  record.opcode = static_cast<Opcode>(in.get<uint8_t>());
  record.content = in.raw(in.get<uint64_t>());
  return in.ok();
}

}  // namespace sweepscope::telemetry::mcap
