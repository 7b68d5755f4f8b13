#include "engine/memory/page_runs.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

constexpr uint32_t kWordBits = 64;

// Calls f(word index, mask) for each word that the bits [first, first + count) touch; stops when it returns
// false.
template <class F>
bool for_each_word(uint32_t first, uint32_t count, F f) {
  while (count > 0) {
    const uint32_t offset = first % kWordBits;
    const uint32_t here = std::min(count, kWordBits - offset);
    const uint64_t ones = here == kWordBits ? ~uint64_t{0} : (uint64_t{1} << here) - 1;
    if (!f(first / kWordBits, ones << offset)) return false;
    first += here;
    count -= here;
  }
  return true;
}

// The owner of pages in use reads their dirty bits while another thread, under mheap.lock, changes those of its
// neighbours in the same word. relaxed: its own bits are as old as its allocation. Only the lock's holder writes, so
// changes need no read-modify-write.
uint64_t word_at(const OsArray<uint64_t>& bits, uint32_t word) {
  return std::atomic_ref(bits[word]).load(std::memory_order_relaxed);
}
void put_word(const OsArray<uint64_t>& bits, uint32_t word, uint64_t value) {
  std::atomic_ref(bits[word]).store(value, std::memory_order_relaxed);  // relaxed: see word_at
}

void set_bits(const OsArray<uint64_t>& bits, uint32_t first, uint32_t count) {
  for_each_word(first, count, [&](uint32_t word, uint64_t mask) {
    put_word(bits, word, word_at(bits, word) | mask);
    return true;
  });
}

void clear_bits(const OsArray<uint64_t>& bits, uint32_t first, uint32_t count) {
  for_each_word(first, count, [&](uint32_t word, uint64_t mask) {
    put_word(bits, word, word_at(bits, word) & ~mask);
    return true;
  });
}

bool all_set(const OsArray<uint64_t>& bits, uint32_t first, uint32_t count) {
  return for_each_word(first, count,
                       [&](uint32_t word, uint64_t mask) { return (bits[word] & mask) == mask; });
}

uint32_t count_bits(const OsArray<uint64_t>& bits, uint32_t first, uint32_t count) {
  uint32_t sum = 0;
  for_each_word(first, count, [&](uint32_t word, uint64_t mask) {
    sum += static_cast<uint32_t>(std::popcount(bits[word] & mask));
    return true;
  });
  return sum;
}

// One past the last index in [from, end) whose bit equals `value`, or `from`.
uint32_t end_of_last_bit(const OsArray<uint64_t>& bits, uint32_t from, uint32_t end, bool value) {
  while (end > from) {
    const uint32_t last = end - 1;
    const uint64_t bit = word_at(bits, last / kWordBits);
    const uint64_t word = (value ? bit : ~bit) << (kWordBits - 1 - last % kWordBits);
    if (word != 0) return std::max(from, end - static_cast<uint32_t>(std::countl_zero(word)));
    end = last / kWordBits * kWordBits;
  }
  return from;
}

}  // namespace

std::optional<PageRuns> PageRuns::create(uint32_t max_pages, std::string& error) {
  if (max_pages == 0 || max_pages > uint32_t{1} << 31) {
    error = "the number of pages must be 1 to 2^31, not " + std::to_string(max_pages);
    return std::nullopt;
  }
  PageRuns result;
  result.max_pages_ = max_pages;
  // Two free runs never touch: there is a used page or a gap between any two. Node 0 means none.
  result.nodes_ = OsArray<Node>((size_t{max_pages} + 1) / 2 + 1);
  result.tags_ = OsArray<Index>(max_pages);
  const size_t words = (size_t{max_pages} + kWordBits - 1) / kWordBits;
  result.in_use_ = OsArray<uint64_t>(words);
  result.dirty_ = OsArray<uint64_t>(words);
  for (const int code :
       {result.nodes_.error(), result.tags_.error(), result.in_use_.error(), result.dirty_.error()}) {
    if (code == 0) continue;
    error = "cannot reserve address space for the table of free pages: " + describe_errno(code);
    return std::nullopt;
  }
  return result;
}

bool PageRuns::add(uint32_t first, uint32_t pages) {
  if (pages == 0 || first < end_ || first >= max_pages_ || pages > max_pages_ - first) return false;
  end_ = first + pages;
  added_pages_ += pages;
  make_run(first, pages, 0);
  return true;
}

std::optional<PageRuns::Allocation> PageRuns::allocate(uint32_t pages) {
  if (pages == 0) return std::nullopt;
  const Index index = best_fit(pages);
  if (index == 0) return std::nullopt;

  Node& node = nodes_[index];
  const uint32_t first = node.first;
  const uint32_t rest = node.pages - pages;
  const uint32_t dirty = node.dirty == 0 ? 0 : count_bits(dirty_, first, pages);
  untag(index);
  // If it stays the best fit for `pages`, it keeps its place: the runs before it are shorter than `pages`,
  // the runs after it are not shorter than it was. So allocations from a fresh arena never change the tree.
  const bool keeps_its_place = rest >= pages;
  if (!keeps_its_place) remove(index);
  node.first += pages;
  node.pages = rest;
  node.dirty -= dirty;
  if (rest == 0) {
    recycle(index);
  } else {
    if (!keeps_its_place) insert(index);
    tag(index);
  }

  free_pages_ -= pages;
  dirty_free_pages_ -= dirty;
  in_use_pages_ += pages;
  set_bits(in_use_, first, pages);
  return Allocation{first, dirty == 0};
}

