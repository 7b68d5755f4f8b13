// Base-128 varints and zigzag, as protobuf defines them. For telemetry/wire only; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sweepscope::telemetry::wire {

inline constexpr size_t kMaxVarint = 10;  // bytes of a 64-bit varint

// Byte: char, or char8_t where the compiler may assume that the write aliases nothing else (char aliases
// every type).
template <class Byte>
inline Byte* put_varint(Byte* at, uint64_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<Byte>(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  *at++ = static_cast<Byte>(static_cast<uint8_t>(value));
  return at;
}

inline void append_varint(std::string& out, uint64_t value) {
  char bytes[kMaxVarint];
  out.append(bytes, static_cast<size_t>(put_varint(bytes, value) - bytes));
}

constexpr uint32_t zigzag(uint32_t v) { return (v << 1) ^ (0u - (v >> 31)); }
constexpr uint64_t zigzag(uint64_t v) { return (v << 1) ^ (0u - (v >> 63)); }
constexpr uint32_t unzigzag(uint32_t v) { return (v >> 1) ^ (0u - (v & 1)); }
constexpr uint64_t unzigzag(uint64_t v) { return (v >> 1) ^ (0ull - (v & 1)); }

// Protobuf wire types.
enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

inline void append_tag(std::string& out, uint32_t field, WireType type) {
  append_varint(out, field << 3 | static_cast<uint32_t>(type));
}

// Walks the fields of one message of untrusted bytes. Rejects groups (wire types 3 and 4): proto3 has none.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Moves to the next field; false at the end, or at an error (see ok()).
  bool next() {
    if (at_ == end_ || !ok_) return false;
    const uint64_t tag = varint();
    field_ = static_cast<uint32_t>(tag >> 3);
    type_ = static_cast<WireType>(tag & 7);
    if (!ok_ || tag >> 32 != 0 || field_ == 0) return ok_ = false;
    switch (type_) {
      case WireType::kVarint: number_ = varint(); return ok_;
      case WireType::kFixed64: return skip(8);
      case WireType::kFixed32: return skip(4);
      case WireType::kBytes: {
        const uint64_t length = varint();
        if (!ok_ || length > static_cast<uint64_t>(end_ - at_)) return ok_ = false;
        bytes_ = {at_, static_cast<size_t>(length)};
        at_ += length;
        return true;
      }
    }
    return ok_ = false;
  }

  bool ok() const { return ok_; }
  uint32_t field() const { return field_; }
  bool is(uint32_t field, WireType type) const { return field_ == field && type_ == type; }
  WireType type() const { return type_; }
  uint64_t number() const { return number_; }        // of a kVarint field
  std::string_view bytes() const { return bytes_; }  // of a kBytes field; points into the input

 private:
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70 && at_ != end_; shift += 7) {
      const uint8_t byte = static_cast<uint8_t>(*at_++);
      if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  bool skip(size_t bytes) {
    if (static_cast<size_t>(end_ - at_) < bytes) return ok_ = false;
    at_ += bytes;
    return true;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
  uint32_t field_ = 0;
  WireType type_{};
  uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace sweepscope::telemetry::wire
