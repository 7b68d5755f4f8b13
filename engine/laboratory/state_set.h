// A set of 64-bit hashes: open addressing, linear probing, at most two thirds full; 12 bytes a member on
// average.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sweepscope::laboratory {

class StateSet {
 public:
  StateSet() : table_(1 << 16, 0) {}

  bool insert(uint64_t hash) {  // false: it was there
    if (hash == 0) hash = 1;    // 0 marks a free place
    if (3 * (size_ + 1) > 2 * table_.size()) grow();
    uint64_t& place = table_[place_of(table_, hash)];
    if (place == hash) return false;
    place = hash;
    ++size_;
    return true;
  }
  bool contains(uint64_t hash) const {
    if (hash == 0) hash = 1;
    return table_[place_of(table_, hash)] == hash;
  }
  size_t size() const { return size_; }
  template <class F>
  void for_each(F visit) const {
    for (uint64_t hash : table_)
      if (hash != 0) visit(hash);
  }

 private:
  static size_t place_of(const std::vector<uint64_t>& table, uint64_t hash) {
    size_t at = hash & (table.size() - 1);
    while (table[at] != 0 && table[at] != hash) at = (at + 1) & (table.size() - 1);
    return at;
  }
  void grow() {
    std::vector<uint64_t> larger(2 * table_.size(), 0);
    for (uint64_t hash : table_)
      if (hash != 0) larger[place_of(larger, hash)] = hash;
    table_.swap(larger);
  }

  std::vector<uint64_t> table_;
  size_t size_ = 0;
};

}  // namespace sweepscope::laboratory
