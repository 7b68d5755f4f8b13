// Heap objects of random shapes, whose payload derives from an id: a test that remembers the id can tell
// whether the object is still the one it made.
//
//   | refs leading references | payload words: word_of(id, i) ... | payload bytes up to the size |
//
// Payloads never change. Of an object beyond kWholePayload bytes only a sample of the words has a pattern: a random
// program makes millions of objects.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/engine.h"

namespace sweepscope::engine {

struct Shape {
  size_t bytes = 0;
  uint32_t refs = 0;
};

// Every size class, tiny objects, large ones; without references, with a few, and references only.
class ShapeSource {
 public:
  Shape next(Random& random) {
    const uint32_t dice = random.below(10'000);
    const size_t bytes = size(random, dice);
    const auto words = static_cast<uint32_t>(bytes / 8);
    if (words == 0 || random.below(10) < 4) return {bytes, 0};
    // Long arrays of references are rare: each reference is remembered one by one.
    if (random.below(20) == 0 && (words <= 256 || random.below(20) == 0)) return {bytes, words};
    return {bytes, random.below(std::min(words, 8u) + 1)};
  }

 private:
  size_t size(Random& random, uint32_t dice) const {
    if (dice < 1500) return 1 + random.below(15);
    if (dice < 7000) return 1 + random.below(128);
    if (dice < 9500) return 1 + random.below(1024);
    if (dice < 9700) return 1 + random.below(8192);
    if (dice < 9994) {  // the last bytes of a size class, or all of it
      const uint32_t of_class = classes_[random.below(static_cast<uint32_t>(classes_.size()))];
      return of_class - random.below(std::min(of_class, 8u));
    }
    if (dice < 9999) return 32'769 + random.below(150'000);
    return (1u << 20) + random.below(1u << 21);  // cleared in several pieces
  }

  std::vector<uint32_t> classes_ = small_sizes();
};

// What a program remembers of an object.
struct RememberedObject {
  std::byte* at = nullptr;
  uint64_t id = 0;
  size_t bytes = 0;
  uint32_t refs = 0;

  Ref<std::byte>* references() const { return reinterpret_cast<Ref<std::byte>*>(at); }
};

namespace shadow {

inline constexpr size_t kWholePayload = 2048;  // bytes

inline uint64_t word_of(uint64_t id, size_t word) {
  return id * 0x9E3779B97F4A7C15u ^ (word + 1) * 0xC2B2AE3D27D4EB4Fu;
}
inline std::byte byte_of(uint64_t id, size_t i) {
  return static_cast<std::byte>(((id * 0x9E3779B97F4A7C15u) >> 32) + i * 37);
}

// A tiny object may lie at any address.
inline uint64_t word_at(const RememberedObject& object, size_t word) {
  uint64_t value;
  std::memcpy(&value, object.at + 8 * word, 8);
  return value;
}

// Calls visit(word) for the words that have a pattern.
template <class F>
void for_each_word(const RememberedObject& object, F visit) {
  const size_t words = object.bytes / 8, first = object.refs;
  if (object.bytes <= kWholePayload) {
    for (size_t word = first; word < words; ++word) visit(word);
    return;
  }
  for (size_t word = first; word < std::min(first + 16, words); ++word) visit(word);
  for (size_t word = first + 16; word < words; word += 61) visit(word);
  if (first < words) visit(words - 1);
}

}  // namespace shadow

inline void write_payload(const RememberedObject& object) {
  shadow::for_each_word(object, [&](size_t word) {
    const uint64_t value = shadow::word_of(object.id, word);
    std::memcpy(object.at + 8 * word, &value, 8);
  });
  for (size_t i = object.bytes / 8 * 8; i < object.bytes; ++i) object.at[i] = shadow::byte_of(object.id, i);
}

inline bool payload_intact(const RememberedObject& object) {
  uint64_t difference = 0;
  shadow::for_each_word(object, [&](size_t word) {
    difference |= shadow::word_at(object, word) ^ shadow::word_of(object.id, word);
  });
  for (size_t i = object.bytes / 8 * 8; i < object.bytes; ++i)
    difference |= static_cast<uint64_t>(object.at[i] ^ shadow::byte_of(object.id, i));
  return difference == 0;
}

inline bool all_zero(const RememberedObject& object) {
  uint64_t seen = 0;
  for (size_t word = 0; word < object.bytes / 8; ++word) seen |= shadow::word_at(object, word);
  for (size_t i = object.bytes / 8 * 8; i < object.bytes; ++i) seen |= static_cast<uint64_t>(object.at[i]);
  return seen == 0;
}

inline std::string describe(const RememberedObject& object) {
  return "object " + std::to_string(object.id) + " of " + std::to_string(object.bytes) + " bytes with " +
         std::to_string(object.refs) + " references at " +
         std::to_string(reinterpret_cast<uintptr_t>(object.at));
}

}  // namespace sweepscope::engine
