// A hash of a state: 64 bits, every word well mixed. Two different states collide with a probability of
// 2^-64; in a search of 10 million states that is one collision in 400,000 searches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sweepscope::laboratory {

class Digest {
 public:
  void add(uint64_t value) {  // multiply, fold: wyhash's mixing (Wang Yi 2019)
    const auto product =
        static_cast<unsigned __int128>(state_ ^ value ^ 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    state_ =
        static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64) ^ (state_ << 1 | state_ >> 63);
  }
  void add_bytes(const void* data, size_t bytes) {
    const auto* at = static_cast<const unsigned char*>(data);
    for (; bytes >= 8; at += 8, bytes -= 8) {
      uint64_t word;
      std::memcpy(&word, at, 8);
      add(word);
    }
    for (; bytes > 0; ++at, --bytes) add(*at);
  }
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0x2545F4914F6CDD1Du;
};

}  // namespace sweepscope::laboratory