PageRuns::Range PageRuns::last_dirty(uint32_t from, uint32_t end, uint32_t most) const {
  end = end_of_last_bit(dirty_, from, end, true);
  const uint32_t lowest = end - from > most ? end - most : from;
  const uint32_t first = end_of_last_bit(dirty_, lowest, end, false);
  return {first, end - first};
}

bool PageRuns::free(uint32_t first, uint32_t pages) {
  if (pages == 0 || first >= end_ || pages > end_ - first || !all_set(in_use_, first, pages)) return false;
  if (first < taken_.first + taken_.pages && taken_.first < first + pages) return false;
  clear_bits(in_use_, first, pages);
  set_bits(dirty_, first, pages);
  in_use_pages_ -= pages;
  make_run(first, pages, pages);
  return true;
}

// From the cursor itself on: a run that got its piece back has its old place and may have more dirty pages.
PageRuns::Look PageRuns::take_dirty() {
  if (taken_.pages != 0) return {0, 0, false};
  Index index = last_before(cursor_, Bound::kInclusive);
  for (int looked = 0; looked < kRunsPerLook; ++looked) {
    if (index == 0) return {0, 0, false};
    cursor_ = key(index);
    if (nodes_[index].dirty > 0) return take_from(index);
    index = last_before(cursor_, Bound::kExclusive);
  }
  if (index == 0) return {0, 0, false};
  cursor_ = key(index);
  return {0, 0, true};
}

// The last dirty pages of the run, as many as lie in one huge page. What is on both sides stays free.
PageRuns::Look PageRuns::take_from(Index index) {
  const Node run = nodes_[index];
  const uint32_t run_end = run.first + run.pages;
  const uint32_t end = end_of_last_bit(dirty_, run.first, run_end, true);
  const uint32_t border = std::max(run.first, (end - 1) / kPiecePages * kPiecePages);
  taken_ = last_dirty(border, end, end - border);
  const uint32_t first = taken_.first;

  remove(index);
  untag(index);
  recycle(index);
  free_pages_ -= run.pages;
  dirty_free_pages_ -= run.dirty;
  set_bits(in_use_, first, taken_.pages);
  if (first > run.first) make_run(run.first, first - run.first, run.dirty - taken_.pages);
  if (end < run_end) make_run(end, run_end - end, 0);
  return {first, taken_.pages, true};
}

void PageRuns::put_back(Contents contents) {
  const Range piece = std::exchange(taken_, Range{});
  if (piece.pages == 0) return;
  clear_bits(in_use_, piece.first, piece.pages);
  if (contents == Contents::kZero) clear_bits(dirty_, piece.first, piece.pages);
  make_run(piece.first, piece.pages, contents == Contents::kZero ? 0 : piece.pages);
}

uint32_t PageRuns::largest() const {
  Index index = root_;
  while (nodes_[index].right != 0) index = nodes_[index].right;
  return nodes_[index].pages;  // node 0 is all zero
}

// Makes [first, first + pages) free, merged with its free neighbours, and updates the counts of free pages.
void PageRuns::make_run(uint32_t first, uint32_t pages, uint32_t dirty) {
  free_pages_ += pages;
  dirty_free_pages_ += dirty;
  // The tag before `first` can only be that of a run's last page, the tag after the range that of a run's
  // first page.
  const Index low = first > 0 ? tags_[first - 1] : 0;
  const Index high = first + pages < end_ ? tags_[first + pages] : 0;
  for (const Index neighbour : {low, high}) {
    if (neighbour == 0) continue;
    const Node& node = nodes_[neighbour];
    first = std::min(first, node.first);
    pages += node.pages;
    dirty += node.dirty;
    remove(neighbour);
    untag(neighbour);
    recycle(neighbour);
  }
  Index index = recycled_;
  if (index != 0)
    recycled_ = nodes_[index].left;
  else
    index = ++nodes_taken_;
  nodes_[index] = Node{first, pages, dirty, 0, 0};
  ++runs_;
  insert(index);
  tag(index);
}

// Keeps the node of a removed run for the next one.
void PageRuns::recycle(Index index) {
  nodes_[index] = Node{};
  nodes_[index].left = recycled_;
  recycled_ = index;
  --runs_;
}

void PageRuns::tag(Index index) {
  const Node& node = nodes_[index];
  tags_[node.first] = index;
  tags_[node.first + node.pages - 1] = index;
}

