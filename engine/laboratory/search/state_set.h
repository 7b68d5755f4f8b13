// A set of 64-bit hashes: open addressing, linear probing, between a third and two thirds full, so 12 to 24
// bytes a member.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace sweepscope::laboratory {

// An allocator for tables with random access: on huge pages if available, because each look-up would miss the
// TLB.
template <class T>
struct HugePages {
  using value_type = T;
  HugePages() = default;
  template <class U>
  explicit HugePages(const HugePages<U>&) {}

  T* allocate(size_t n) {
    void* const space =
        mmap(nullptr, n * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (space == MAP_FAILED) throw std::bad_alloc();
    (void)madvise(space, n * sizeof(T), MADV_HUGEPAGE);  // only advice
    return static_cast<T*>(space);
  }
  void deallocate(T* space, size_t n) { munmap(space, n * sizeof(T)); }
  friend bool operator==(const HugePages&, const HugePages&) { return true; }
};

class StateSet {
 public:
  StateSet() : table_(1 << 16, 0) {}

  bool insert(uint64_t hash) {  // false: already present
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
  using Table = std::vector<uint64_t, HugePages<uint64_t>>;

  static size_t place_of(const Table& table, uint64_t hash) {
    size_t at = hash & (table.size() - 1);
    while (table[at] != 0 && table[at] != hash) at = (at + 1) & (table.size() - 1);
    return at;
  }
  void grow() {
    Table larger(2 * table_.size(), 0);
    for (uint64_t hash : table_)
      if (hash != 0) larger[place_of(larger, hash)] = hash;
    table_.swap(larger);
  }

  Table table_;
  size_t size_ = 0;
};

}  // namespace sweepscope::laboratory
