// The words that one step reads and writes: the word it names, those that the code up to the next step point
// reads with peek(), and those that its predicate reads. Two steps whose footprints do not conflict commute:
// either order leads to the same state. Plain data is not listed, because listed words guard it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/step.h"

namespace sweepscope::laboratory {

class Footprint {
 public:
  void clear() {
    entries_.clear();
    sorted_ = true;
  }
  void add(engine::Word word, uint32_t object, bool write) {
    entries_.push_back((static_cast<uint64_t>(word) << 33) | (static_cast<uint64_t>(object) << 1) |
                       (write ? 1 : 0));
    sorted_ = false;
  }
  void add(const Footprint& other) {
    entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
    sorted_ = false;
  }
  bool conflicts(Footprint& other) {
    sort();
    other.sort();
    for (size_t i = 0, j = 0; i < entries_.size() && j < other.entries_.size();) {
      const uint64_t a = entries_[i] >> 1, b = other.entries_[j] >> 1;
      if (a < b) {
        ++i;
      } else if (b < a) {
        ++j;
      } else {  // same word: sorted, so a write is the last entry of it
        bool write = false;
        for (; i < entries_.size() && entries_[i] >> 1 == a; ++i) write |= (entries_[i] & 1) != 0;
        for (; j < other.entries_.size() && other.entries_[j] >> 1 == a; ++j)
          write |= (other.entries_[j] & 1) != 0;
        if (write) return true;
      }
    }
    return false;
  }

 private:
  void sort() {
    if (sorted_) return;
    std::sort(entries_.begin(), entries_.end());
    entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
    sorted_ = true;
  }

  std::vector<uint64_t> entries_;  // word, object, and whether it is written in the lowest bit
  bool sorted_ = true;
};

}  // namespace sweepscope::laboratory
