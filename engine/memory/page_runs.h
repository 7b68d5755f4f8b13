// The page-run allocator: which pages are free, and which of them are known to be zero.
//
// Best fit: takes the low end of the shortest free run that is long enough, among equal ones the lowest. A
// freed run merges with free neighbours on both sides. allocate, free and add are O(log n) in the
// number of free runs (plus one bit operation for each 64 pages of the run itself). The heap calls everything
// under mheap.lock; no step points.
//
// Representation: flat arrays, indices instead of pointers, no malloc after create():
//   nodes_   a treap ordered by (pages, first). A node's priority is a hash of its index: there is no random
//            state, and equal histories give equal bytes, so the laboratory can copy and compare engine images.
//   tags_    a boundary tag for each page: index of the free run that begins or ends there, else 0. This
//            finds the neighbours in O(1); a second tree by address is not needed.
//   in_use_  a bit a page: allocated, or taken out by the scavenger. Catches double and foreign frees.
//   dirty_   a bit a page: may not be zero. Kept by page, not by run, so merging loses nothing. Of a page in use: as of
//            its allocation, until it is freed, so that its owner clears no page that is zero.
// A sorted vector would be simpler, but an insertion moves half of it: measured at 100,000 free runs, a free
// and an allocation cost 20 us with it and 0.2 us here. The arrays cover the largest possible heap; the
// kernel provides only what is touched: 4.3 bytes a page and 32 a free run.
//
// Scavenging: pages become known zero again when their memory goes back to the system. That system call takes too long
// for mheap.lock, so a piece of dirty pages is taken out of its run, decommitted without the lock, and put back;
// meanwhile it is neither free nor in use. A piece lies in one huge page (2 MiB): a huge page of which the run has all
// goes back whole, the kernel need not split it, and an allocation never waits for more than one short system
// call. The longest runs come first, since best fit uses them last, and in a run the high end, for the same reason.
// The cursor is the place in the tree's order where the next look begins: a pass visits each run once, whatever is
// freed and allocated in between, and a look visits kRunsPerLook runs at most.
//
// Equations, executed by is_valid():
//   added = free + in use + taken           free = sum of pages over runs, in use + taken = bits in in_use_
//   dirty free = sum of dirty over runs     a run's dirty = bits in dirty_ over its pages
//   no two runs touch                       tags are set at the ends of runs and nowhere else
//   runs in tree + recycled nodes = nodes ever taken <= (max_pages + 1) / 2
#pragma once

#include <compare>
#include <optional>
#include <string>

#include "engine/memory/os_array.h"
#include "engine/memory/size_class.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {

class PageRuns {
 public:
  struct Allocation {
    uint32_t first;   // page
    bool known_zero;  // all pages are fresh from the OS or were decommitted since their last use
  };
  struct Look {
    uint32_t first, pages;  // the piece that is taken out; 0 pages: none
    bool more;              // false: the pass is over
  };
  struct Range {
    uint32_t first, pages;
  };
  enum class Contents : uint8_t { kUnknown, kZero };
  static constexpr uint32_t kPiecePages = kPagesPerHugePage;

  // max_pages: > 0. Nothing, and a line in `error`, if there is no address space for the tables.
  static std::optional<PageRuns> create(uint32_t max_pages, std::string& error);

  PageRuns(PageRuns&&) = default;
  PageRuns& operator=(PageRuns&&) = default;

  // New pages, known to be zero. They must lie after all pages added before and below max_pages; otherwise
  // false, and nothing changes.
  [[nodiscard]] bool add(uint32_t first, uint32_t pages);

  // Nothing: no free run is long enough (or pages == 0); add() an arena and try again.
  [[nodiscard]] std::optional<Allocation> allocate(uint32_t pages);

  // The last stretch of pages in [from, end) that were dirty when they were allocated, of which it names the last `most`
  // (> 0) at most; 0 pages: none. The range is in use by the caller, who needs no lock: these bits do not change meanwhile.
  Range last_dirty(uint32_t from, uint32_t end, uint32_t most) const;

  // Any part of what was allocated. False, and nothing changes, if one of the pages is not in use: a double
  // free.
  [[nodiscard]] bool free(uint32_t first, uint32_t pages);

  // The next take_dirty() looks at the longest run first.
  void begin_pass() { cursor_ = {UINT32_MAX, UINT32_MAX}; }
  // Takes a piece of dirty free pages out. One at a time: after a piece, put_back() must come first.
  [[nodiscard]] Look take_dirty();
  void put_back(Contents contents);  // the piece is free again

  uint32_t largest() const;  // pages of the longest free run, 0 if none
  uint32_t runs() const { return runs_; }
  uint32_t free_pages() const { return free_pages_; }
  uint32_t dirty_free_pages() const { return dirty_free_pages_; }  // what scavenging could give back
  uint32_t in_use_pages() const { return in_use_pages_; }
  uint32_t taken_pages() const { return taken_.pages; }  // by take_dirty()

  bool is_valid() const;  // walks everything: for tests and verifiers

 private:
  using Index = uint32_t;  // of a node; 0 = none

  struct Node {
    uint32_t first;
    uint32_t pages;
    uint32_t dirty;  // pages of the run that may not be zero
    Index left;      // recycled node: the next one
    Index right;
  };
  static_assert(sizeof(Node) == 20, "no padding: equal images are equal bytes");
  struct Key {  // of the tree's order
    uint32_t pages, first;
    auto operator<=>(const Key&) const = default;
  };
  static constexpr int kRunsPerLook = 64;  // bounds the time under mheap.lock

  struct Walk;

  PageRuns() = default;

  static uint32_t priority(Index index);
  Key key(Index index) const { return {nodes_[index].pages, nodes_[index].first}; }
  bool less(Index a, Index b) const { return key(a) < key(b); }
  Index merge(Index low, Index high);
  void insert(Index index);
  void remove(Index index);
  Index best_fit(uint32_t pages) const;
  enum class Bound : uint8_t { kInclusive, kExclusive };
  Index last_before(Key bound, Bound kind) const;  // in the tree's order; 0: none

  void make_run(uint32_t first, uint32_t pages, uint32_t dirty);
  void recycle(Index index);
  void tag(Index index);
  void untag(Index index);
  Look take_from(Index index);
  bool is_valid(Index subtree, Walk& walk) const;

  OsArray<Node> nodes_;  // [0] is never used
  OsArray<Index> tags_;
  OsArray<uint64_t> in_use_;
  OsArray<uint64_t> dirty_;  // relaxed atomic words: one may hold bits of free pages and of pages in use
  uint32_t max_pages_ = 0;
  uint32_t end_ = 0;  // one past the last page added
  uint32_t added_pages_ = 0;
  uint32_t free_pages_ = 0;
  uint32_t dirty_free_pages_ = 0;
  uint32_t in_use_pages_ = 0;
  uint32_t runs_ = 0;
  Range taken_{};  // 0 pages: none
  Key cursor_{};   // of the pass: runs after it have been looked at
  Index root_ = 0;
  Index recycled_ = 0;
  Index nodes_taken_ = 0;
};

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