void PageRuns::untag(Index index) {
  const Node& node = nodes_[index];
  tags_[node.first] = 0;
  tags_[node.first + node.pages - 1] = 0;
}

// A bijection that scatters indices (a multiplication by an odd number and two xor-shifts): priorities are
// distinct and independent of lengths and addresses, so the expected depth is that of a random tree.
uint32_t PageRuns::priority(Index index) {
  uint32_t x = index * 0x9E3779B1u;
  x ^= x >> 15;
  x *= 0x85EBCA77u;
  return x ^ x >> 13;
}

void PageRuns::insert(Index index) {
  const uint32_t own = priority(index);
  Index* link = &root_;
  while (*link != 0 && priority(*link) > own)
    link = less(index, *link) ? &nodes_[*link].left : &nodes_[*link].right;
  // Split this subtree into the nodes before the new node and those after it.
  Index rest = *link;
  *link = index;
  Index* low = &nodes_[index].left;
  Index* high = &nodes_[index].right;
  while (rest != 0) {
    if (less(rest, index)) {
      *low = rest;
      low = &nodes_[rest].right;
      rest = *low;
    } else {
      *high = rest;
      high = &nodes_[rest].left;
      rest = *high;
    }
  }
  *low = 0;
  *high = 0;
}

void PageRuns::remove(Index index) {
  Index* link = &root_;
  while (*link != index) link = less(index, *link) ? &nodes_[*link].left : &nodes_[*link].right;
  *link = merge(nodes_[index].left, nodes_[index].right);
}

// Merges two trees; all nodes of `low` come before all nodes of `high`.
PageRuns::Index PageRuns::merge(Index low, Index high) {
  Index result = 0;
  Index* link = &result;
  while (low != 0 && high != 0) {
    if (priority(low) > priority(high)) {
      *link = low;
      link = &nodes_[low].right;
      low = *link;
    } else {
      *link = high;
      link = &nodes_[high].left;
      high = *link;
    }
  }
  *link = low != 0 ? low : high;
  return result;
}

PageRuns::Index PageRuns::best_fit(uint32_t pages) const {
  Index best = 0;
  for (Index index = root_; index != 0;) {
    if (nodes_[index].pages >= pages) {
      best = index;
      index = nodes_[index].left;
    } else {
      index = nodes_[index].right;
    }
  }
  return best;
}

PageRuns::Index PageRuns::last_before(Key bound, Bound kind) const {
  Index best = 0;
  for (Index at = root_; at != 0;) {
    if (key(at) < bound || (kind == Bound::kInclusive && key(at) == bound)) {
      best = at;
      at = nodes_[at].right;
    } else {
      at = nodes_[at].left;
    }
  }
  return best;
}

struct PageRuns::Walk {
  uint64_t pages = 0;
  uint64_t dirty = 0;
  uint32_t runs = 0;
  Index last = 0;
};

bool PageRuns::is_valid() const {
  Walk walk;
  if (!is_valid(root_, walk)) return false;
  uint32_t recycled = 0;
  for (Index index = recycled_; index != 0 && recycled <= nodes_taken_; index = nodes_[index].left)
    ++recycled;
  uint32_t tagged = 0;
  for (uint32_t page = 0; page < end_; ++page) {
    const Index index = tags_[page];
    if (index == 0) continue;
    const Node& node = nodes_[index];
    if (index > nodes_taken_ || (page != node.first && page != node.first + node.pages - 1)) return false;
    tagged += node.pages == 1 ? 2 : 1;
  }
  return added_pages_ == free_pages_ + in_use_pages_ + taken_.pages && free_pages_ == walk.pages &&
         in_use_pages_ + taken_.pages == count_bits(in_use_, 0, end_) && dirty_free_pages_ == walk.dirty &&
         runs_ == walk.runs && tagged == 2 * runs_ && runs_ + recycled == nodes_taken_ &&
         nodes_taken_ <= (max_pages_ + 1) / 2;
}

// In order, so that `walk.last` is the previous run; recurses as deep as the tree.
bool PageRuns::is_valid(Index subtree, Walk& walk) const {
  if (subtree == 0) return true;
  const Node& node = nodes_[subtree];
  for (const Index child : {node.left, node.right})
    if (child != 0 && priority(child) >= priority(subtree)) return false;
  if (!is_valid(node.left, walk)) return false;

  if (walk.last != 0 && !less(walk.last, subtree)) return false;
  walk.last = subtree;
  const uint32_t end = node.first + node.pages;
  if (node.pages == 0 || end > end_ || tags_[node.first] != subtree || tags_[end - 1] != subtree)
    return false;
  if ((node.first > 0 && tags_[node.first - 1] != 0) || (end < end_ && tags_[end] != 0)) return false;
  if (count_bits(in_use_, node.first, node.pages) != 0) return false;
  if (count_bits(dirty_, node.first, node.pages) != node.dirty) return false;
  walk.pages += node.pages;
  walk.dirty += node.dirty;
  ++walk.runs;
  return is_valid(node.right, walk);
}

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD
